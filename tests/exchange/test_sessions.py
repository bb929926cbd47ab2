"""Times to meet, and what calendars are told of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select, update

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.exchange.models import ExchangeSession
from tests.exchange.agreements import agreed, at_once, end_sessions, exchange, in_days, swap_terms, under_way
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]


def session_of(exchange_id: int) -> ExchangeSession:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(ExchangeSession).where(ExchangeSession.exchange_id == exchange_id)).one()


def event_of(browser: CheckedClient, exchange_id: int) -> tuple[Calendar, dict[str, object]]:
    address = f"/exchanges/{exchange_id}/sessions/{session_of(exchange_id).id}/meeting.ics"
    answer = browser.get(address)
    assert answer.mimetype == "text/calendar"
    assert "attachment" in answer.headers["Content-Disposition"]
    calendar = Calendar.from_ical(answer.data)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def the_form(**values: str) -> dict[str, str]:
    when = (now() + timedelta(days=4)).strftime("%Y-%m-%dT18:30")
    return {"starts_at": when, "minutes": "60", "place": "Café", "link": "", **values}


def test_updates_keep_the_uid_and_raise_the_sequence(app: Flask, as_: As, world: World) -> None:
    exchange_id = under_way(world)
    alice, bob = as_("alice"), as_("bob")
    calendar, first = event_of(bob, exchange_id)
    assert (str(calendar["method"]), int(first["sequence"]), str(first["status"])) == ("PUBLISH", 0, "CONFIRMED")
    assert str(first["summary"]) == "Python for Spanish with Alice Adeyemi"
    assert str(first["location"]) == "Library"
    address = f"/exchanges/{exchange_id}/sessions/{session_of(exchange_id).id}"
    assert alice.post(address, data=the_form(sequence="0")).status_code == 303
    calendar, second = event_of(bob, exchange_id)
    assert (str(second["uid"]), int(second["sequence"])) == (str(first["uid"]), 1)
    assert second["dtstart"].dt == session_of(exchange_id).starts_at
    assert str(second["location"]) == "Café"
    assert bob.post(f"{address}/cancellation", data={"sequence": "1"}).status_code == 303
    calendar, third = event_of(alice, exchange_id)
    assert (str(calendar["method"]), str(third["status"])) == ("CANCEL", "CANCELLED")
    assert (str(third["uid"]), int(third["sequence"])) == (str(first["uid"]), 2)


def test_cancelling_the_exchange_cancels_what_was_planned(app: Flask, as_: As, world: World) -> None:
    exchange_id = under_way(world)
    version = str(exchange(exchange_id).version)
    as_("alice").post(f"/exchanges/{exchange_id}/cancellation", data={"version": version})
    calendar, event = event_of(as_("bob"), exchange_id)
    assert (str(calendar["method"]), int(event["sequence"])) == ("CANCEL", 1)


def test_a_time_that_was_proposed_along_is_set_by_agreeing(app: Flask, world: World) -> None:
    exchange_id = agreed(world, swap_terms(world, starts_at=in_days(3), zone="Europe/Madrid", place="Park"))
    session = session_of(exchange_id)
    assert (exchange(exchange_id).state, session.place, session.zone) == ("active", "Park", "Europe/Madrid")
    assert session.ends_at - session.starts_at == timedelta(hours=2)


def test_times_are_in_the_readers_zone(app: Flask, as_: As, world: World) -> None:
    db.session.execute(update(User).where(User.id == world.alice).values(timezone="America/Bogota"))
    db.session.commit()
    exchange_id = agreed(world)
    as_("alice").post(f"/exchanges/{exchange_id}/sessions", data=the_form())
    assert (session_of(exchange_id).starts_at.hour, session_of(exchange_id).starts_at.minute) == (23, 30)
    assert "18:30" in as_("alice").get(f"/exchanges/{exchange_id}").text
    assert "23:30" in as_("bob").get(f"/exchanges/{exchange_id}").text


def test_two_changes_at_once_leave_one(app: Flask, as_: As, world: World) -> None:
    exchange_id = under_way(world)
    address = f"/exchanges/{exchange_id}/sessions/{session_of(exchange_id).id}"
    browsers = [as_("alice"), as_("bob")]
    answers = at_once(
        app,
        *(
            (lambda b=b, p=p: b.post(address, data=the_form(sequence="0", place=p)).status_code)
            for b, p in zip(browsers, ("Park", "Bar"), strict=True)
        ),
    )
    assert sorted(answers) == [303, 409]
    assert session_of(exchange_id).sequence == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"starts_at": ""}, "Say when."),
        ({"starts_at": "2020-01-01T10:00"}, "That time is over."),
        ({"starts_at": "2999-01-01T10:00"}, "more than a year away"),
        ({"minutes": "0"}, "valid choice"),
        ({"minutes": "100000"}, "valid choice"),
        ({"link": "ftp://example.org"}, "no web address"),
        ({"place": "x" * 121}, "At most 120 characters"),
    ],
)
def test_bad_input_is_said_at_its_field(app: Flask, as_: As, world: World, data: dict[str, str], said: str) -> None:
    exchange_id = agreed(world)
    answer = as_("alice").post(f"/exchanges/{exchange_id}/sessions", data=the_form(**data))
    assert answer.status_code == 422
    assert said in answer.text


def test_the_same_time_twice_is_a_slip(app: Flask, as_: As, world: World) -> None:
    exchange_id = agreed(world)
    alice = as_("alice")
    assert alice.post(f"/exchanges/{exchange_id}/sessions", data=the_form()).status_code == 303
    answer = alice.post(f"/exchanges/{exchange_id}/sessions", data=the_form())
    assert answer.status_code == 422
    assert "meet at that time already" in answer.text


def test_what_is_over_is_not_moved(app: Flask, as_: As, world: World) -> None:
    exchange_id = under_way(world)
    end_sessions(exchange_id)
    address = f"/exchanges/{exchange_id}/sessions/{session_of(exchange_id).id}"
    assert as_("alice").get(address).status_code == 403
    assert as_("alice").post(address, data=the_form(sequence="0")).status_code == 409
    assert as_("alice").post(f"{address}/cancellation", data={"sequence": "0"}).status_code == 409


def test_nothing_is_planned_before_both_agree(app: Flask, as_: As, world: World) -> None:
    from tests.exchange.agreements import proposed

    exchange_id = proposed(world)
    assert as_("alice").get(f"/exchanges/{exchange_id}/sessions").status_code == 403
    assert as_("alice").post(f"/exchanges/{exchange_id}/sessions", data=the_form()).status_code == 409


def test_a_session_of_another_exchange_is_none(app: Flask, as_: As, world: World) -> None:
    first, second = under_way(world), agreed(world, swap_terms(world, 30, 30))
    session_id = session_of(first).id
    assert as_("alice").get(f"/exchanges/{second}/sessions/{session_id}/meeting.ics").status_code == 404
