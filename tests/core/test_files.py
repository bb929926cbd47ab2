"""Files: stored by their content, and swept when nobody names them."""

from __future__ import annotations

import os
import time

from flask import Flask
from sqlalchemy import delete

from app.core import files
from app.core.db import db
from app.core.models import StoredFile
from tests.world import World

OLD = time.time() - 2 * 24 * 3600


def stored(world: World, data: bytes = b"content") -> StoredFile:
    row = files.store(data, owner_id=world.alice, name="a.webp", media_type="image/webp")
    db.session.commit()
    return row


def test_the_content_is_on_disk_under_its_hash(world: World) -> None:
    assert files.path_of(stored(world).sha256).read_bytes() == b"content"


def test_the_same_content_is_kept_once(world: World) -> None:
    assert stored(world).sha256 == stored(world).sha256


def test_an_orphan_goes_and_a_named_file_stays(app: Flask, world: World) -> None:
    kept, orphan = stored(world, b"kept").sha256, stored(world, b"orphan").sha256
    for digest in (kept, orphan):
        os.utime(files.path_of(digest), (OLD, OLD))
    db.session.execute(delete(StoredFile).where(StoredFile.sha256 == orphan))
    db.session.commit()
    files.purge_orphans()
    assert files.path_of(kept).exists()
    assert not files.path_of(orphan).exists()


def test_a_young_orphan_may_belong_to_an_upload_in_progress(world: World) -> None:
    row = files.store(b"in progress", owner_id=world.alice, name="a", media_type="image/webp")
    digest = row.sha256
    db.session.rollback()
    files.purge_orphans()
    assert files.path_of(digest).exists()
