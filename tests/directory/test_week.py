"""Weeks in two zones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.availability import Slot
from app.directory.week import DAY, PARTS, local_week, offset_minutes, utc_hours

SUMMER, WINTER = datetime(2026, 7, 15, 12, tzinfo=UTC), datetime(2026, 1, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "minutes"),
    [("UTC", SUMMER, 0), ("Europe/Berlin", SUMMER, 120), ("Europe/Berlin", WINTER, 60), ("Asia/Kolkata", WINTER, 330),
     ("America/St_Johns", WINTER, -210)],
)  # fmt: skip
def test_offsets(zone: str, moment: datetime, minutes: int) -> None:
    assert offset_minutes(zone, moment) == minutes


def test_monday_in_utc() -> None:
    assert utc_hours([0], "", 0) == list(range(24))
    assert utc_hours([0], "evening", 0) == [18, 19, 20, 21, 22, 23]


def test_monday_evening_west_of_utc_is_tuesday_there() -> None:
    assert utc_hours([0], "evening", -8 * 60) == [26, 27, 28, 29, 30, 31]


def test_monday_morning_east_of_utc_begins_on_sunday() -> None:
    assert utc_hours([0], "morning", 10 * 60) == [0, 1, 164, 165, 166, 167]


@given(st.integers(-12 * 60, 14 * 60))
def test_days_and_parts_share_the_week_out(offset: int) -> None:
    days = [hour for day in range(7) for hour in utc_hours([day], "", offset)]
    assert sorted(days) == list(range(168))
    parts = [hour for part in PARTS for hour in utc_hours([], part, offset)]
    assert len(parts) == len(set(parts)) == 7 * 18


def test_a_stretch_that_passes_midnight_is_cut_there() -> None:
    week = local_week([Slot(0, 18 * 60, 22 * 60)], "America/New_York", "Europe/Berlin", WINTER)
    assert week[1] == [(0, 4 * 60)]
    week = local_week([Slot(0, 16 * 60, 20 * 60)], "America/New_York", "Europe/Berlin", WINTER)
    assert week[0] == [(22 * 60, DAY)]
    assert week[1] == [(0, 2 * 60)]


def test_what_touches_is_joined() -> None:
    week = local_week([Slot(6, 1380, 1440), Slot(0, 0, 60)], "Europe/Berlin", "UTC", WINTER)
    assert week[6] == [(22 * 60, DAY)]
    assert week[0] == []


def test_sunday_wraps_to_monday() -> None:
    week = local_week([Slot(6, 20 * 60, 22 * 60)], "UTC", "Asia/Tokyo", WINTER)
    assert week[0] == [(5 * 60, 7 * 60)]


def test_a_whole_day_stays_whole() -> None:
    assert local_week([Slot(2, 0, DAY)], "UTC", "UTC", WINTER)[2] == [(0, DAY)]
