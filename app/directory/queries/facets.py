"""How many members each further choice would leave: all facets in one statement.

Every facet is counted with the other filters applied. One candidate set of at most MOST members serves all facets
that are not filtered themselves; each filtered one has its own set. A set that is full makes its counts lower bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    String,
    cast,
    distinct,
    func,
    literal,
    select,
    union_all,
)

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.core.db import AnySelect
from app.directory.filters import MemberFilters
from app.directory.queries.binds import MOMENT, Values, number, word
from app.directory.queries.entries import AnyUnion
from app.directory.queries.members import Shape, conditions, entry_conditions, skill_id_asked
from app.directory.week import DAY, PARTS, WEEK
from app.skills.models import OFFER, Skill, SkillCategory, UserSkill
from app.skills.queries import is_current

MOST = 1001
MOST_PLACES = 40
TOTAL, SKILL, CATEGORY, LEVEL = "total", "skill", "category", "level"
LANGUAGE, PLACE, WEEKDAY = "language", "place", "weekday"
OWN_SETS = (CATEGORY, LEVEL, LANGUAGE, PLACE, WEEKDAY)


def values(filters: MemberFilters, offset: int) -> Values:
    """What facets bind beside the search's own values; `offset` are the reader's minutes ahead of UTC."""
    first, last = PARTS.get(filters.part, (0, DAY))
    return {
        "most": MOST,
        "offset": offset % WEEK,
        "part_first": first,
        "part_last": last,
        "level_kind": filters.kind or OFFER,
    }


@cache
def facets(shape: Shape) -> AnyUnion:
    """(facet, value, label, count); strangers get categories only.

    The facet "total" counts the candidates of each set: its value names the facet that the set is for, "" for all.
    """
    names = ["", *(name for name in OWN_SETS if shape.asks(name))]
    pools = {name: _pool(name, conditions(shape, without=name)) for name in names}
    parts = [_total(name, pool) for name, pool in pools.items()]
    parts.append(_categories(pools.get(CATEGORY, pools[""]), shape))
    if shape.asks(SKILL):
        parts.append(_skill())
    if shape.signed_in:
        parts += [
            _levels(pools.get(LEVEL, pools[""]), shape),
            _languages(pools.get(LANGUAGE, pools[""])),
            _places(pools.get(PLACE, pools[""])),
            _weekdays(pools.get(WEEKDAY, pools[""])),
        ]
    return union_all(*parts)


def _pool(name: str, wanted: Sequence[ColumnElement[bool]]) -> CTE:
    return select(User.id).where(*wanted).order_by(User.id.desc()).limit(number("most")).cte(f"pool_{name or 'all'}")


def _total(name: str, pool: CTE) -> AnySelect:
    return select(
        literal(TOTAL).label("facet"),
        literal(name).label("value"),
        literal("").label("label"),
        func.count().label("count"),
    ).select_from(pool)


def _skill() -> AnySelect:
    """The name of the skill that is looked for."""
    named = select(literal(SKILL), Skill.slug, Skill.name, literal(0, Integer))
    return named.where(Skill.id == skill_id_asked())


def _categories(pool: CTE, shape: Shape) -> AnySelect:
    return (
        select(literal(CATEGORY), SkillCategory.slug, SkillCategory.name, func.count(distinct(UserSkill.user_id)))
        .select_from(pool)
        .join(UserSkill, UserSkill.user_id == pool.c.id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .join(SkillCategory, SkillCategory.id == Skill.category_id)
        .where(is_current(MOMENT), *entry_conditions(shape, without=CATEGORY))
        .group_by(SkillCategory.slug, SkillCategory.name)
    )


def _levels(pool: CTE, shape: Shape) -> AnySelect:
    """Members by the highest level among the entries in question (offers, unless wants are asked for)."""
    kind = word("level_kind")
    highest = (
        select(func.max(UserSkill.level).label("level"))
        .join(pool, pool.c.id == UserSkill.user_id)
        .where(is_current(MOMENT), UserSkill.kind == kind, *entry_conditions(shape, without=LEVEL))
        .group_by(UserSkill.user_id)
        .subquery()
    )
    return select(literal(LEVEL), cast(highest.c.level, String), literal(""), func.count()).group_by(highest.c.level)


def _languages(pool: CTE) -> AnySelect:
    return (
        select(literal(LANGUAGE), UserLanguage.language, literal(""), func.count())
        .join(pool, pool.c.id == UserLanguage.user_id)
        .group_by(UserLanguage.language)
    )


def _places(pool: CTE) -> AnySelect:
    """The places with most members, each as one of its members spells it."""
    places = (
        select(User.place_key, func.min(User.location).label("label"), func.count().label("count"))
        .join(pool, pool.c.id == User.id)
        .where(User.place_key != "")
        .group_by(User.place_key)
        .order_by(func.count().desc(), User.place_key)
        .limit(MOST_PLACES)
        .subquery()
    )
    return select(literal(PLACE), places.c.place_key, places.c.label, places.c.count)


def _weekdays(pool: CTE) -> AnySelect:
    """By weekday of the reader; an hour belongs to the day that has its middle, as in app.directory.week."""
    minute = (AvailabilityHour.hour * 60 + 30 + number("offset")) % WEEK
    weekday = minute // literal(DAY, Integer)
    free = (
        select(AvailabilityHour.user_id, cast(weekday, String).label("weekday"))
        .join(pool, pool.c.id == AvailabilityHour.user_id)
        .where(minute % DAY >= number("part_first"), minute % DAY < number("part_last"))
        .subquery()
    )
    counted = func.count(distinct(free.c.user_id))
    return select(literal(WEEKDAY), free.c.weekday, literal(""), counted).group_by(free.c.weekday)
