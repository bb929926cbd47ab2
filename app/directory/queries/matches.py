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
    ColumnElement,
    FromClause,
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
    """What is asked, without the values: the direction ("" for mutual matches) and the filters that are on."""

    direction: str
    filters: frozenset[str] = frozenset()


def shape_of(direction: str, filters: MatchFilters) -> Shape:
    asked = {SKILL: filters.skill, PLACE: filters.same_place, LANGUAGE: filters.language, WEEKDAY: filters.weekday}
    return Shape(direction, frozenset(name for name, value in asked.items() if value))


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
    if shape.direction:
        return _one_way(shape)
    teach, learn = _direction(TEACH, shape), _direction(LEARN, shape)
    base = scoring.harmonic_mean_sql(teach.c.score, learn.c.score)
    who = teach.join(learn, learn.c.user_id == teach.c.user_id).join(User, User.id == teach.c.user_id)
    return _scored(base, who, _filtered(shape))


@cache
def meetings(*directions: str) -> AnyUnion:
    """Each skill that meets between the viewer and members: (user_id, direction, name, offered, wanted, priority).

    Values: viewer, moment, member_ids.
    """
    return union_all(*(_meetings(direction) for direction in directions))


def _one_way(shape: Shape) -> AnySelect:
    there, back = _direction(shape.direction, shape), LEARN if shape.direction == TEACH else TEACH
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    other_way = exists().where(theirs.user_id == User.id, *_meeting(back, mine, theirs))
    who = there.join(User, User.id == there.c.user_id)
    return _scored(there.c.score, who, [*_filtered(shape), ~other_way])


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


def _direction(direction: str, shape: Shape) -> FromClause:
    """(user_id, score) of everybody who fits in `direction`."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    offer, want = (theirs, mine) if direction == TEACH else (mine, theirs)
    points = func.sum(scoring.skill_points_sql(offer.level, want.level, want.priority))
    statement = (
        select(theirs.user_id, scoring.direction_score_sql(points).label("score"))
        .where(*_meeting(direction, mine, theirs))
        .group_by(theirs.user_id)
    )
    if ONLY in shape.filters:
        statement = statement.where(theirs.user_id == number(ONLY))
    return statement.subquery(direction)


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


def _scored(base: ColumnElement[int], who: FromClause, wanted: Sequence[ColumnElement[bool]]) -> AnySelect:
    """Adds what the bonuses stand on and the score; computed once per member, then ordered by the caller."""
    found = (
        select(
            User.id,
            User.name,
            User.location,
            User.picture_id,
            base.label("base"),
            _shared_hours().label("shared_hours"),
            _same(User.place_key).label("same_place"),
            _shared_language().label("shared_language"),
            _same(User.learning_style).label("same_style"),
        )
        .select_from(who)
        .where(listed_for(LOOKING), *wanted)
        .cte("found")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    with_score = select(*found.c, _score(found).label("score")).subquery("scored")
    return select(*with_score.c)


def _score(found: FromClause) -> ColumnElement[int]:
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
