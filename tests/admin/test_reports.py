"""The moderators' queue of reports: who sees it, what can be done, and that the later of two is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.invitations import InvitationRequest
from app.accounts.models import User
from app.core.db import db
from app.core.models import AuditEvent
from app.core.registry import registry
from app.reports.models import Report, ReportEvent
from tests.accounts.mailbox import received
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
WAITING = ("reports", "approvals", "invitations")
HOSTILE = "<script>alert(1)</script>\n<b>bold</b> {{ 7*7 }}"


@pytest.fixture
def report(world: World) -> int:
    return add(world.carol, world.alice)


def add(reporter: int, reported: int, **values: Any) -> int:
    values = {"reason": "spam", "words": "Buy now!", "snapshot": [["bio", "As it was"]], **values}
    row = Report(reporter_id=reporter, reported_id=reported, subject_id=reported, **values)
    db.session.add(row)
    db.session.commit()
    return row.id


def now_in(report_id: int) -> Report:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Report, report_id)


def begin(browser: CheckedClient, report_id: int) -> None:
    assert browser.post(f"/admin/reports/{report_id}/review", data={"version": "1"}).status_code == 303


def test_from_the_queue_to_a_warning(app: Flask, as_: As, world: World, report: int) -> None:
    mod = as_("mod")
    assert "Alice Adeyemi" in mod.get("/admin/reports").text
    page = mod.get(f"/admin/reports/{report}").text
    assert "Carol Castillo" in page
    assert "As it was" in page
    assert "Settle the report" not in page
    begin(mod, report)
    data = {"version": "2", "outcome": "warned", "words": HOSTILE, "note": "First time."}
    assert mod.post(f"/admin/reports/{report}/resolution", data=data).status_code == 303
    settled = now_in(report)
    assert (settled.state, settled.outcome, settled.handled_by_id) == ("resolved", "warned", world.mod)
    (mail,) = received("report_warning")
    assert mail.to == "alice@example.org"
    assert HOSTILE in mail.text
    assert "<script>" not in mail.html
    assert "Carol" not in mail.text + mail.html
    page = mod.get(f"/admin/reports/{report}").text
    assert "Mona Dahl settled it" in page
    assert "warned by mail" in page


def test_switching_an_account_off(app: Flask, as_: As, world: World, report: int) -> None:
    mod, alice = as_("mod"), as_("alice")
    begin(mod, report)
    data = {"version": "2", "outcome": "disabled"}
    assert mod.post(f"/admin/reports/{report}/resolution", data=data).status_code == 303
    assert not db.session.get_one(User, world.alice).is_active
    assert alice.get("/settings").status_code == 303
    line = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "disabled")).one()
    assert (line.actor_id, line.subject_id) == (world.mod, world.alice)


def test_dismissing(app: Flask, as_: As, report: int) -> None:
    mod = as_("mod")
    begin(mod, report)
    assert mod.post(f"/admin/reports/{report}/dismissal", data={"version": "2"}).status_code == 422
    data = {"version": "2", "note": "A misunderstanding."}
    assert mod.post(f"/admin/reports/{report}/dismissal", data=data).status_code == 303
    assert now_in(report).state == "dismissed"
    assert "Nothing found" in as_("carol").get("/settings/privacy/reports").text


def test_only_an_administrator_switches_staff_off(app: Flask, as_: As, world: World) -> None:
    report = add(world.carol, world.admin)
    mod = as_("mod")
    begin(mod, report)
    data = {"version": "2", "outcome": "disabled"}
    assert mod.post(f"/admin/reports/{report}/resolution", data=data).status_code == 422
    assert db.session.get_one(User, world.admin).is_active
    about_mod = add(world.carol, world.mod)
    begin(as_("admin"), about_mod)
    assert as_("admin").post(f"/admin/reports/{about_mod}/resolution", data=data).status_code == 303
    assert not db.session.get_one(User, world.mod).is_active


def test_a_report_about_oneself_is_not_there(app: Flask, as_: As, world: World) -> None:
    report = add(world.carol, world.mod)
    mod = as_("mod")
    assert "Carol Castillo" not in mod.get("/admin/reports").text
    assert "Nothing at the moment" in mod.get("/admin").text
    assert mod.get(f"/admin/reports/{report}").status_code == 404
    for action in ("review", "resolution", "dismissal"):
        assert mod.post(f"/admin/reports/{report}/{action}", data={"version": "1"}).status_code == 404
    assert "1 waiting" in as_("admin").get("/admin").text


@pytest.mark.parametrize("action", ["resolution", "dismissal"])
def test_what_nobody_has_looked_at_cannot_be_settled(app: Flask, as_: As, report: int, action: str) -> None:
    data = {"version": "1", "outcome": "nothing", "note": "Quick."}
    answer = as_("mod").post(f"/admin/reports/{report}/{action}", data=data)
    assert answer.status_code == 409
    assert now_in(report).state == "open"


@pytest.mark.parametrize("version", ["", "0", "-1", "2", "9" * 30, "١", "x"])
def test_a_wrong_version_changes_nothing(app: Flask, as_: As, report: int, version: str) -> None:
    assert as_("mod").post(f"/admin/reports/{report}/review", data={"version": version}).status_code == 409
    assert now_in(report).state == "open"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Please choose one."),
        ({"outcome": "exiled"}, "valid choice"),
        ({"outcome": "warned"}, "Write what the member"),
        ({"outcome": "nothing", "note": "x" * 2001}, "At most 2000"),
        ({"outcome": "nothing", "note": "a\x0bb"}, "cannot be stored"),
    ],
)
def test_bad_input(app: Flask, as_: As, report: int, data: dict[str, str], said: str) -> None:
    mod = as_("mod")
    begin(mod, report)
    answer = mod.post(f"/admin/reports/{report}/resolution", data={"version": "2", **data})
    assert answer.status_code == 422
    assert said in answer.text
    assert now_in(report).state == "in_review"


def test_two_at_once_and_the_later_is_told(app: Flask, as_: As, world: World, report: int) -> None:
    begin(as_("mod"), report)
    barrier = threading.Barrier(2)
    answers: dict[str, Any] = {}

    def send(name: str, path: str, data: dict[str, str], browser: CheckedClient) -> None:
        barrier.wait()
        answers[name] = browser.post(f"/admin/reports/{report}/{path}", data={"version": "2", **data})

    threads = [
        threading.Thread(target=send, args=("mod", "resolution", {"outcome": "warned", "words": "Stop."}, as_("mod"))),
        threading.Thread(target=send, args=("admin", "dismissal", {"note": "typed by the admin"}, as_("admin"))),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [303, 409]
    late = next(answer for answer in answers.values() if answer.status_code == 409)
    assert "Somebody was faster" in late.text
    assert ("Mona Dahl settled it" in late.text) or ("Ada Min found nothing" in late.text)
    db.session.rollback()
    assert len(db.session.scalars(select(ReportEvent)).all()) == 2
    assert len(received("report_warning")) == (answers["mod"].status_code == 303)


def test_filters_and_pages(app: Flask, as_: As, world: World) -> None:
    for number in range(30):
        add(world.carol, world.bob, state="dismissed", note=f"{number}")
    add(world.carol, world.alice, reason="unsafe")
    mod = as_("mod")
    first = mod.get("/admin/reports?state=all").text
    assert first.count("queue-row") == 24
    assert "after=" in first
    assert "Bob Brandt" not in mod.get("/admin/reports").text
    assert "Alice Adeyemi" in mod.get("/admin/reports?reason=unsafe").text
    assert "Alice Adeyemi" not in mod.get("/admin/reports?reason=spam").text
    assert "Nothing to look at" in mod.get("/admin/reports?mine=1").text
    assert mod.get("/admin/reports?state=nonsense&reason='--").status_code == 200


def test_statements_stay_few(app: Flask, as_: As, world: World, report: int, statements: Any) -> None:
    mod = as_("mod")
    with statements() as seen:
        mod.get("/admin/reports")
    assert len(seen) == 2
    with statements() as seen:
        mod.get(f"/admin/reports/{report}")
    assert len(seen) <= 6


def test_hostile_words(app: Flask, as_: As, world: World) -> None:
    report = add(world.carol, world.alice, words=HOSTILE, snapshot=[["bio", HOSTILE], ["<b>", HOSTILE]])
    page = as_("mod").get(f"/admin/reports/{report}").text
    assert "<script>alert" not in page
    assert "<b>" not in page


def test_what_waits_for_moderators_is_counted_for_nobody_else(report: int, world: World) -> None:
    db.session.add(InvitationRequest(name="Walter", email="walter@example.org", email_key="walter@example.org"))
    db.session.execute(update(User).where(User.id == world.carol).values(approved_at=None))
    db.session.commit()
    for name, member, most in [("mod", world.mod, 1), ("bob", world.bob, 0)]:
        asked = [count(User.id.expression) for key in WAITING for count, _feature in registry().badges[key]]
        counts = db.session.execute(select(*asked).where(User.id == member)).one()
        assert tuple(counts) == (most,) * len(WAITING), name
