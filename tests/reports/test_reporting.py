"""A member reports another: who may, how often, what is kept, and who learns of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import operations as accounts
from app.accounts.export import export as export_account
from app.accounts.models import Block, User
from app.core.clock import now
from app.core.db import db
from app.core.models import AuditEvent
from app.reports import operations, queries
from app.reports.models import Report
from app.reports.operations import MOST_A_DAY, Resolution
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
HOSTILE = "<script>alert(1)</script> {{ 7*7 }} ' OR 1=1 -- \u202e =cmd()"


def reports() -> list[Report]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Report).order_by(Report.id)))


def filed(world: World, reporter: int, reported: int, **values: object) -> Report:
    report = Report(reporter_id=reporter, reported_id=reported, subject_id=reported, reason="spam", **values)
    db.session.add(report)
    db.session.commit()
    return report


def test_the_page_is_kept_as_it_was(app: Flask, as_: As, world: World) -> None:
    answer = as_("carol").post(f"/members/{world.alice}/report", data={"reason": "dishonest", "words": "Not her."})
    assert (answer.status_code, answer.location) == (303, "/settings/privacy/reports")
    accounts.change_locale(world.alice, "en")
    db.session.get_one(User, world.alice).bio = "Changed since"
    db.session.commit()
    (report,) = reports()
    kept = dict(report.snapshot)
    assert kept["bio"] == "Alice Adeyemi likes to share."
    assert kept["offer"].splitlines() == ["Python", "Sourdough bread"]
    assert (report.reported_id, report.words, report.state) == (world.alice, "Not her.", "open")


def test_a_second_one_is_answered_kindly(app: Flask, as_: As, world: World) -> None:
    carol = as_("carol")
    for words in ("first", "second"):
        answer = carol.post(f"/members/{world.alice}/report", data={"reason": "spam", "words": words})
        assert answer.status_code == 303
    assert [report.words for report in reports()] == ["first"]
    assert "reported Alice Adeyemi already" in carol.get("/settings/privacy/reports").text
    page = carol.get(f"/members/{world.alice}/report").text
    assert "still being looked at" in page
    assert 'name="reason"' not in page


def test_once_settled_it_can_be_reported_again(app: Flask, as_: As, world: World) -> None:
    filed(world, world.carol, world.alice, state="dismissed")
    as_("carol").post(f"/members/{world.alice}/report", data={"reason": "spam"})
    assert [report.state for report in reports()] == ["dismissed", "open"]


def test_twice_at_once_is_one_report(app: Flask, as_: As, world: World) -> None:
    browsers = [as_("carol") for _n in range(6)]
    barrier, answers = threading.Barrier(len(browsers)), []

    def send(browser: CheckedClient) -> None:
        barrier.wait()
        answers.append(browser.post(f"/members/{world.alice}/report", data={"reason": "spam"}).status_code)

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * len(browsers)
    assert len(reports()) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Please choose one."),
        ({"reason": "nonsense"}, "valid choice"),
        ({"reason": "other"}, "Tell us in a few words"),
        ({"reason": "spam", "words": "x" * 2001}, "At most 2000 characters"),
        ({"reason": "spam", "words": "a\x00b"}, "cannot be stored"),
    ],
)
def test_bad_input(app: Flask, as_: As, world: World, data: dict[str, str], said: str) -> None:
    answer = as_("carol").post(f"/members/{world.alice}/report", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    assert reports() == []


def test_the_limit_of_a_day(app: Flask, as_: As, world: World) -> None:
    old = now() - timedelta(hours=20)
    for _n in range(MOST_A_DAY):
        filed(world, world.carol, world.bob, state="dismissed", created_at=old)
    answer = as_("carol").post(f"/members/{world.alice}/report", data={"reason": "spam", "words": "typed by hand"})
    assert answer.status_code == 429
    assert 3 * 3600 < int(answer.headers["Retry-After"]) <= 4 * 3600
    assert "typed by hand" in answer.text
    assert len(reports()) == MOST_A_DAY


def test_nobody_reports_himself_or_whom_he_cannot_see(app: Flask, as_: As, world: World) -> None:
    assert as_("alice").post(f"/members/{world.alice}/report", data={"reason": "spam"}).status_code == 403
    accounts.block(world.alice, world.carol)
    db.session.commit()
    assert as_("carol").get(f"/members/{world.alice}/report").status_code == 404
    assert as_("alice").get(f"/members/{world.carol}/report").status_code == 200
    assert as_("alice").get("/members/99999/report").status_code == 404


def test_blocking_in_one_go(app: Flask, as_: As, world: World) -> None:
    as_("carol").post(f"/members/{world.alice}/report", data={"reason": "spam", "block": "y"})
    assert len(reports()) == 1
    assert db.session.get(Block, (world.carol, world.alice))


def test_buttons_and_pages_show_it(app: Flask, as_: As, world: World) -> None:
    assert f"/members/{world.alice}/report" in as_("carol").get(f"/members/{world.alice}").text
    assert "/report" not in as_("alice").get(f"/members/{world.alice}").text
    assert "/settings/privacy/reports" in as_("carol").get("/settings/privacy").text


def test_ones_own_reports_with_their_state(app: Flask, as_: As, world: World) -> None:
    filed(world, world.carol, world.alice, state="in_review", words=HOSTILE)
    page = as_("carol").get("/settings/privacy/reports").text
    assert "Being looked at" in page
    assert "<script>alert(1)" not in page
    assert "Alice Adeyemi" not in as_("bob").get("/settings/privacy/reports").text


def test_the_reported_member_never_learns_who(app: Flask, as_: As, world: World) -> None:
    as_("carol").post(f"/members/{world.alice}/report", data={"reason": "spam", "words": "secret words"})
    (report,) = reports()
    operations.review(report.id, world.mod, 1)
    operations.resolve(report.id, world.mod, 2, Resolution("warned", "Carol was right", "Please stop."))
    db.session.commit()
    exported = str([export_account(world.alice), queries.export(world.alice)])
    assert "secret words" not in exported
    assert "Carol" not in exported
    assert "report" not in str(export_account(world.alice))
    for path in (f"/members/{world.alice}", "/settings/privacy/reports", f"/admin/reports/{report.id}"):
        assert "secret words" not in as_("alice").get(path).text
    assert queries.export(world.carol)["reports"][0]["words"] == "secret words"


def test_the_address_of_a_moderator_is_not_in_the_export(app: Flask, world: World) -> None:
    line = AuditEvent(actor_id=world.mod, subject_id=world.alice, action="disabled", address="192.0.2.1")
    db.session.add(line)
    db.session.commit()
    assert "192.0.2.1" not in str(export_account(world.alice))


def test_an_emptied_account_leaves_no_texts_behind(app: Flask, world: World) -> None:
    about = filed(world, world.carol, world.alice, snapshot=[["bio", "Private"]], words="stays for the moderators")
    by = filed(world, world.alice, world.bob, state="dismissed", words="mine")
    accounts.empty(world.alice)
    db.session.commit()
    rows = {report.id: report for report in reports()}
    assert rows[about.id].snapshot == []
    assert rows[about.id].words == "stays for the moderators"
    assert rows[by.id].words == ""
