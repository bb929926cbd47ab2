"""Who fits `viewer`: from one's own few rows through the index (skill, kind, user) to everybody who answers them.

The formulas are those of app.directory.scoring. A direction is named after what the other one does: they *teach* me,
or they *learn* from me.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
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
from app.directory.queries.entries import AnyUnion, Entry, in_use
from app.skills.models import OFFER, WANT, Skill, UserSkill

KINDS = {TEACH: (OFFER, WANT), LEARN: (WANT, OFFER)}


def mutual(viewer: Looking, filters: MatchFilters, hours: Sequence[int], moment: datetime, only: int = 0) -> AnySelect:
    """Members who teach what `viewer` wants and want what `viewer` teaches.

    Columns: id, name, location, picture_id, base, shared_hours, same_place, shared_language, same_style, score.
    `hours` are those of the filtered weekday; `only` is one member's id, for the two of them alone.
    """
    teach, learn = _direction(viewer, TEACH, moment, only), _direction(viewer, LEARN, moment, only)
    base = scoring.harmonic_mean_sql(teach.c.score, learn.c.score)
    who = teach.join(learn, learn.c.user_id == teach.c.user_id).join(User, User.id == teach.c.user_id)
    return _scored(viewer, base, who, _filtered(viewer, filters, hours, moment))


def one_way(
    viewer: Looking, direction: str, filters: MatchFilters, hours: Sequence[int], moment: datetime, only: int = 0
) -> AnySelect:
    """Members who fit in `direction` and not in the other one. Columns as in `mutual`."""
    there, back = _direction(viewer, direction, moment, only), LEARN if direction == TEACH else TEACH
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    other_way = exists().where(theirs.user_id == User.id, *_meeting(viewer, back, mine, theirs, moment))
    who = there.join(User, User.id == there.c.user_id)
    return _scored(viewer, there.c.score, who, [*_filtered(viewer, filters, hours, moment), ~other_way])


def meetings(viewer: Looking, member_ids: Sequence[int], directions: Sequence[str], moment: datetime) -> AnyUnion:
    """Each skill that meets between `viewer` and them: (user_id, direction, name, offered, wanted, priority)."""
    parts = [_meetings(viewer, member_ids, direction, moment) for direction in directions]
    return union_all(*parts)


def _meetings(viewer: Looking, member_ids: Sequence[int], direction: str, moment: datetime) -> AnySelect:
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
        .where(theirs.user_id.in_(member_ids), *_meeting(viewer, direction, mine, theirs, moment))
    )


def _direction(viewer: Looking, direction: str, moment: datetime, only: int) -> FromClause:
    """(user_id, score) of everybody who fits in `direction`."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    offer, want = (theirs, mine) if direction == TEACH else (mine, theirs)
    points = func.sum(scoring.skill_points_sql(offer.level, want.level, want.priority))
    statement = (
        select(theirs.user_id, scoring.direction_score_sql(points).label("score"))
        .where(*_meeting(viewer, direction, mine, theirs, moment))
        .group_by(theirs.user_id)
    )
    if only:
        statement = statement.where(theirs.user_id == only)
    return statement.subquery(direction)


def _meeting(
    viewer: Looking, direction: str, mine: Entry, theirs: Entry, moment: datetime
) -> tuple[ColumnElement[bool], ...]:
    """An entry of mine and one of theirs are the two sides of the same skill."""
    their_kind, my_kind = KINDS[direction]
    return (
        mine.user_id == viewer.id,
        mine.kind == my_kind,
        theirs.kind == their_kind,
        theirs.skill_id == mine.skill_id,
        in_use(mine, moment),
        in_use(theirs, moment),
    )


def _scored(
    viewer: Looking, base: ColumnElement[int], who: FromClause, wanted: Sequence[ColumnElement[bool]]
) -> AnySelect:
    """Adds what the bonuses stand on and the score; computed once per member, then ordered by the caller."""
    found = (
        select(
            User.id,
            User.name,
            User.location,
            User.picture_id,
            base.label("base"),
            _shared_hours(viewer).label("shared_hours"),
            _same(viewer, User.place_key).label("same_place"),
            _shared_language(viewer).label("shared_language"),
            _same(viewer, User.learning_style).label("same_style"),
        )
        .select_from(who)
        .where(listed_for(viewer), *wanted)
        .cte("found")
        .prefix_with("MATERIALIZED", dialect="postgresql")
    )
    scored = select(*found.c, _score(found).label("score")).subquery("scored")
    return select(*scored.c)


def _score(found: FromClause) -> ColumnElement[int]:
    return (
        found.c.base
        + scoring.at_most_sql(found.c.shared_hours, scoring.HOURS_MOST)
        + scoring.bonus_if_sql(found.c.same_place != "", scoring.PLACE_BONUS)
        + scoring.bonus_if_sql(found.c.shared_language.is_not(null()), scoring.LANGUAGE_BONUS)
        + scoring.bonus_if_sql(found.c.same_style != "", scoring.STYLE_BONUS)
    )


def _shared_hours(viewer: Looking) -> ColumnElement[int]:
    mine, theirs = aliased(AvailabilityHour), aliased(AvailabilityHour)
    my_hours = select(mine.hour).where(mine.user_id == viewer.id)
    counted = select(func.count()).select_from(theirs)
    return counted.where(theirs.user_id == User.id, theirs.hour.in_(my_hours)).scalar_subquery()


def _shared_language(viewer: Looking) -> ColumnElement[str]:
    """A language that both speak (the first by its code), or NULL."""
    mine, theirs = aliased(UserLanguage), aliased(UserLanguage)
    my_languages = select(mine.language).where(mine.user_id == viewer.id)
    both = select(func.min(theirs.language)).where(theirs.user_id == User.id, theirs.language.in_(my_languages))
    return both.scalar_subquery()


def _same(viewer: Looking, column: Any) -> ColumnElement[str]:
    """What stands in `column` of both, "" where they differ."""
    me = aliased(User)
    mine = select(getattr(me, column.key)).where(me.id == viewer.id).scalar_subquery()
    return case((column == mine, column), else_="")


def _filtered(
    viewer: Looking, filters: MatchFilters, hours: Sequence[int], moment: datetime
) -> list[ColumnElement[bool]]:
    """The reader's filters; what is not asked for costs nothing."""
    wanted: list[ColumnElement[bool]] = []
    if filters.skill:
        wanted.append(_meets_in(viewer, filters.skill, moment))
    if filters.same_place:
        wanted.append(_same(viewer, User.place_key) != "")
    if filters.language:
        speaks = and_(UserLanguage.user_id == User.id, UserLanguage.language == filters.language)
        wanted.append(exists().where(speaks))
    if filters.weekday:
        wanted.append(exists().where(AvailabilityHour.user_id == User.id, AvailabilityHour.hour.in_(hours)))
    return wanted


def _meets_in(viewer: Looking, slug: str, moment: datetime) -> ColumnElement[bool]:
    """They offer the skill if I want it, or want it if I offer it."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    return exists().where(
        theirs.user_id == User.id,
        mine.user_id == viewer.id,
        mine.skill_id == theirs.skill_id,
        mine.kind != theirs.kind,
        theirs.skill_id == select(Skill.id).where(Skill.slug == slug).scalar_subquery(),
        in_use(mine, moment),
        in_use(theirs, moment),
    )
