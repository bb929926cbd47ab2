"""Which of those who fit are looked at further, so that a page costs the same in a large community.

What is bounded: a score lies no more than the bonuses above its base, and after place and style, which stand in the
member's own row, no more than those for hours and language.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, case, exists, func, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import User
from app.core.db import AnySelect
from app.directory import scoring
from app.directory.fairness import LATEST
from app.directory.queries.binds import moment_of
from app.directory.queries.shared import some_language_shared

SINCE = "since"
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Bounds:
    """`in_reach` needs only the base of those who fit, `reaches` what else is cheap to know of a member."""

    limits: CTE
    fair: bool

    def in_reach(self, fitting: CTE) -> ColumnElement[bool]:
        # A range, because PostgreSQL takes a range for a small part of all and then looks members up one by one;
        # half of those who fit would make it read all members.
        height = case((fitting.c.user_id >= self.limits.c.late, scoring.DIRECTION_MOST), else_=fitting.c.base)
        least = case((self.limits.c.enough.is_(null()), 0), else_=self.limits.c.least - scoring.BONUSES_MOST)
        return (height if self.fair else fitting.c.base).between(least, scoring.DIRECTION_MOST)

    def close_enough(self, base: ColumnElement[int], same_place: Any, same_style: Any) -> ColumnElement[bool]:
        """For all but newcomers: what needs the member's own row and no other."""
        after_row = base + bonus_of_row(same_place, same_style)
        least = self.limits.c.least - scoring.HOURS_MOST - scoring.LANGUAGE_BONUS
        return or_(self.limits.c.enough.is_(null()), after_row >= least)

    def reaches(self, near: CTE) -> ColumnElement[bool]:
        """`near` has shared_language, both_say, is_new and what the bonuses for place and style stand on."""
        after_row, close = near.c.base + bonus_of_row(near.c.same_place, near.c.same_style), together(near.c)
        missing = self.limits.c.least - scoring.HOURS_MOST
        reaching = case(
            (self.limits.c.enough.is_not(null()), and_(after_row >= missing - scoring.LANGUAGE_BONUS, close)),
            else_=or_(after_row >= missing, close),
        )
        return or_(reaching, near.c.is_new == 1) if self.fair else reaching


def is_newcomer(fitting: CTE, bounds: CTE) -> ColumnElement[bool]:
    """Joined lately, and by number among the last of those who fit: no more are looked at for newcomers' sake."""
    joined: InstrumentedAttribute[object] = User.created_at
    return and_(fitting.c.user_id >= bounds.c.late, joined > moment_of(SINCE))


def limits(fitting: CTE, wanted: Conditions, best: int) -> CTE:
    """One row: `late` is the lowest number among the last of those who fit. `least` is the base of the last of the
    `best` who are wanted. `enough` is the same, or NULL where fewer than `best` share a language: then all of these are
    looked at, and `least` is for the others, who come after them. Without `best` both are NULL.
    """
    late = func.coalesce(_last_by_number(fitting), 0).label("late")
    if not best:
        return _row(select(late, null().label("enough"), null().label("least")))
    sharing = _base_of(best, fitting, [*wanted, some_language_shared()])
    enough = select(sharing.label("enough")).cte("sufficing").prefix_with("MATERIALIZED").c.enough
    # As fewer than `best` share a language, the rest of twice as many do not.
    least = func.coalesce(enough, _base_of(2 * best, fitting, wanted), 0)
    return _row(select(late, enough, least.label("least")))


def bonus_of_row(same_place: Any, same_style: Any) -> ColumnElement[int]:
    """The bonuses for what stands in the member's own row, "" where it differs from the viewer's."""
    place = scoring.bonus_if_sql(same_place != "", scoring.PLACE_BONUS)
    return place + scoring.bonus_if_sql(same_style != "", scoring.STYLE_BONUS)


def together(columns: Any) -> ColumnElement[bool]:
    """They share a language or may do so, as one of them has not said."""
    return or_(columns.shared_language.is_not(null()), columns.both_say == 0)


def _row(statement: AnySelect) -> CTE:
    return statement.cte("limits").prefix_with("MATERIALIZED")


def _base_of(place: int, fitting: CTE, wanted: Conditions) -> ColumnElement[int]:
    """The base at this place among the wanted, NULL where there are fewer."""
    # Sorted first, so that PostgreSQL stops when it has seen enough; EXISTS and not a join, for which SQLite would
    # index all members.
    ranked = select(fitting.c.user_id, fitting.c.base).order_by(fitting.c.base.desc()).subquery()
    found = select(ranked.c.base).where(exists().where(User.id == ranked.c.user_id, *wanted).correlate(ranked))
    return found.order_by(ranked.c.base.desc()).offset(place - 1).limit(1).correlate(None).scalar_subquery()


def _last_by_number(fitting: CTE) -> ColumnElement[int]:
    ids = select(fitting.c.user_id).order_by(fitting.c.user_id.desc()).offset(LATEST - 1).limit(1)
    return ids.correlate(None).scalar_subquery()
