"""What hangs on one member, when two are made one and taken apart again; the row itself is the business of merging."""

from __future__ import annotations

from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, delete, select

from app.accounts import availability
from app.accounts.availability import MINUTES_A_WEEK, SLOTS_A_DAY, Slot
from app.accounts.invitations import Invitation, InvitationUse, TermsAcceptance
from app.accounts.models import MINUTES_A_DAY, AvailabilitySlot, Block, EmailChange, User, UserLanguage
from app.core.clock import now
from app.core.db import Model, db
from app.core.doubles import copy_rows, hand_over, take_back
from app.core.registry import Merger

# Rows about a member, and the column that says whose they are.
COPIED = {
    "languages": (UserLanguage, "user_id"),
    "terms": (TermsAcceptance, "user_id"),
    "invitations_used": (InvitationUse, "user_id"),
    "blocks": (Block, "blocker_id"),
    "blocked_by": (Block, "blocked_id"),
}


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    db.session.execute(delete(EmailChange).where(EmailChange.user_id == duplicate_id))
    not_each_other = {
        "blocks": Block.blocked_id != kept_id,
        "blocked_by": Block.blocker_id != kept_id,
    }
    copied = {
        name: copy_rows(
            _table(model), owner, kept_id, duplicate_id, *([not_each_other[name]] if model is Block else [])
        )
        for name, (model, owner) in COPIED.items()
    }
    week = _merge_weeks(kept_id, duplicate_id)
    return {
        "copied": copied,
        "invited": hand_over(_table(Invitation), "inviter_id", duplicate_id, kept_id),
        "week": week,
    }


def take_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    if (week := done["week"]) and _week_of(kept_id) == week["after"]:
        _write_week(kept_id, week["before"])
    hand_over(_table(Invitation), "inviter_id", kept_id, duplicate_id, done["invited"])
    for name, (model, owner) in COPIED.items():
        take_back(_table(model), owner, kept_id, done["copied"][name])


def _merge_weeks(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """Free is who was free in one of the two weeks; the zone is the kept member's, unless only the other has hours."""
    before, theirs = _week_of(kept_id), _week_of(duplicate_id)
    if not theirs["slots"]:
        return {}
    zone = before["timezone"] if before["slots"] else theirs["timezone"]
    shift = _offset(zone) - _offset(theirs["timezone"])
    minutes = _minutes(before["slots"], 0) | _minutes(theirs["slots"], shift)
    after = {"timezone": zone, "slots": [[slot.weekday, slot.starts, slot.ends] for slot in _stretches(minutes)]}
    _write_week(kept_id, after)
    return {"before": before, "after": after}


def _week_of(user_id: int) -> dict[str, Any]:
    columns = (AvailabilitySlot.weekday, AvailabilitySlot.starts, AvailabilitySlot.ends)
    rows = db.session.execute(select(*columns).where(AvailabilitySlot.user_id == user_id).order_by(*columns))
    zone = db.session.scalars(select(User.timezone).where(User.id == user_id)).one()
    return {"timezone": zone, "slots": [list(row) for row in rows]}


def _write_week(user_id: int, week: dict[str, Any]) -> None:
    db.session.get_one(User, user_id).timezone = week["timezone"]
    db.session.execute(delete(AvailabilitySlot).where(AvailabilitySlot.user_id == user_id))
    db.session.add_all(
        AvailabilitySlot(user_id=user_id, weekday=weekday, starts=starts, ends=ends)
        for weekday, starts, ends in week["slots"]
    )
    db.session.flush()
    availability.refresh(user_id)


def _minutes(slots: list[list[int]], shift: int) -> set[int]:
    return {
        (weekday * MINUTES_A_DAY + minute + shift) % MINUTES_A_WEEK
        for weekday, starts, ends in slots
        for minute in range(starts, ends)
    }


def _stretches(minutes: set[int]) -> list[Slot]:
    """The week's free minutes as slots, cut at midnight; of a day's the longest, as many as its form has room for."""
    slots: list[Slot] = []
    for weekday in range(7):
        day = sorted(minute - weekday * MINUTES_A_DAY for minute in minutes if minute // MINUTES_A_DAY == weekday)
        bounds = [m for n, m in enumerate(day) if n == 0 or day[n - 1] != m - 1]
        ends = [m + 1 for n, m in enumerate(day) if n == len(day) - 1 or day[n + 1] != m + 1]
        found = [Slot(weekday, start, end) for start, end in zip(bounds, ends, strict=True)]
        longest = sorted(found, key=lambda slot: slot.starts - slot.ends)[:SLOTS_A_DAY]
        slots.extend(sorted(longest))
    return slots


def _offset(zone: str) -> int:
    offset = now().astimezone(ZoneInfo(zone)).utcoffset()
    return int(offset.total_seconds()) // 60 if offset else 0


def _table(model: type[Model]) -> Table:
    table = model.__table__
    assert isinstance(table, Table)  # noqa: S101 a mapped class of ours has one table
    return cast("Table", table)


MERGER = Merger(merge, take_apart)
