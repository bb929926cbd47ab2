"""The list of notices as it is drawn: by day on the reader's calendar, neighbours of one conversation as one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import groupby

from flask_babel import format_date, to_user_timezone
from flask_babel import gettext as _

from app.core.clock import now
from app.core.db import AnyRow
from app.core.registry import registry


@dataclass(frozen=True)
class Line:
    """The latest notice of some that stand together; `more` are those before it."""

    id: int
    icon: str
    sentence: str
    at: datetime
    unread: bool
    group_key: str
    more: int = 0


@dataclass(frozen=True)
class Day:
    label: str
    lines: Sequence[Line]


def days(rows: Iterable[AnyRow]) -> list[Day]:
    """`rows` come the latest first."""
    today = to_user_timezone(now()).date()
    by_day = groupby(rows, lambda row: to_user_timezone(row.created_at).date())
    return [Day(_day_label(day, today), _lines(of_it)) for day, of_it in by_day]


def _lines(rows: Iterable[AnyRow]) -> list[Line]:
    lines: list[Line] = []
    for row in rows:
        line = _line(row)
        last = lines[-1] if lines else None
        if last and (last.group_key, last.unread) == (line.group_key, line.unread):
            lines[-1] = replace(last, more=last.more + 1)
        else:
            lines.append(line)
    return lines


def _line(row: AnyRow) -> Line:
    kind = registry().notice_kinds[row.kind]
    return Line(
        id=row.id,
        icon=kind.icon,
        sentence=kind.sentence(row.params),
        at=row.created_at,
        unread=row.read_at is None,
        group_key=row.group_key,
    )


def _day_label(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return format_date(day, "full")
