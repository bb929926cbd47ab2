"""Files in UPLOADS, named by the hash of their content; a row in `files` says whose they are.

A file is written before its row is committed, so a committed row always has its file; what no row names any more is
swept away by a tick once it is old enough not to belong to an upload in progress.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from flask import current_app
from sqlalchemy import select

from app.core.db import db
from app.core.models import StoredFile

GRACE = timedelta(hours=24)


def store(data: bytes, *, owner_id: int, name: str, media_type: str) -> StoredFile:
    """Writes `data` (on disk when this returns) and adds its row, flushed so that it has an id."""
    digest = hashlib.sha256(data).hexdigest()
    _write(_path(digest), data)
    row = StoredFile(owner_id=owner_id, name=name[:200], media_type=media_type, size=len(data), sha256=digest)
    db.session.add(row)
    db.session.flush()
    return row


def path_of(sha256: str) -> Path:
    """Where the content with this hash lies; it exists as long as a row names it."""
    return _path(sha256)


def purge_orphans() -> int:
    """Deletes files that no row names and that are older than a day; returns how many."""
    removed = 0
    for path in sorted(_root().glob("*/*")):
        if time.time() - path.stat().st_mtime < GRACE.total_seconds():
            continue
        if db.session.scalar(select(StoredFile.id).where(StoredFile.sha256 == path.name).limit(1)) is None:
            path.unlink(missing_ok=True)
            removed += 1
    db.session.rollback()
    return removed


def _root() -> Path:
    return Path(current_app.config["UPLOADS"])


def _path(sha256: str) -> Path:
    return _root() / sha256[:2] / sha256


def _write(path: Path, data: bytes) -> None:
    """Atomically: readers see the whole file or none. An existing one is renewed, so that no sweep takes it."""
    if path.exists():
        os.utime(path)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as part:
        part.write(data)
        part.flush()
        os.fsync(part.fileno())
    Path(part.name).replace(path)
