"""How a balance went over the last year: a chart, and the same by months as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import format_date, get_timezone
from flask_babel import gettext as _

from app.core.charts import Chart, step_chart
from app.core.clock import now
from app.core.db import AnyRow, db
from app.core.money import EXPONENTS, TIME, format_amount
from app.wallet.statements import balances_since

YEAR = timedelta(days=365)
MOST_ROWS, MOST_POINTS = 3000, 120
HOUR_STEPS = (
    15, 30, 60, 120, 180, 300, 600, 1200, 1800, 3000, 6000, 12_000, 30_000, 60_000, 120_000, 600_000,
)  # fmt: skip


@dataclass(frozen=True)
class Month:
    """What came in and went out (both as positive amounts) in a month, and the balance at its end."""

    name: str
    came: int
    went: int
    balance: int


@dataclass(frozen=True)
class Course:
    chart: Chart
    months: list[Month]


def course_of(wallet_id: int | None, currency: str = TIME) -> Course | None:
    """None while there is nothing to draw: fewer than two postings within the year."""
    moment = now()
    since = moment - YEAR
    found = db.session.execute(balances_since(wallet_id, since, MOST_ROWS)).all() if wallet_id else []
    rows = list(reversed(found))
    if len(rows) < 2:
        return None
    # A year that holds more than is drawn begins where the drawing does; a young wallet's where its life does.
    is_whole = len(rows) < MOST_ROWS and rows[0].balance_after != rows[0].amount
    start = since if is_whole else rows[0].created_at
    return Course(_chart(rows, start, moment, currency), months_of(rows))


def months_of(rows: Sequence[AnyRow]) -> list[Month]:
    """The latest month first; months in which nothing happened are left out."""
    months: dict[tuple[int, int], list[AnyRow]] = {}
    zone = get_timezone()
    for row in rows:
        local = row.created_at.astimezone(zone)
        months.setdefault((local.year, local.month), []).append(row)
    return [
        Month(
            name=format_date(lines[0].created_at.astimezone(zone), "LLLL y", rebase=False),
            came=sum(row.amount for row in lines if row.amount > 0),
            went=-sum(row.amount for row in lines if row.amount < 0),
            balance=lines[-1].balance_after,
        )
        for lines in reversed(months.values())
    ]


def _chart(rows: Sequence[AnyRow], start: datetime, end: datetime, currency: str) -> Chart:
    span = max((end - start).total_seconds(), 1.0)
    opening = rows[0].balance_after - rows[0].amount
    points = {0: (0.0, opening)}
    share = 0.0
    for row in rows:
        # Never back: clocks are set, and the order of postings is the one that counts.
        share = min(max((row.created_at - start).total_seconds() / span, share), 1.0)
        points[1 + int(share * MOST_POINTS)] = (share, row.balance_after)
    middle = start + (end - start) / 2
    return step_chart(
        [points[place] for place in sorted(points)],
        _steps(currency),
        lambda value: format_amount(value, currency),
        [format_date(when, _("MMM y")) for when in (start, middle)] + [_("today")],
        _summary(rows, opening, currency),
    )


def _summary(rows: Sequence[AnyRow], opening: int, currency: str) -> str:
    balances = [opening, *(row.balance_after for row in rows)]
    return _(
        "The balance over time: %(first)s at the start, %(last)s now, between %(low)s and %(high)s.",
        first=format_amount(opening, currency),
        last=format_amount(balances[-1], currency),
        low=format_amount(min(balances), currency),
        high=format_amount(max(balances), currency),
    )


def _steps(currency: str) -> Sequence[int]:
    if currency == TIME:
        return HOUR_STEPS
    unit = 10 ** EXPONENTS[currency]
    return [max(1, unit * factor // 10) * 10**power for power in range(10) for factor in (10, 20, 50)]
