"""Recorded hours for tests and pages: one of each kind that somebody meets."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.exchange.hours import answering, recording
from app.exchange.hours.plan import Help
from app.exchange.models import HourRecordPerson
from tests.directory.people import add_member
from tests.support.ledger import give_hours
from tests.world import World


def given(one: int, *others: int, minutes: int = 60, is_helper: bool = False, **values: Any) -> Help:
    """`one` was helped by the others today, or helped them."""
    values = {"done_on": now().date(), "note": "Shopping", **values}
    return Help(one, others, is_helper, minutes, **values)


def write_down(recorder_id: int, help_given: Help, key: str = "", sharing: str = "each") -> int:
    """Commits; the id of the record."""
    done = recording.record(recorder_id, help_given, key or secrets.token_urlsafe(16), sharing=sharing)
    db.session.commit()
    return done.record_id


def pairs(record_id: int) -> list[HourRecordPerson]:
    db.session.rollback()
    mine = select(HourRecordPerson).where(HourRecordPerson.record_id == record_id).order_by(HourRecordPerson.id)
    return list(db.session.scalars(mine))


def add_hours(ids: World) -> dict[str, int | str]:
    """Help that Alice gave and got, in several states. Commits; what stands for the braces in the paths."""
    for user_id in (ids.alice, ids.bob):
        give_hours(user_id, 600)
    db.session.commit()
    yesterday = now().date() - timedelta(days=1)
    write_down(ids.alice, given(ids.alice, ids.bob, minutes=90, note="Fixed my bicycle"))
    waiting = write_down(ids.bob, given(ids.bob, ids.alice, minutes=45, is_helper=True, note="Watered the plants"))
    declined = write_down(ids.bob, given(ids.bob, ids.alice, is_helper=True, done_on=yesterday))
    answering.decline(ids.alice, pairs(declined)[0].id, 1, "That was last week, and it is recorded already.")
    db.session.commit()
    offline = add_member("Olga Ohnemail")
    for_offline = write_down(ids.bob, given(ids.bob, offline, minutes=30, is_helper=True, note="Carried coal"))
    paid = write_down(ids.alice, given(ids.alice, ids.bob, ids.mod, minutes=100, note="Moved a sofa"))
    db.session.remove()
    return {
        "hours_waiting": waiting,
        "hours_waiting_pair": pairs(waiting)[0].id,
        "hours_offline": for_offline,
        "hours_paid": paid,
        "hours_paid_pair": pairs(paid)[0].id,
    }


def name_of(user_id: int) -> str:
    return db.session.scalars(select(User.name).where(User.id == user_id)).one()
