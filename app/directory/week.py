"""Weeks in two time zones: 0 is Monday 00:00, hours run to 167, minutes to 10079.

Offsets are those of the moment at which somebody looks, so that summer time is right today.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

DAY = 24 * 60
WEEK = 7 * DAY
# Part of the day → first and last minute, the last one not included
PARTS = {"morning": (6 * 60, 12 * 60), "afternoon": (12 * 60, 18 * 60), "evening": (18 * 60, DAY)}


class Slot(Protocol):
    """A stretch of a weekday in minutes from midnight."""

    @property
    def weekday(self) -> int: ...

    @property
    def starts(self) -> int: ...

    @property
    def ends(self) -> int: ...


def offset_minutes(timezone: str, moment: datetime) -> int:
    """Minutes by which `timezone` is ahead of UTC at `moment`."""
    offset = moment.astimezone(ZoneInfo(timezone)).utcoffset() or timedelta()
    return int(offset.total_seconds()) // 60


def utc_hours(weekdays: Iterable[int], part: str, offset: int) -> list[int]:
    """The hours of the UTC week that belong to `part` ("" is the whole day) of `weekdays` (none: all) at `offset`.

    An hour that two local days share, where zones differ by half an hour, belongs to the one that has its middle.
    """
    first, last = PARTS.get(part, (0, DAY))
    days = set(weekdays) or set(range(7))
    middles = ((hour, (hour * 60 + 30 + offset) % WEEK) for hour in range(WEEK // 60))
    return [hour for hour, minute in middles if minute // DAY in days and first <= minute % DAY < last]


def local_week(slots: Iterable[Slot], owner: str, reader: str, moment: datetime) -> list[list[tuple[int, int]]]:
    """Seven lists of (from, until) in minutes of the reader's day: `slots` are in the owner's zone.

    What passes midnight is cut there, what touches is joined.
    """
    here, there = ZoneInfo(reader), ZoneInfo(owner)
    today = moment.astimezone(there).date()
    week: list[list[tuple[int, int]]] = [[] for _weekday in range(7)]
    for slot in slots:
        day = today + timedelta(days=(slot.weekday - today.weekday()) % 7)
        midnight = datetime.combine(day, time(), there)
        starts = (midnight + timedelta(minutes=slot.starts)).astimezone(here)
        ends = (midnight + timedelta(minutes=slot.ends)).astimezone(here)
        _add(week, starts, ends)
    return [_joined(day) for day in week]


def _add(week: list[list[tuple[int, int]]], starts: datetime, ends: datetime) -> None:
    first = starts.weekday() * DAY + starts.hour * 60 + starts.minute
    last = ends.weekday() * DAY + ends.hour * 60 + ends.minute
    last += WEEK if last <= first else 0
    while first < last:
        until = min(last, (first // DAY + 1) * DAY)
        week[first // DAY % 7].append((first % DAY, until - first // DAY * DAY))
        first = until


def _joined(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for starts, ends in sorted(stretches):
        if joined and starts <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ends))
        else:
            joined.append((starts, ends))
    return joined
