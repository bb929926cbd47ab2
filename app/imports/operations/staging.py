"""A file is put aside and looked at, as often as needed; nothing of it is a member yet."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, TooMany
from app.imports.archives import Opened
from app.imports.models import ImportUpload

LASTS = timedelta(hours=24)
MOST_WAITING = 10


def stage(uploader_id: int, file: Opened) -> int:
    """Keeps the file for a day; the same one again is the one of before. Its id.

    Raises TooMany when ten files of this member wait already.
    """
    digest = hashlib.sha256(b"\0".join([file.kind.encode(), file.content, file.archive or b""])).hexdigest()
    mine = select(ImportUpload).where(ImportUpload.uploader_id == uploader_id)
    before = db.session.scalar(mine.where(ImportUpload.sha256 == digest))
    if before:
        before.name, before.expires_at = file.name, now() + LASTS
        return before.id
    waiting = select(ImportUpload.id).where(ImportUpload.uploader_id == uploader_id).limit(MOST_WAITING)
    if len(db.session.scalars(waiting).all()) >= MOST_WAITING:
        raise TooMany(_("Ten files wait already. Take one in, or put some away."), 60)
    upload = ImportUpload(
        uploader_id=uploader_id,
        name=file.name,
        kind=file.kind,
        content=file.content,
        archive=file.archive,
        sha256=digest,
        expires_at=now() + LASTS,
    )
    try:
        with db.session.begin_nested():
            db.session.add(upload)
    except IntegrityError as error:
        raise Conflict(_("This file arrives in another window just now. Please look again.")) from error
    return upload.id


def choose_numbers(upload_id: int, uploader_id: int, moves_numbers: bool) -> bool:
    """Who keeps a number that a member and a row of the file both have; whether there is such a file."""
    mine = (ImportUpload.id == upload_id, ImportUpload.uploader_id == uploader_id)
    chosen = update(ImportUpload).where(*mine).values(moves_numbers=moves_numbers).returning(ImportUpload.id)
    return db.session.scalar(chosen) is not None


def discard(upload_id: int, uploader_id: int) -> bool:
    """Puts a file away; whether there was one."""
    mine = (ImportUpload.id == upload_id, ImportUpload.uploader_id == uploader_id)
    return db.session.scalar(delete(ImportUpload).where(*mine).returning(ImportUpload.id)) is not None


def purge_uploads() -> int:
    """Takes away the files that nobody took in within a day; returns how many. Commits."""
    old = delete(ImportUpload).where(ImportUpload.expires_at <= now()).returning(ImportUpload.id)
    count = len(db.session.scalars(old).all())
    db.session.commit()
    return count
