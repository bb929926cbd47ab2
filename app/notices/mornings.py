"""When it was last morning where a member lives: digests go out then."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(8)
DAY = timedelta(days=1)


def last_morning(zone: str, moment: datetime) -> datetime:
    """The latest eight o'clock on the clocks of `zone` that is over at `moment`, as they show it."""
    here = moment.astimezone(ZoneInfo(zone))
    morning = datetime.combine(here.date(), MORNING, here.tzinfo)
    return morning if morning <= here else datetime.combine(here.date() - DAY, MORNING, here.tzinfo)


def last_monday(zone: str, moment: datetime) -> datetime:
    """The morning with which the week began."""
    morning = last_morning(zone, moment)
    return datetime.combine(morning.date() - DAY * morning.weekday(), MORNING, morning.tzinfo)


def day_of(morning: datetime) -> str:
    return morning.date().isoformat()


def week_of(morning: datetime) -> str:
    """The ISO week, for example "2026-W47"."""
    year, week, _weekday = morning.isocalendar()
    return f"{year}-W{week:02}"
