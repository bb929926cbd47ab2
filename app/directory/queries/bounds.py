"""Which of those who fit are looked at further, so that a page costs the same in a large community.

What is bounded: a score lies no more than the bonuses above its base, after place and style no more than those for
hours and language above what is known by then, and in the end no more than those for hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, case, func, null, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import User
from app.directory import scoring
from app.directory.fairness import LATEST
from app.directory.queries.binds import moment_of
from app.directory.queries.shared import COMMON, FOREIGN, languages, same

SINCE = "since"
# More than any score.
TOGETHER = 10 * scoring.SCORE_MOST
Conditions = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Bounds:
    """`in_reach` needs only the base of those who fit, `close_enough` the member's own row."""

    limits: CTE
    fair: bool

    def in_reach(self, fitting: CTE) -> ColumnElement[bool]:
        # A range, because PostgreSQL takes a range for a small part of all and then looks members up one by one;
        # half of those who fit would make it read all members.
        height = case((fitting.c.user_id >= self.limits.c.late, scoring.DIRECTION_MOST), else_=fitting.c.base)
        least = func.coalesce(self.limits.c.enough - scoring.BONUSES_MOST, 0)
        return (height if self.fair else fitting.c.base).between(least, scoring.DIRECTION_MOST)

    def close_enough(self, base: ColumnElement[int], same_place: Any, same_style: Any) -> ColumnElement[bool]:
        """For all but newcomers."""
        least = self.limits.c.enough - scoring.HOURS_MOST - scoring.LANGUAGE_BONUS
        return or_(self.limits.c.enough.is_(null()), base + bonus_of_row(same_place, same_style) >= least)


def is_newcomer(fitting: CTE, bounds: CTE) -> ColumnElement[bool]:
    """Joined lately, and by number among the last of those who fit: no more are looked at for newcomers' sake."""
    joined: InstrumentedAttribute[object] = User.created_at
    return and_(fitting.c.user_id >= bounds.c.late, joined > moment_of(SINCE))


def limits(fitting: CTE, wanted: Conditions, best: int, first: int) -> CTE:
    """One row: `late` is the lowest number among the last of those who fit. `enough` is what the last of the `best` has
    for certain, NULL where that is not found among the `first` by their base: then everybody is looked at.
    """
    late = func.coalesce(_last_by_number(fitting), 0).label("late")
    enough = (_known_of(best, fitting, wanted, first) if best else null()).label("enough")
    return select(late, enough).cte("limits").prefix_with("MATERIALIZED")


def among_the_best(near: CTE, best: int) -> ColumnElement[bool]:
    """All of `near` whom their hours may bring among the `best`; those with a common language come before the others.

    `near` has base, same_place, same_style and languages.
    """
    rank = known(near.c) + case((near.c.languages > FOREIGN, TOGETHER), else_=0)
    last = select(rank).order_by(rank.desc()).offset(best - 1).limit(1).correlate(None).scalar_subquery()
    return rank >= func.coalesce(last, 0) - scoring.HOURS_MOST


def known(columns: Any) -> ColumnElement[int]:
    """The score but for the hours; `columns` has base, same_place, same_style and languages."""
    language = scoring.bonus_if_sql(columns.languages == COMMON, scoring.LANGUAGE_BONUS)
    return columns.base + bonus_of_row(columns.same_place, columns.same_style) + language


def bonus_of_row(same_place: Any, same_style: Any) -> ColumnElement[int]:
    """The bonuses for what stands in the member's own row, "" where it differs from the viewer's."""
    place = scoring.bonus_if_sql(same_place != "", scoring.PLACE_BONUS)
    return place + scoring.bonus_if_sql(same_style != "", scoring.STYLE_BONUS)


def _known_of(place: int, fitting: CTE, wanted: Conditions, first: int) -> ColumnElement[int]:
    """What this place has for certain among the `first` by their base, NULL where too few of them share a language.

    Nearer to the scores than a base is, so that fewer are looked at.
    """
    by_base = select(fitting.c.user_id, fitting.c.base).order_by(fitting.c.base.desc()).limit(first)
    ranked = by_base.cte("first").prefix_with("MATERIALIZED")
    same_place, same_style = same(User.place_key).label("same_place"), same(User.learning_style).label("same_style")
    rows = select(ranked.c.base, same_place, same_style, languages().label("languages"))
    looked_at = rows.join(User, User.id == ranked.c.user_id).where(*wanted).cte("looked_at").prefix_with("MATERIALIZED")
    found = select(known(looked_at.c)).where(looked_at.c.languages > FOREIGN).order_by(known(looked_at.c).desc())
    return found.offset(place - 1).limit(1).correlate(None).scalar_subquery()


def _last_by_number(fitting: CTE) -> ColumnElement[int]:
    ids = select(fitting.c.user_id).order_by(fitting.c.user_id.desc()).offset(LATEST - 1).limit(1)
    return ids.correlate(None).scalar_subquery()
