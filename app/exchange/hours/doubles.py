"""Recorded hours of a member who turned out to be another one; those between the two stay as they are."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, or_, select

from app.core.db import db
from app.core.doubles import hand_over
from app.core.registry import Merger
from app.exchange.models import HourRecord, HourRecordPerson

RECORDS: Table = HourRecord.__table__  # type: ignore[assignment]
PEOPLE: Table = HourRecordPerson.__table__  # type: ignore[assignment]


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
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


def _with_others(kept_id: int, duplicate_id: int) -> list[int]:
    theirs = or_(HourRecordPerson.helper_id == duplicate_id, HourRecordPerson.helped_id == duplicate_id)
    others = (HourRecordPerson.helper_id != kept_id, HourRecordPerson.helped_id != kept_id)
    return list(db.session.scalars(select(HourRecordPerson.id).where(theirs, *others)))


MERGER = Merger(merge, take_apart)
