"""How the site sees its backups: the age of the last one, of its copy, and whether it is the right one."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert

from app.core import backups, outbox, ticks
from app.core.backups import STATUS, mark_of
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from tests.support.backups import backup_name, moment_of, use_folder
from tests.support.client import CheckedClient
from tests.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return use_folder(app, tmp_path / "backups", monkeypatch)


def note(folder: Path, **content: object) -> None:
    (folder / STATUS).write_text(json.dumps(content))


def test_the_newest_counts_and_what_is_not_finished_is_none(folder: Path) -> None:
    for name in (backup_name(30 * HOUR), newest := backup_name(2 * HOUR), ".partial_backup_x", "backup_notes.txt"):
        (folder / name).touch()
    state = backups.state()
    assert state.made_at == moment_of(newest)
    assert not state.is_stale


@pytest.mark.parametrize(("age", "stale"), [(25.9, False), (26.1, True)])
def test_after_26_hours_it_is_red(folder: Path, client: CheckedClient, age: float, stale: bool) -> None:
    (folder / backup_name(age * HOUR)).touch()
    ticks.run_due()
    db.session.remove()
    assert backups.state().is_stale is stale
    usual, strict = client.get("/readyz"), client.get("/readyz?strict=1")
    assert usual.get_json()["backup"]["stale"] is stale
    assert usual.status_code == 200, "an old backup must not take the site out of service"
    assert strict.status_code == (503 if stale else 200)


def test_without_any_production_is_red_and_development_is_not(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not backups.state().is_stale
    monkeypatch.setitem(app.config, "DEVELOPMENT", False)
    assert backups.state().is_stale
    monkeypatch.setitem(app.config, "BACKUP_DIR", folder / "missing")
    assert backups.state().is_stale


def test_a_copy_is_missed_only_where_one_is_wanted(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / backup_name(HOUR)).touch()
    assert not backups.state().is_copy_stale
    monkeypatch.setitem(app.config, "BACKUP_IS_COPIED", True)
    assert backups.state().is_copy_stale
    note(folder, copied={"at": (now() - 27 * HOUR).isoformat()})
    assert backups.state().is_copy_stale
    note(folder, copied={"at": (now() - HOUR).isoformat()})
    assert not backups.state().is_copy_stale


def test_a_backup_of_another_database_is_none_of_this_sites(app: Flask, folder: Path) -> None:
    (folder / (name := backup_name(HOUR))).touch()
    note(folder, made={"name": name, "database": mark_of(app.config["SQLALCHEMY_DATABASE_URI"])})
    assert not backups.state().is_stale
    note(folder, made={"name": name, "database": "sqlite:/srv/guildhall/instance/guildhall.sqlite"})
    assert backups.state().is_stale
    assert backups.state().is_foreign


def test_a_pooler_leads_to_the_same_database() -> None:
    direct = mark_of("postgresql+psycopg2://guildhall:secret@10.0.0.1:5432/guildhall")
    assert direct == mark_of("postgresql+psycopg2://web:other@pooler:6432/guildhall")
    assert "secret" not in direct


def test_a_status_file_that_makes_no_sense_is_none(folder: Path) -> None:
    (folder / backup_name(HOUR)).touch()
    for content in ("", "[]", '{"failed": {"at": "soon"}}'):
        (folder / STATUS).write_text(content)
        assert not backups.state().is_stale


def test_a_folder_that_may_not_be_read_is_red(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file stands in for a folder of another user's: root may read everything."""
    (folder / "file").touch()
    monkeypatch.setitem(app.config, "BACKUP_DIR", folder / "file")
    monkeypatch.setitem(app.config, "DEVELOPMENT", False)
    assert backups.state().is_stale
    assert not backups.state().is_readable


@pytest.mark.parametrize(
    ("waiting", "sent", "stale"),
    [(None, None, False), (27, None, True), (1, None, False), (27, 1, False), (27, 30, True), (None, 30, False)],
)
def test_mail_is_red_when_none_leaves_although_some_should(
    world: World, waiting: float | None, sent: float | None, stale: bool
) -> None:
    """Each is so many hours old: mail that was refused since, and the last that left."""
    for key, age in (("waiting", waiting), ("sent", sent)):
        if age is not None:
            at = now() - age * HOUR
            values = {"user_id": world.alice, "kind": "notice", "unique_key": key, "state": key, "attempts": 3}
            db.session.execute(insert(OutboxMail).values(**values, created_at=at, next_try_at=now() + HOUR, sent_at=at))
    db.session.commit()
    assert outbox.delivery().is_stale is stale
