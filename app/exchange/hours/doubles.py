"""Recorded hours of a member who turned out to be another one; those between the two stay as they are, but nobody
agrees any more to what still waits there."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, and_, or_, select

from app.core.db import db
from app.core.doubles import hand_over
from app.core.registry import Merger
from app.exchange.hours.answering import run_out
from app.exchange.models import HourRecord, HourRecordPerson
from app.exchange.models.hours import WAITING

RECORDS: Table = HourRecord.__table__  # type: ignore[assignment]
PEOPLE: Table = HourRecordPerson.__table__  # type: ignore[assignment]


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    _end_between(kept_id, duplicate_id)
    people = _with_others(kept_id, duplicate_id)
    return {
        "recorded": hand_over(RECORDS, "recorded_by_id", duplicate_id, kept_id),
        "asked": hand_over(PEOPLE, "asked_id", duplicate_id, kept_id),
        "helped_by": hand_over(PEOPLE, "helper_id", duplicate_id, kept_id, people),
        "helped": hand_over(PEOPLE, "helped_id", duplicate_id, kept_id, people),
    }


def take_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(PEOPLE, "helped_id", kept_id, duplicate_id, done["helped"])
    hand_over(PEOPLE, "helper_id", kept_id, duplicate_id, done["helped_by"])
    hand_over(PEOPLE, "asked_id", kept_id, duplicate_id, done["asked"])
    hand_over(RECORDS, "recorded_by_id", kept_id, duplicate_id, done["recorded"])


def _end_between(kept_id: int, duplicate_id: int) -> None:
    helper, helped = HourRecordPerson.helper_id, HourRecordPerson.helped_id
    both = or_(
        and_(helper == kept_id, helped == duplicate_id),
        and_(helper == duplicate_id, helped == kept_id),
    )
    waiting = select(HourRecordPerson).where(both, HourRecordPerson.state == WAITING).with_for_update()
    for row in db.session.scalars(waiting.order_by(HourRecordPerson.id)).all():
        run_out(row)


def _with_others(kept_id: int, duplicate_id: int) -> list[int]:
    theirs = or_(HourRecordPerson.helper_id == duplicate_id, HourRecordPerson.helped_id == duplicate_id)
    others = (HourRecordPerson.helper_id != kept_id, HourRecordPerson.helped_id != kept_id)
    return list(db.session.scalars(select(HourRecordPerson.id).where(theirs, *others)))


MERGER = Merger(merge, take_apart)
