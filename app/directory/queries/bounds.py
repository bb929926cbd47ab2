"""Which of those who fit are looked at further, so that a page costs the same in a large community.

What is bounded: a score lies no more than the bonuses above its base, and after place and style, which stand in the
member's own row, no more than those for hours and language.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import CTE, ColumnElement, and_, case, exists, func, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import User
from app.directory import scoring
from app.directory.fairness import LATEST
from app.directory.queries.binds import moment_of
from app.directory.queries.shared import bonus_of_row, some_language_shared

SINCE = "since"
Conditions = Sequence[ColumnElement[bool]]


def is_newcomer(fitting: CTE) -> ColumnElement[bool]:
    """Joined lately, and by number among the last of those who fit: no more are looked at for newcomers' sake."""
    return and_(_is_late(fitting), _joined_lately())


def may_be_among_the_best(fitting: CTE, wanted: Conditions, best: int, *, fair: bool) -> list[ColumnElement[bool]]:
    """Leaves out members who cannot be among the first `best` of those who are `wanted`."""
    limits = _limits(fitting, wanted, best)
    enough, least = (select(column).scalar_subquery() for column in (limits.c.enough, limits.c.least))
    threshold = case((enough.is_(null()), 0), else_=least - scoring.BONUSES_MOST)
    after_row, together = fitting.c.base + bonus_of_row(), some_language_shared()
    reaches = case(
        (enough.is_not(null()), and_(after_row >= least - scoring.HOURS_MOST - scoring.LANGUAGE_BONUS, together)),
        else_=or_(after_row >= least - scoring.HOURS_MOST, together),
    )
    # This condition needs no look at the member. It is a range, because PostgreSQL takes a range for a small part of
    # all and then looks members up one by one; half of those who fit would make it read all members.
    height = case((_is_late(fitting), scoring.DIRECTION_MOST), else_=fitting.c.base) if fair else fitting.c.base
    in_reach = height.between(threshold, scoring.DIRECTION_MOST)
    return [in_reach, or_(reaches, _joined_lately()) if fair else reaches]


def _limits(fitting: CTE, wanted: Conditions, best: int) -> CTE:
    """One row: `least` is the base of the last of the best. `enough` is the same, or NULL where fewer than `best`
    share a language: then all of these are looked at, and `least` is for the others, who come after them.
    """
    together = _base_of(best, fitting, [*wanted, some_language_shared()])
    enough = select(together.label("enough")).cte("sufficing").prefix_with("MATERIALIZED").c.enough
    # As fewer than `best` share a language, the rest of twice as many do not.
    least = func.coalesce(enough, _base_of(2 * best, fitting, wanted), 0)
    return select(enough, least.label("least")).cte("limits").prefix_with("MATERIALIZED")


def _base_of(place: int, fitting: CTE, wanted: Conditions) -> ColumnElement[int]:
    """The base at this place among the wanted, NULL where there are fewer."""
    # Sorted first, so that PostgreSQL stops when it has seen enough; EXISTS and not a join, for which SQLite would
    # index all members.
    ranked = select(fitting.c.user_id, fitting.c.base).order_by(fitting.c.base.desc()).subquery()
    found = select(ranked.c.base).where(exists().where(User.id == ranked.c.user_id, *wanted).correlate(ranked))
    return found.order_by(ranked.c.base.desc()).offset(place - 1).limit(1).correlate(None).scalar_subquery()


def _joined_lately() -> ColumnElement[bool]:
    joined: InstrumentedAttribute[object] = User.created_at
    return joined > moment_of(SINCE)


def _is_late(fitting: CTE) -> ColumnElement[bool]:
    ids = select(fitting.c.user_id).order_by(fitting.c.user_id.desc()).offset(LATEST - 1).limit(1)
    return fitting.c.user_id >= func.coalesce(ids.correlate(None).scalar_subquery(), 0)
