"""Digests: in the receiver's morning, never twice, never empty."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import Block, User
from app.core import outbox
from app.core.db import db
from app.core.models import OutboxMail
from app.notices.kinds import NEWS
from app.notices.mornings import day_of, last_monday, last_morning, week_of
from app.notices.operations import purge_digests, read, send_daily, send_weekly
from app.skills.models import UserSkill
from tests.directory.people import skill_id
from tests.notices.telling import ask, at_once, mails, wish
from tests.support.inbox import Inbox, inbox, text_of
from tests.world import World

__all__ = ["inbox"]
pytestmark = pytest.mark.usefixtures("kinds")
# A Monday.
MONDAY = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@contextmanager
def at(moment: datetime) -> Iterator[Any]:
    with time_machine.travel(moment, tick=False) as traveller:
        yield traveller


def live_in(user_id: int, zone: str) -> None:
    db.session.execute(update(User).where(User.id == user_id).values(timezone=zone))
    db.session.commit()


def joined(user_id: int, moment: datetime) -> None:
    db.session.execute(update(User).where(User.id == user_id).values(approved_at=moment))
    db.session.commit()


def offer(user_id: int, skill: str, moment: datetime) -> None:
    row = UserSkill(user_id=user_id, kind="offer", skill_id=skill_id(skill), level=3, priority=2, created_at=moment)
    db.session.add(row)
    db.session.commit()


def long_ago() -> None:
    """Nobody is new and nothing is."""
    db.session.execute(update(User).values(approved_at=MONDAY - 90 * DAY))
    db.session.execute(update(UserSkill).values(created_at=MONDAY - 90 * DAY))
    db.session.commit()


def receivers(kind: str) -> set[int]:
    db.session.rollback()
    return set(db.session.scalars(select(OutboxMail.user_id).where(OutboxMail.kind == kind)))


@pytest.mark.parametrize(
    ("zone", "moment", "morning"),
    [
        ("UTC", datetime(2027, 3, 1, 7, 59, tzinfo=UTC), "2027-02-28"),
        ("UTC", datetime(2027, 3, 1, 8, 0, tzinfo=UTC), "2027-03-01"),
        ("Pacific/Auckland", datetime(2027, 3, 1, 19, 30, tzinfo=UTC), "2027-03-02"),
        ("America/Los_Angeles", datetime(2027, 3, 1, 15, 0, tzinfo=UTC), "2027-02-28"),
        ("Europe/Madrid", datetime(2027, 3, 28, 6, 0, tzinfo=UTC), "2027-03-28"),  # summer time began that night
        ("Europe/Madrid", datetime(2027, 3, 27, 6, 59, tzinfo=UTC), "2027-03-26"),
    ],
)
def test_the_morning_is_that_of_the_receiver(zone: str, moment: datetime, morning: str) -> None:
    assert day_of(last_morning(zone, moment)) == morning


def test_the_week_begins_on_monday_morning() -> None:
    assert week_of(last_monday("UTC", MONDAY)) == "2027-W09"
    assert week_of(last_monday("UTC", MONDAY - timedelta(hours=3))) == "2027-W08"
    assert week_of(last_monday("UTC", datetime(2027, 1, 2, tzinfo=UTC))) == "2026-W53"


def test_what_was_collected_comes_in_the_morning(world: World, inbox: Inbox) -> None:
    with at(MONDAY):
        ask(world.alice, "q1")
        ask(world.alice, "q2")
        assert send_daily() == 0, "it was told after this morning"
    with at(MONDAY + DAY - timedelta(hours=3)):
        assert send_daily() == 0
    with at(MONDAY + DAY):
        assert send_daily() == 1
        assert send_daily() == 0
        assert outbox.send_due() == 1
    (mail,) = inbox.mails
    assert mail["Subject"] == "2 notices in Guildhall"
    assert text_of(mail).count("Bob asks you something") == 2


def test_two_who_live_far_apart_have_two_mornings(world: World) -> None:
    live_in(world.alice, "Pacific/Auckland")
    live_in(world.bob, "America/Los_Angeles")
    with at(MONDAY + timedelta(hours=7)):  # nine in the morning in Los Angeles, six in Auckland
        ask(world.alice, "q1")
        ask(world.bob, "q1")
    with at(MONDAY + timedelta(hours=10)):
        assert send_daily() == 1
        assert receivers("daily_digest") == {world.alice}
    with at(MONDAY + timedelta(hours=29)):
        assert send_daily() == 0, "it is not eight there yet"
    with at(MONDAY + timedelta(hours=30)):
        assert send_daily() == 1
        assert receivers("daily_digest") == {world.alice, world.bob}


def test_what_was_read_before_is_not_in_it(world: World) -> None:
    with at(MONDAY):
        ask(world.alice, "q1")
        read(world.alice, "q1")
        db.session.commit()
    with at(MONDAY + DAY):
        assert send_daily() == 0


def test_a_digest_of_which_all_was_read_meanwhile_is_not_sent(world: World, inbox: Inbox) -> None:
    with at(MONDAY):
        ask(world.alice, "q1")
    with at(MONDAY + DAY):
        assert send_daily() == 1
        read(world.alice, "q1")
        db.session.commit()
        assert outbox.send_due() == 0


def test_nothing_comes_twice(world: World, inbox: Inbox) -> None:
    with at(MONDAY):
        ask(world.alice, "q1")
    with at(MONDAY + DAY):
        send_daily()
        ask(world.alice, "q2")
        outbox.send_due()
    with at(MONDAY + 2 * DAY):
        assert send_daily() == 1
        outbox.send_due()
    assert [text_of(mail).count("asks you") for mail in inbox.mails] == [1, 1]


def test_two_ticks_at_once_promise_each_digest_once(app: Flask, world: World) -> None:
    everybody = (world.alice, world.bob, world.carol, world.mod, world.admin)
    with at(MONDAY):
        for user_id in everybody:
            ask(user_id, "q1")
    with at(MONDAY + DAY):
        answers = at_once(app, *[send_daily] * 4)
    assert sum(count * times for count, times in answers.items()) == len(everybody)
    assert mails("daily_digest") == len(everybody)


def test_news_of_the_week(world: World, inbox: Inbox) -> None:
    long_ago()
    joined(world.carol, MONDAY - 2 * DAY)
    offer(world.bob, "Knitting", MONDAY - 3 * DAY)
    with at(MONDAY):
        assert send_weekly() == 5
        assert send_weekly() == 0
        outbox.send_due()
    told = {mail["To"]: text_of(mail) for mail in inbox.mails}
    assert "Carol Castillo" in told["alice@example.org"]
    assert "Knitting" in told["alice@example.org"]
    assert "Knitting" not in told["bob@example.org"], "it is his own"
    assert "new. Say hello" not in told["carol@example.org"], "it is she herself"
    with at(MONDAY + DAY):
        assert send_weekly() == 0


def test_a_week_without_news_brings_no_mail(world: World, inbox: Inbox) -> None:
    long_ago()
    with at(MONDAY):
        assert send_weekly() == 0
    offer(world.bob, "Knitting", MONDAY - 3 * DAY)
    with at(MONDAY):
        send_weekly()
        outbox.send_due()
    assert "bob@example.org" not in {mail["To"] for mail in inbox.mails}


def test_news_says_nothing_of_whom_one_has_blocked(world: World, inbox: Inbox) -> None:
    long_ago()
    joined(world.carol, MONDAY - 2 * DAY)
    db.session.add(Block(blocker_id=world.alice, blocked_id=world.carol))
    db.session.commit()
    with at(MONDAY):
        send_weekly()
        outbox.send_due()
    assert "alice@example.org" not in {mail["To"] for mail in inbox.mails}


@pytest.mark.parametrize("kind", [NEWS, "*"])
def test_who_does_not_want_news_gets_none(world: World, kind: str) -> None:
    wish(world.alice, kind, "off" if kind == NEWS else "in_app")
    offer(world.bob, "Knitting", MONDAY - 3 * DAY)
    with at(MONDAY):
        send_weekly()
    assert world.alice not in receivers("weekly_news")
    assert world.carol in receivers("weekly_news")


def test_news_that_is_late_is_not_sent(world: World) -> None:
    offer(world.bob, "Knitting", MONDAY - 3 * DAY)
    with at(MONDAY + 3 * DAY):
        assert send_weekly() == 0


def test_a_newcomer_gets_no_news_of_the_time_before(world: World) -> None:
    long_ago()
    offer(world.bob, "Knitting", MONDAY - 3 * DAY)
    joined(world.carol, MONDAY + timedelta(hours=1))
    with at(MONDAY + timedelta(hours=5)):
        send_weekly()
    assert world.carol not in receivers("weekly_news")


def test_two_ticks_at_once_promise_the_news_once(app: Flask, world: World) -> None:
    offer(world.bob, "Knitting", MONDAY - 3 * DAY)
    with at(MONDAY):
        answers = at_once(app, *[send_weekly] * 4)
    assert sum(count * times for count, times in answers.items()) == mails("weekly_news") == 5


def test_what_was_promised_is_forgotten_after_a_while(world: World) -> None:
    with at(MONDAY):
        ask(world.alice, "q1")
    with at(MONDAY + DAY):
        send_daily()
    with at(MONDAY + 70 * DAY):
        assert purge_digests() == 1
