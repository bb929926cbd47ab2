"""Who fits the viewer: from one's own few rows through the index (skill, kind, user) to everybody who answers them.

The formulas are those of app.directory.scoring. A direction is named after what the other one does: they *teach* me,
or they *learn* from me. Statements are built once for each shape; `values` binds what they are run for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.accounts.queries import Looking, listed_for
from app.core.db import AnySelect
from app.directory import scoring
from app.directory.filters import LEARN, TEACH, MatchFilters
from app.directory.queries.binds import LOOKING, VIEWER, Values, number, numbers, word
from app.directory.queries.entries import AnyUnion, Entry, in_use
from app.skills.models import OFFER, WANT, Skill, UserSkill

KINDS = {TEACH: (OFFER, WANT), LEARN: (WANT, OFFER)}
SKILL, PLACE, LANGUAGE, WEEKDAY, ONLY = "skill", "place", "language", "weekday", "only"


@dataclass(frozen=True)
class Shape:
    """What is asked, without the values: the direction ("" for mutual matches) and the filters that are on.

    With `best` only so many rows count: members who cannot be among them are not looked at.
    """

    direction: str
    filters: frozenset[str] = frozenset()
    best: int = 0


def shape_of(direction: str, filters: MatchFilters, best: int = 0) -> Shape:
    asked = {SKILL: filters.skill, PLACE: filters.same_place, LANGUAGE: filters.language, WEEKDAY: filters.weekday}
    return Shape(direction, frozenset(name for name, value in asked.items() if value), best)


def values(
    viewer: Looking, moment: datetime, filters: MatchFilters | None = None, hours: Sequence[int] = (), only: int = 0
) -> Values:
    """`hours` are the UTC hours of the filtered weekday; `only` is the one member of Shape(…, {ONLY})."""
    found: Values = {"viewer": viewer.id, "moment": moment}
    if filters:
        asked = {SKILL: filters.skill, LANGUAGE: filters.language, WEEKDAY: list(hours)}
        found |= {name: value for name, value in asked.items() if value}
    return found | ({ONLY: only} if only else {})


@cache
def scored(shape: Shape) -> AnySelect:
    """Mutual matches, who teach what the viewer wants and want what the viewer teaches; or those of one direction only.

    Columns: id, name, location, picture_id, base, shared_hours, same_place, shared_language, same_style, score.
    """
    fits, wanted = _fits(shape), [listed_for(LOOKING), *_filtered(shape)]
    looked_at = [fits.c.base >= _least_base(fits, wanted, shape.best)] if shape.best else []
    found = _with_bonuses(fits, [*wanted, *looked_at])
    with_score = select(*found.c, _score(found).label("score")).subquery("scored")
    return select(*with_score.c)


@cache
def meetings(*directions: str) -> AnyUnion:
    """Each skill that meets between the viewer and members: (user_id, direction, name, offered, wanted, priority).

    Values: viewer, moment, member_ids.
    """
    return union_all(*(_meetings(direction) for direction in directions))


def _meetings(direction: str) -> AnySelect:
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    offer, want = (theirs, mine) if direction == TEACH else (mine, theirs)
    return (
        select(
            theirs.user_id,
            literal(direction).label("direction"),
            Skill.name,
            offer.level.label("offered"),
            want.level.label("wanted"),
            want.priority.label("priority"),
        )
        .join(Skill, Skill.id == theirs.skill_id)
        .join(mine, mine.skill_id == Skill.id)
        .where(theirs.user_id.in_(numbers("member_ids")), *_meeting(direction, mine, theirs))
    )


def _fits(shape: Shape) -> CTE:
    """(user_id, base) of everybody who fits, visible or not.

    Both directions are added up in one pass over the two ranges of the index: that is quicker than to join two sums,
    whose size no planner guesses.
    """
    points = union_all(_points(TEACH, shape), _points(LEARN, shape)).subquery("points")
    teach, learn = func.sum(points.c.teach), func.sum(points.c.learn)
    found = {
        "": ((teach > 0, learn > 0), _harmonic_mean_of(teach, learn)),
        TEACH: ((teach > 0, learn == 0), scoring.direction_score_sql(teach)),
        LEARN: ((learn > 0, teach == 0), scoring.direction_score_sql(learn)),
    }
    who, base = found[shape.direction]
    fitting = select(points.c.user_id, base.label("base")).group_by(points.c.user_id).having(and_(*who))
    return fitting.cte("fits").prefix_with("MATERIALIZED")


def _harmonic_mean_of(teach: ColumnElement[int], learn: ColumnElement[int]) -> ColumnElement[int]:
    return scoring.harmonic_mean_sql(scoring.direction_score_sql(teach), scoring.direction_score_sql(learn))


def _points(direction: str, shape: Shape) -> AnySelect:
    """(user_id, teach, learn) of each skill that meets in `direction`; the other column is 0."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    offer, want = (theirs, mine) if direction == TEACH else (mine, theirs)
    points = scoring.skill_points_sql(offer.level, want.level, want.priority)
    nothing = literal(0, Integer)
    teach, learn = (points, nothing) if direction == TEACH else (nothing, points)
    both = select(theirs.user_id, teach.label("teach"), learn.label("learn"))
    only = [theirs.user_id == number(ONLY)] if ONLY in shape.filters else []
    return both.where(*_meeting(direction, mine, theirs), *only)


def _least_base(fits: CTE, wanted: Sequence[ColumnElement[bool]], best: int) -> ColumnElement[int]:
    """Below this nobody is among the `best`: every bonus would not make up for the base of the last of them."""
    # Sorted first, so that PostgreSQL stops when it has seen enough; EXISTS and not a join, for which SQLite would
    # index all members.
    ranked = select(fits.c.user_id, fits.c.base).order_by(fits.c.base.desc()).subquery("ranked")
    last = (
        select(ranked.c.base)
        .where(exists().where(User.id == ranked.c.user_id, *wanted).correlate(ranked))
        .order_by(ranked.c.base.desc())
        .offset(best - 1)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    return func.coalesce(last - scoring.BONUSES_MOST, 0)


def _meeting(direction: str, mine: Entry, theirs: Entry) -> tuple[ColumnElement[bool], ...]:
    """An entry of mine and one of theirs are the two sides of the same skill."""
    their_kind, my_kind = KINDS[direction]
    return (
        mine.user_id == VIEWER,
        mine.kind == my_kind,
        theirs.kind == their_kind,
        theirs.skill_id == mine.skill_id,
        in_use(mine),
        in_use(theirs),
    )


def _with_bonuses(fits: CTE, wanted: Sequence[ColumnElement[bool]]) -> CTE:
    """Adds what the bonuses stand on, computed once for each member."""
    return (
        select(
            User.id,
            User.name,
            User.location,
            User.picture_id,
            fits.c.base,
            _shared_hours().label("shared_hours"),
            _same(User.place_key).label("same_place"),
            _shared_language().label("shared_language"),
            _same(User.learning_style).label("same_style"),
        )
        .join(fits, fits.c.user_id == User.id)
        .where(*wanted)
        .cte("found")
        .prefix_with("MATERIALIZED")
    )


def _score(found: CTE) -> ColumnElement[int]:
    return (
        found.c.base
        + scoring.at_most_sql(found.c.shared_hours, scoring.HOURS_MOST)
        + scoring.bonus_if_sql(found.c.same_place != "", scoring.PLACE_BONUS)
        + scoring.bonus_if_sql(found.c.shared_language.is_not(null()), scoring.LANGUAGE_BONUS)
        + scoring.bonus_if_sql(found.c.same_style != "", scoring.STYLE_BONUS)
    )


def _shared_hours() -> ColumnElement[int]:
    mine, theirs = aliased(AvailabilityHour), aliased(AvailabilityHour)
    my_hours = select(mine.hour).where(mine.user_id == VIEWER)
    counted = select(func.count()).select_from(theirs)
    return counted.where(theirs.user_id == User.id, theirs.hour.in_(my_hours)).scalar_subquery()


def _shared_language() -> ColumnElement[str]:
    """A language that both speak (the first by its code), or NULL."""
    mine, theirs = aliased(UserLanguage), aliased(UserLanguage)
    my_languages = select(mine.language).where(mine.user_id == VIEWER)
    both = select(func.min(theirs.language)).where(theirs.user_id == User.id, theirs.language.in_(my_languages))
    return both.scalar_subquery()


def _same(column: Any) -> ColumnElement[str]:
    """What stands in `column` of both, "" where they differ."""
    me = aliased(User)
    mine = select(getattr(me, column.key)).where(me.id == VIEWER).scalar_subquery()
    return case((column == mine, column), else_="")


def _filtered(shape: Shape) -> list[ColumnElement[bool]]:
    """The reader's filters; what is not asked for costs nothing."""
    speaks = and_(UserLanguage.user_id == User.id, UserLanguage.language == word(LANGUAGE))
    is_free = and_(AvailabilityHour.user_id == User.id, AvailabilityHour.hour.in_(numbers(WEEKDAY)))
    known = {
        SKILL: _meets_in(word(SKILL)),
        PLACE: _same(User.place_key) != "",
        LANGUAGE: exists().where(speaks),
        WEEKDAY: exists().where(is_free),
    }
    return [condition for name, condition in known.items() if name in shape.filters]


def _meets_in(slug: ColumnElement[str]) -> ColumnElement[bool]:
    """They offer the skill if I want it, or want it if I offer it."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    return exists().where(
        theirs.user_id == User.id,
        mine.user_id == VIEWER,
        mine.skill_id == theirs.skill_id,
        mine.kind != theirs.kind,
        theirs.skill_id == select(Skill.id).where(Skill.slug == slug).scalar_subquery(),
        in_use(mine),
        in_use(theirs),
    )
