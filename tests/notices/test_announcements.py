"""Announcements: looked at first, told once to all whom they are for, in batches."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import UserLanguage
from app.core.db import db
from app.core.errors import Conflict
from app.notices.kinds import ANNOUNCEMENT
from app.notices.models import Announcement, AnnouncementEvent, Notice
from app.notices.operations import Wording, announcing, draft, send, send_waiting
from tests.directory.people import add_member
from tests.notices.telling import at_once, mails, told, wish
from tests.support.client import CheckedClient
from tests.support.notices import BODY, announce
from tests.world import World

As = Callable[[str], CheckedClient]
SENT = {"title": "Summer gathering", "body": BODY, "role": "", "category": "", "language": "", "place_key": ""}


def write(browser: CheckedClient, **values: str) -> str:
    answer = browser.post("/admin/announcements/new", data={**SENT, **values})
    assert answer.status_code == 303
    return answer.location or ""


def reached() -> set[int]:
    db.session.rollback()
    return set(db.session.scalars(select(Notice.user_id).where(Notice.kind == ANNOUNCEMENT)))


def version_on(page: str) -> str:
    return re.findall(r'name="version" value="(\d+)"', page)[0]


def drafted(world: World, **values: str) -> int:
    row = draft(world.mod, Wording("Summer gathering", BODY, **values))
    announcement_id = row.id
    db.session.commit()
    return announcement_id


def test_it_is_seen_before_it_is_sent(as_: As, world: World) -> None:
    browser = as_("mod")
    there = write(browser)
    page = browser.get(there).text
    assert "<strong>three</strong>" in page
    assert "4 members" in page
    assert reached() == set()
    answer = browser.post(f"{there}/sending", data={"version": version_on(page)})
    assert answer.status_code == 303
    assert send_waiting() == 5
    assert reached() == {world.alice, world.bob, world.carol, world.admin}, "the author knows it"
    assert "4 members told" in browser.get(there).text


def test_it_is_sent_once_however_often_it_is_sent(app: Flask, world: World) -> None:
    announcement_id = drafted(world)

    def again() -> str:
        try:
            send(announcement_id, world.mod, 1)
            db.session.commit()
        except Conflict:
            db.session.rollback()
            return "too late"
        return "sent"

    assert at_once(app, *[again] * 16) == {"sent": 1, "too late": 15}
    at_once(app, *[send_waiting] * 4)
    assert len(reached()) == mails(ANNOUNCEMENT) == 4
    row = db.session.get_one(Announcement, announcement_id)
    assert (row.state, row.told) == ("sent", 4)
    events = select(AnnouncementEvent.action).where(AnnouncementEvent.row_id == announcement_id)
    assert list(db.session.scalars(events.order_by(AnnouncementEvent.id))) == ["send", "finish"]


def test_many_members_are_told_in_batches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "BATCH", 2)
    announce(world.mod, Wording("Summer gathering", BODY))
    assert len(reached()) == 4
    assert db.session.scalars(select(Announcement.told)).one() == 4


@pytest.mark.parametrize(
    ("narrow", "names"),
    [
        ({"place_key": "hillford"}, {"carol"}),
        ({"role": "admin"}, {"admin"}),
        ({"role": "member"}, {"alice", "bob", "carol"}),
        ({"language": "en"}, {"alice", "bob"}),
        ({"category": "languages"}, {"alice", "bob"}),
        ({"category": "games-hobbies"}, {"carol"}),
        ({"category": "languages", "place_key": "hillford"}, set()),
    ],
)
def test_whom_it_is_for(world: World, narrow: dict[str, str], names: set[str]) -> None:
    announce(world.mod, Wording("Summer gathering", BODY, **narrow))
    assert reached() == {getattr(world, name) for name in names}


def test_who_cannot_sign_in_is_not_counted(world: World, as_: As) -> None:
    add_member("Olga Offline")
    browser = as_("mod")
    assert "4 members" in browser.get(write(browser)).text


def test_who_switched_it_off_is_not_told_and_may_read_it(as_: As, world: World) -> None:
    wish(world.carol, ANNOUNCEMENT, "off")
    announcement_id = announce(world.mod, Wording("Summer gathering", BODY))
    assert world.carol not in reached()
    assert as_("carol").get(f"/notices/announcements/{announcement_id}").status_code == 200


def test_others_do_not_find_it(as_: As, world: World) -> None:
    announcement_id = announce(world.mod, Wording("Summer gathering", BODY, place_key="riverton"))
    assert as_("carol").get(f"/notices/announcements/{announcement_id}").status_code == 404
    draft_id = drafted(world)
    assert as_("alice").get(f"/notices/announcements/{draft_id}").status_code == 404


def test_who_moved_away_since_still_reads_what_they_were_told(as_: As, world: World) -> None:
    announcement_id = announce(world.mod, Wording("Summer gathering", BODY, language="en"))
    db.session.query(UserLanguage).delete()
    db.session.commit()
    assert as_("alice").get(f"/notices/announcements/{announcement_id}").status_code == 200


def test_a_draft_is_changed_and_thrown_away(as_: As, world: World) -> None:
    browser = as_("mod")
    there = write(browser)
    form = browser.get(f"{there}/wording").text
    changed = {**SENT, "title": "Autumn gathering", "version": version_of(form)}
    assert browser.post(f"{there}/wording", data=changed).status_code == 303
    assert browser.post(f"{there}/wording", data=changed).status_code == 409, "somebody changed it since"
    page = browser.get(there).text
    assert "Autumn gathering" in page
    assert browser.post(f"{there}/removal", data={"version": version_on(page)}).status_code == 303
    assert "Autumn gathering" not in browser.get("/admin/announcements").text
    assert browser.post(f"{there}/sending", data={"version": "3"}).status_code == 409


def test_what_was_sent_cannot_be_changed(as_: As, world: World) -> None:
    announcement_id = announce(world.mod)
    assert as_("mod").get(f"/admin/announcements/{announcement_id}/wording").status_code == 303


def test_nothing_written_in_it_is_run(as_: As, world: World) -> None:
    hostile = "<script>alert(1)</script> [x](javascript:alert(1)) ![p](https://example.org/p.png)"
    announcement_id = announce(world.mod, Wording("<b>Title</b>", hostile))
    page = as_("alice").get(f"/notices/announcements/{announcement_id}").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page
    assert "example.org/p.png" not in re.findall(r"<img[^>]*>", page)
    assert "&lt;b&gt;Title" in as_("alice").get("/notices").text


def test_a_category_that_nobody_knows_is_refused(as_: As, world: World) -> None:
    answer = as_("mod").post("/admin/announcements/new", data={**SENT, "category": "no-such"})
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Announcement)) == 0


def version_of(form: str) -> str:
    return re.findall(r'name="version"[^>]*value="(\d+)"', form)[0]


def test_nobody_is_told_twice_after_a_crash_in_between(world: World) -> None:
    announcement_id = announce(world.mod, Wording("Summer gathering", BODY))
    row = db.session.get_one(Announcement, announcement_id)
    row.state, row.reached_id = "sending", 0
    db.session.commit()
    send_waiting()
    assert len(told(world.alice)) == 1
