"""Telling: once per event and member, never of one's own action, in the way that the member has chosen."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.core.clock import now
from app.core.db import db
from app.notices import operations
from app.notices.models import Notice
from app.notices.operations import look_at, look_away, read, read_all, take_back, tell_all
from tests.notices.telling import SAID, at_once, mails, say, told, wish
from tests.world import World

pytestmark = pytest.mark.usefixtures("kinds")


def unread(user_id: int) -> int:
    return sum(notice.read_at is None for notice in told(user_id))


def test_the_same_event_is_told_once(world: World) -> None:
    assert say(world.alice, "m1")
    assert not say(world.alice, "m1")
    assert len(told(world.alice)) == 1


def test_the_same_event_told_by_many_at_once_is_one_notice(app: Flask, world: World) -> None:
    answers = at_once(app, *[lambda: say(world.alice, "m1")] * 16)
    assert answers == {True: 1, False: 15}
    assert (len(told(world.alice)), mails()) == (1, 1)


def test_many_lines_at_once_are_one_burst(app: Flask, world: World) -> None:
    answers = at_once(app, *[lambda n=n: say(world.alice, f"m{n}") for n in range(8)])
    assert answers == {True: 8}
    assert sum(notice.opens_burst for notice in told(world.alice)) == mails() == 1


def test_nobody_is_told_what_they_did_themselves(world: World) -> None:
    assert not say(world.alice, "m1", actor_id=world.alice)
    assert told(world.alice) == []


def test_who_switched_a_kind_off_is_not_told(world: World) -> None:
    wish(world.alice, SAID, "off")
    assert not say(world.alice, "m1")


def test_who_wants_it_here_only_gets_no_mail(world: World) -> None:
    wish(world.alice, SAID, "in_app")
    assert say(world.alice, "m1")
    assert mails() == 0


def test_one_answer_for_all_kinds_counts_where_there_is_no_other(world: World) -> None:
    wish(world.alice, "*", "in_app")
    wish(world.bob, "*", "in_app")
    wish(world.bob, SAID, "mail")
    assert tell_all([world.alice, world.bob], SAID, {"name": "Carol"}, "/members", "m1") == 2
    db.session.commit()
    assert [notice.channel for user in (world.alice, world.bob) for notice in told(user)] == ["in_app", "mail"]


def test_a_rolled_back_event_tells_nobody(world: World) -> None:
    operations.tell(world.alice, SAID, {"name": "Bob"}, "/members", "m1")
    db.session.rollback()
    assert told(world.alice) == []
    assert mails() == 0


def test_a_burst_has_one_mail_until_it_is_read(world: World) -> None:
    for key in ("m1", "m2", "m3"):
        say(world.alice, key)
    say(world.alice, "other", chat_id=8)
    assert mails() == 2
    read(world.alice, "chat-7")
    db.session.commit()
    say(world.alice, "m4")
    assert (mails(), mails(state="cancelled")) == (2, 1)


@pytest.mark.parametrize("about", ["/members/7", "m1", "chat-7"])
def test_reading_by_address_event_or_conversation(world: World, about: str) -> None:
    say(world.alice, "m1")
    say(world.bob, "m1")
    assert operations.read(world.alice, about) == 1
    db.session.commit()
    assert (unread(world.alice), unread(world.bob)) == (0, 1)


def test_what_came_since_stays_unread(world: World) -> None:
    say(world.alice, "m1")
    newest = told(world.alice)[-1].id
    say(world.alice, "m2", chat_id=8)
    assert read_all(world.alice, newest) == 1
    db.session.commit()
    assert unread(world.alice) == 1


def test_reading_many_times_at_once_reads_once(app: Flask, world: World) -> None:
    for n in range(5):
        say(world.alice, f"m{n}")
    answers = at_once(app, *[lambda: operations.read_chat(world.alice, 7)] * 6)
    assert answers == {5: 1, 0: 5}


def test_what_is_taken_back_is_gone_with_its_mail(world: World) -> None:
    say(world.alice, "m1")
    assert take_back(["m1"]) == 1
    db.session.commit()
    assert told(world.alice) == []
    assert (mails(), mails(state="cancelled")) == (0, 1)


def test_the_rest_of_a_burst_keeps_its_mail(world: World) -> None:
    for key in ("m1", "m2"):
        say(world.alice, key)
    take_back(["m1"])
    db.session.commit()
    say(world.alice, "m3")
    assert mails() == 1
    assert [notice.opens_burst for notice in told(world.alice)] == [True, False]


def test_what_is_on_the_screen_is_not_counted(world: World, as_) -> None:
    look_at(world.alice, 7)
    db.session.commit()
    say(world.alice, "m1")
    assert "1 unread" not in as_("alice").get("/notices").text
    read(world.alice, "chat-7")
    db.session.commit()
    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        assert "1 unread" not in as_("alice").get("/notices").text


def test_a_screen_that_nobody_sees_loses_nothing(world: World, as_) -> None:
    """The browser was closed a moment ago: the notice shows once the mark has run out, and its mail follows."""
    look_at(world.alice, 7)
    db.session.commit()
    say(world.alice, "m1")
    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        assert "1 unread" in as_("alice").get("/notices").text
    assert mails() == 1


def test_looking_away_shows_it_at_once(world: World, as_) -> None:
    look_at(world.alice, 7)
    db.session.commit()
    say(world.alice, "m1")
    look_away(world.alice, 7)
    db.session.commit()
    assert "1 unread" in as_("alice").get("/notices").text


def test_an_address_elsewhere_is_refused_by_the_database(world: World) -> None:
    db.session.add(Notice(user_id=world.alice, kind=SAID, url="https://evil.example", key="x", group_key="x"))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_old_read_notices_are_purged(world: World) -> None:
    say(world.alice, "m1")
    say(world.alice, "m2", chat_id=8)
    read(world.alice, "chat-7")
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=91), tick=True):
        assert operations.purge() == 1
    assert [notice.key for notice in told(world.alice)] == ["m2"]
