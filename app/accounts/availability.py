"""When members have time: from slots on the clock of their zone to hours of the UTC week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import delete, insert, select

from app.accounts.models import HOURS_A_WEEK, MINUTES_A_DAY, AvailabilityHour, AvailabilitySlot, User
from app.core.clock import now
from app.core.db import db

MINUTES_A_WEEK = HOURS_A_WEEK * 60
# An hour counts when at least half of it is free: zones lie 30 or 45 minutes beside the hour.
ENOUGH_MINUTES = 30
SLOTS_A_DAY = 3
REGIONS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@dataclass(frozen=True, order=True)
class Slot:
    """A stretch of a weekday (0 is Monday) in minutes from midnight; 1440 is its end."""

    weekday: int
    starts: int
    ends: int


def utc_hours(slots: Iterable[Slot], timezone: str, moment: datetime) -> set[int]:
    """The hours of the UTC week (0 is Monday 00:00) that `slots` cover at the zone's offset of `moment`."""
    offset = moment.astimezone(ZoneInfo(timezone)).utcoffset()
    shift = int(offset.total_seconds() // 60) if offset else 0
    minutes = [0] * HOURS_A_WEEK
    for slot in slots:
        for minute in range(slot.starts, slot.ends):
            minutes[(slot.weekday * MINUTES_A_DAY + minute - shift) % MINUTES_A_WEEK // 60] += 1
    return {hour for hour, free in enumerate(minutes) if free >= ENOUGH_MINUTES}


@cache
def timezones() -> tuple[str, ...]:
    """The zones that people live in, by name; UTC first."""
    return ("UTC", *sorted(name for name in available_timezones() if name.split("/")[0] in REGIONS))


def timezone_choices() -> list[tuple[str, str, str]]:
    """(region, zone, city) for a select in groups: ("Europe", "Europe/Berlin", "Berlin"); UTC belongs to no region."""
    named = (name.partition("/") for name in timezones()[1:])
    cities = [
        (region, f"{region}/{city}", city.replace("_", " ").replace("/", " · ")) for region, _slash, city in named
    ]
    return [("", "UTC", "UTC"), *cities]


def refresh(user_id: int, moment: datetime | None = None) -> None:
    """Writes a member's hours of the UTC week anew, from the slots that are flushed."""
    timezone = db.session.scalars(select(User.timezone).where(User.id == user_id)).one()
    columns = select(AvailabilitySlot.weekday, AvailabilitySlot.starts, AvailabilitySlot.ends)
    rows = db.session.execute(columns.where(AvailabilitySlot.user_id == user_id))
    hours = utc_hours((Slot(*row) for row in rows), timezone, moment or now())
    db.session.execute(delete(AvailabilityHour).where(AvailabilityHour.user_id == user_id))
    if hours:
        new = [{"user_id": user_id, "hour": hour} for hour in sorted(hours)]
        db.session.execute(insert(AvailabilityHour), new)
