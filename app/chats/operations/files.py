"""Files of messages: pictures made anew with a preview, everything else kept as it came and only ever downloaded."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import puremagic
from flask_babel import gettext as _
from flask_babel import ngettext
from PIL import Image
from sqlalchemy import delete, select
from werkzeug.datastructures import FileStorage

from app.chats.models import LONGEST_BODY, Attachment, Message
from app.core import files
from app.core.db import db
from app.core.errors import DomainError
from app.core.images import SNIFFED, fitted
from app.core.models import StoredFile
from app.core.text import clean, printable

MOST_FILES = 5
MOST_BYTES = 5 * 1024 * 1024
LONGEST_NAME = 120
PICTURE_SIDE = 1600
PREVIEW_WIDTH, PREVIEW_HEIGHT = 520, 400
PICTURE_TYPE = "image/webp"
# What a download may be called; everything else is just bytes to a browser.
KNOWN_TYPES = {
    "application/pdf", "application/zip", "text/plain", "text/csv", "audio/mpeg", "video/mp4",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
}  # fmt: skip
BYTES = "application/octet-stream"


@dataclass(frozen=True)
class Prepared:
    """A file that can be stored; `preview` is empty for what is no picture, else of `width` × `height`."""

    name: str
    media_type: str
    data: bytes
    preview: bytes = b""
    width: int = 0
    height: int = 0


def prepare(uploads: Iterable[FileStorage]) -> list[Prepared]:
    """The slow part, to be done before a transaction begins. Raises DomainError at "files" for what is refused."""
    chosen = [upload for upload in uploads if upload.filename]
    if len(chosen) > MOST_FILES:
        text = ngettext("At most %(num)d file at a time.", "At most %(num)d files at a time.", MOST_FILES)
        raise DomainError(text, "files")
    return [_prepared(_name_of(upload), upload.read(MOST_BYTES + 1)) for upload in chosen]


def require_sendable(body: str, prepared: Sequence[Prepared]) -> None:
    if not body and not prepared:
        raise DomainError(_("Write something first."), "body")
    if len(body) > LONGEST_BODY:
        raise DomainError(_("At most %(max)d characters, please.", max=LONGEST_BODY), "body")


def attach(message: Message, prepared: Sequence[Prepared]) -> None:
    owner_id = message.sender_id or 0
    for position, each in enumerate(prepared):
        file = files.store(each.data, owner_id=owner_id, name=each.name, media_type=each.media_type)
        preview_id = None
        if each.preview:
            preview = files.store(each.preview, owner_id=owner_id, name=each.name, media_type=PICTURE_TYPE)
            preview_id = preview.id
        db.session.add(
            Attachment(
                message_id=message.id,
                position=position,
                file_id=file.id,
                preview_id=preview_id,
                width=each.width,
                height=each.height,
            )
        )
    db.session.flush()


def holds(message_id: int, prepared: Sequence[Prepared]) -> bool:
    """Whether all of these came with the message; of a picture, as it is kept."""
    if not prepared:
        return True
    kept = select(StoredFile.sha256).join(Attachment, Attachment.file_id == StoredFile.id)
    known = set(db.session.scalars(kept.where(Attachment.message_id == message_id)))
    return all(hashlib.sha256(each.data).hexdigest() in known for each in prepared)


def revoke(message_id: int) -> None:
    """The files of a message are nobody's any more; their content goes with the next sweep."""
    mine = select(Attachment.file_id, Attachment.preview_id).where(Attachment.message_id == message_id)
    ids = [file_id for row in db.session.execute(mine) for file_id in row if file_id is not None]
    db.session.execute(delete(Attachment).where(Attachment.message_id == message_id))
    db.session.execute(delete(StoredFile).where(StoredFile.id.in_(ids)))


def _prepared(name: str, data: bytes) -> Prepared:
    if not data:
        raise DomainError(_("The file %(name)s is empty.", name=name), "files")
    if len(data) > MOST_BYTES:
        raise DomainError(_("The file %(name)s is larger than 5 MB.", name=name), "files")
    media_type = _sniffed(data)
    if media_type not in SNIFFED:
        return Prepared(name, media_type if media_type in KNOWN_TYPES else BYTES, data)
    picture = fitted(data, PICTURE_SIDE, PICTURE_SIDE)
    preview = fitted(picture, PREVIEW_WIDTH, PREVIEW_HEIGHT)
    with Image.open(io.BytesIO(preview)) as drawn:
        width, height = drawn.size
    return Prepared(f"{PurePath(name).stem}.webp", PICTURE_TYPE, picture, preview, width, height)


def _name_of(upload: FileStorage) -> str:
    """The last part of what the browser calls it, as one line."""
    last = re.split(r"[/\\]", upload.filename or "")[-1]
    name = clean(printable(last)).strip(". ")
    path = PurePath(name or "file")
    return path.stem[: LONGEST_NAME - len(path.suffix[:12])] + path.suffix[:12]


def _sniffed(data: bytes) -> str:
    try:
        guesses = puremagic.magic_string(data[:4096])
    except (puremagic.PureError, ValueError):
        return ""
    return guesses[0].mime_type if guesses else ""
