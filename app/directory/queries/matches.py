"""Who fits the viewer, best first: everybody of queries.fits who may be shown, with bonuses and place in the order.

The formulas are those of app.directory.scoring. Statements are built once for each shape of a question; `values` binds
what they are run for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import CTE, ColumnElement, and_, case, exists, func, literal, or_, select, true, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.accounts.queries import Looking, listed_for, reached_by_coordinators
from app.core.db import AnySelect
from app.core.paging import Key, first_of
from app.directory import scoring
from app.directory.fairness import APART, NEW_FOR, ORDINARY, PLACES, RESERVED
from app.directory.filters import TEACH, MatchFilters
from app.directory.queries.binds import LOOKING, MOMENT, VIEWER, Values, numbers, word
from app.directory.queries.bounds import SINCE, Bounds, among_the_best, is_newcomer, known, limits
from app.directory.queries.entries import AnyUnion
from app.directory.queries.fits import ONLY, fits, meeting
from app.directory.queries.shared import COMMON, FOREIGN, languages, same, shared_hours, shared_language
from app.skills.models import Skill, UserSkill
from app.skills.queries import is_current

# So many pages are looked at to see what the last one of a page has for certain. One way there are more who fit, of
# fewer different bases.
LOOKED_AT = {False: 8, True: 16}
SKILL, PLACE, LANGUAGE, WEEKDAY = "skill", "place", "language", "weekday"


@dataclass(frozen=True)
class Shape:
    """What is asked, without the values: the direction ("" for mutual matches) and the filters that are on.

    With `best` only so many rows count: members who cannot be among them are not looked at. `fair` reserves places
    for newcomers.
    """

    direction: str
    filters: frozenset[str] = frozenset()
    best: int = 0
    fair: bool = False


def shape_of(direction: str, filters: MatchFilters, best: int = 0, *, fair: bool = False) -> Shape:
    asked = {SKILL: filters.skill, PLACE: filters.same_place, LANGUAGE: filters.language, WEEKDAY: filters.weekday}
    return Shape(direction, frozenset(name for name, value in asked.items() if value), best, fair)


def values(
    viewer: Looking, moment: datetime, filters: MatchFilters | None = None, hours: Sequence[int] = (), only: int = 0
) -> Values:
    """`hours` are the UTC hours of the filtered weekday; `only` is the one member of Shape(…, {ONLY})."""
    found: Values = {"viewer": viewer.id, "moment": moment, SINCE: moment - NEW_FOR}
    if filters:
        asked = {SKILL: filters.skill, LANGUAGE: filters.language, WEEKDAY: list(hours)}
        found |= {name: value for name, value in asked.items() if value}
    return found | ({ONLY: only} if only else {})


def order(scored: AnySelect) -> tuple[Key, ...]:
    """The order of matches; equal ones go by number, so that it never changes between two pages."""
    columns = scored.selected_columns
    return Key(columns.standing, descending=True), Key(columns.score, descending=True), Key(columns.id)


@cache
def scored(shape: Shape) -> AnySelect:
    """Mutual matches, who teach what the viewer wants and want what the viewer teaches; or those of one direction only.

    Columns: id, name, location, picture_id, asked_for, base, shared_hours, same_place, shared_language, same_style,
    is_new, score, standing (app.directory.fairness).
    """
    fitting, wanted = fits(shape.direction, only=ONLY in shape.filters), [listed_for(LOOKING), *_filtered(shape)]
    found = _with_bonuses(_near(shape, fitting, wanted), shape)
    counted = select(*found.c, _score(found).label("score")).subquery("counted")
    shown = [column for column in counted.c if column.key != "languages"]
    return select(*select(*shown, _standing(counted.c, fair=shape.fair).label("standing")).subquery("scored").c)


@cache
def first_page(shape: Shape) -> AnySelect:
    """The first of `scored`, for app.core.paging."""
    statement = scored(shape)
    return first_of(statement, order(statement))


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
        .where(theirs.user_id.in_(numbers("member_ids")), meeting(direction, mine, theirs))
    )


def _near(shape: Shape, fitting: CTE, wanted: Sequence[ColumnElement[bool]]) -> CTE:
    """What stands in the members' own rows, of all who may be in reach."""
    bounds = Bounds(limits(fitting, wanted, shape.best, LOOKED_AT[bool(shape.direction)] * shape.best), shape.fair)
    same_place, same_style = same(User.place_key), same(User.learning_style)
    is_new = is_newcomer(fitting, bounds.limits)
    in_reach: list[ColumnElement[bool]] = []
    if shape.best:
        close_enough = bounds.close_enough(fitting.c.base, same_place, same_style)
        in_reach = [bounds.in_reach(fitting), or_(close_enough, is_new) if shape.fair else close_enough]
    return (
        select(
            User.id,
            User.name,
            User.location,
            User.picture_id,
            reached_by_coordinators().label("asked_for"),
            fitting.c.base,
            same_place.label("same_place"),
            same_style.label("same_style"),
            languages().label("languages"),
            case((is_new, 1), else_=0).label("is_new"),
        )
        .join(fitting, fitting.c.user_id == User.id)
        .join(bounds.limits, true())
        .where(*wanted, *in_reach)
        .cte("near")
        .prefix_with("MATERIALIZED")
    )


def _with_bonuses(near: CTE, shape: Shape) -> CTE:
    """Adds what the other bonuses stand on, computed once for each member who is looked at."""
    language = case((near.c.languages == COMMON, shared_language(near.c.id))).label("shared_language")
    found = select(*near.c, language, shared_hours(near.c.id).label("shared_hours"))
    if shape.best:
        reaching = among_the_best(near, shape.best)
        found = found.where(or_(reaching, near.c.is_new == 1) if shape.fair else reaching)
    return found.cte("found").prefix_with("MATERIALIZED")


def _score(found: CTE) -> ColumnElement[int]:
    return known(found.c) + scoring.at_most_sql(found.c.shared_hours, scoring.HOURS_MOST)


def _standing(counted: Any, *, fair: bool) -> ColumnElement[int]:
    apart = (counted.languages == FOREIGN, APART)
    if not fair:
        return case(apart, else_=ORDINARY)
    among_alike = func.row_number().over(
        partition_by=(counted.is_new, case((counted.languages > FOREIGN, 1), else_=0)),
        order_by=(counted.score.desc(), counted.id),
    )
    first_newcomers = and_(counted.is_new == 1, among_alike <= len(PLACES))
    return case(apart, (first_newcomers, RESERVED), else_=ORDINARY)


def _filtered(shape: Shape) -> list[ColumnElement[bool]]:
    """The reader's filters; what is not asked for costs nothing."""
    speaks = and_(UserLanguage.user_id == User.id, UserLanguage.language == word(LANGUAGE))
    is_free = and_(AvailabilityHour.user_id == User.id, AvailabilityHour.hour.in_(numbers(WEEKDAY)))
    known = {
        SKILL: _meets_in(word(SKILL)),
        PLACE: same(User.place_key) != "",
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
        is_current(MOMENT, mine),
        is_current(MOMENT, theirs),
    )
