"""Everybody whose offers and wants meet the viewer's, with the base of their score, visible or not.

Both ways: a swap that the viewer could make is turned round and looked up among everybody's (PossibleSwap), which
reads the rows of those who fit and no others. One way: the viewer's own few entries lead through an index to all who
answer them. A direction is named after what the other one does: they *teach* me, or they *learn* from me.
"""

from __future__ import annotations

from sqlalchemy import CTE, ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from app.core.db import AnySelect
from app.directory import scoring
from app.directory.filters import TEACH
from app.directory.queries.binds import MOMENT, VIEWER, number
from app.skills.models import OFFER, WANT, PossibleSwap, UserSkill
from app.skills.queries import is_current, not_expired

Entry = type[UserSkill]
MINE, THEIRS = aliased(PossibleSwap), aliased(PossibleSwap)
ONLY = "only"


def fits(direction: str, *, only: bool = False) -> CTE:
    """(user_id, base) of mutual matches for "", of those of one direction alone otherwise.

    `only` asks about the one member whose id is bound to ONLY.
    """
    found = _one_way(direction, only=only) if direction else _mutual(only=only)
    return found.cte("fits").prefix_with("MATERIALIZED")


def meeting(direction: str, mine: Entry, theirs: Entry) -> ColumnElement[bool]:
    """An entry of mine and one of theirs are the two sides of the same skill."""
    their_kind, my_kind = (OFFER, WANT) if direction == TEACH else (WANT, OFFER)
    return and_(
        mine.user_id == VIEWER,
        mine.kind == my_kind,
        theirs.kind == their_kind,
        theirs.skill_id == mine.skill_id,
        is_current(MOMENT, mine),
        is_current(MOMENT, theirs),
    )


def swapping() -> ColumnElement[bool]:
    """A swap of mine and one of theirs are the same one, seen from both sides."""
    return and_(
        MINE.user_id == VIEWER,
        THEIRS.offer_skill_id == MINE.want_skill_id,
        THEIRS.want_skill_id == MINE.offer_skill_id,
        not_expired(MOMENT, MINE),
        not_expired(MOMENT, THEIRS),
    )


def swappers() -> AnySelect:
    """The ids of all mutual matches, visible or not."""
    return select(THEIRS.user_id).where(swapping())


def _mutual(*, only: bool) -> AnySelect:
    """First by what they want, then by member: each offer that meets stands beside each want that meets, so that every
    want of theirs has the whole sum of their offers beside it. (Counting distinct skills takes four times as long.)
    """
    teach = scoring.skill_points_sql(THEIRS.offer_level, MINE.want_level, MINE.want_priority)
    learn = scoring.skill_points_sql(MINE.offer_level, THEIRS.want_level, THEIRS.want_priority)
    asked = [THEIRS.user_id == number(ONLY)] if only else []
    by_want = (
        select(THEIRS.user_id, func.sum(teach).label("teach"), func.max(learn).label("learn"))
        .where(swapping(), *asked)
        .group_by(THEIRS.user_id, THEIRS.want_skill_id)
        .subquery("by_want")
    )
    teaches = scoring.direction_score_sql(func.max(by_want.c.teach))
    learns = scoring.direction_score_sql(func.sum(by_want.c.learn))
    base = scoring.harmonic_mean_sql(teaches, learns)
    return select(by_want.c.user_id, base.label("base")).group_by(by_want.c.user_id)


def _one_way(direction: str, *, only: bool) -> AnySelect:
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    offer, want = (theirs, mine) if direction == TEACH else (mine, theirs)
    points = func.sum(scoring.skill_points_sql(offer.level, want.level, want.priority))
    asked = [theirs.user_id == number(ONLY)] if only else []
    return (
        select(theirs.user_id, scoring.direction_score_sql(points).label("base"))
        .where(meeting(direction, mine, theirs), *asked, theirs.user_id.not_in(swappers()))
        .group_by(theirs.user_id)
    )
