"""Old backups are seen by the coordinators, and administrators are told, once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.admin.backups import STALE, watch
from app.community.models import CommunitySettings
from app.core.backups import STATUS
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.notices.models import Notice
from tests.support.backups import backup_name, use_folder
from tests.support.client import CheckedClient
from tests.world import World

DAY = timedelta(days=1)


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(app.config, "DEVELOPMENT", False)
    return use_folder(app, tmp_path / "backups", monkeypatch)


def told() -> list[int]:
    return list(db.session.scalars(select(Notice.user_id).where(Notice.kind == STALE)))


def test_administrators_are_told_once_by_notice_and_mail(world: World, folder: Path) -> None:
    (folder / backup_name(2 * DAY)).touch()
    assert watch() == 1
    assert watch() == 0
    assert told() == [world.admin]
    mails = select(OutboxMail.user_id).where(OutboxMail.unique_key.like("notice:%"))
    assert list(db.session.scalars(mails)) == [world.admin]


def test_each_gap_is_told_of(world: World, folder: Path) -> None:
    (folder / backup_name(4 * DAY)).touch()
    assert watch() == 1
    (folder / (fresh := backup_name(0 * DAY))).touch()
    assert watch() == 0
    (folder / fresh).unlink()
    (folder / backup_name(2 * DAY)).touch()
    assert watch() == 1


def test_a_new_community_has_a_day_for_its_first_backup(world: World, folder: Path) -> None:
    assert watch() == 0
    db.session.execute(update(CommunitySettings).values(created_at=now() - 2 * DAY))
    db.session.commit()
    assert watch() == 1


def test_a_copy_that_stays_away_is_told_of(
    app: Flask, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / backup_name(0 * DAY)).touch()
    assert watch() == 0
    monkeypatch.setitem(app.config, "BACKUP_IS_COPIED", True)
    assert watch() == 1
    params = db.session.scalars(select(Notice.params).where(Notice.kind == STALE)).one()
    assert params["missing"] == "copied"


def test_coordinators_see_the_age_and_administrators_the_reason(
    as_: Callable[[str], CheckedClient], folder: Path
) -> None:
    assert "none yet" in as_("admin").get("/admin").text
    (folder / backup_name(2 * DAY)).touch()
    why = "DATABASE_URL: no such host"
    (folder / STATUS).write_text(json.dumps({"failed": {"at": now().isoformat(), "why": why}}))
    for name, reads in (("admin", True), ("mod", False)):
        page = as_(name).get("/admin").text
        assert "2 days ago" in page
        assert "Too long ago" in page
        assert (why in page) is reads


def test_only_administrators_are_asked_whether_they_want_to_know(as_: Callable[[str], CheckedClient]) -> None:
    assert "When no backup was made" in as_("admin").get("/settings/notices").text
    assert "When no backup was made" not in as_("alice").get("/settings/notices").text


def test_the_notice_leads_to_the_page_that_shows_it(
    world: World, as_: Callable[[str], CheckedClient], folder: Path
) -> None:
    (folder / backup_name(2 * DAY)).touch()
    watch()
    browser = as_("admin")
    assert "No backup was made for more than a day" in browser.get("/notices").text
    notice_id = db.session.scalars(select(Notice.id).where(Notice.kind == STALE)).one()
    assert browser.get(f"/notices/{notice_id}").headers["Location"] == "/admin"
