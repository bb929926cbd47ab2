"""How many members each further choice would leave: all facets in one statement.

Every facet is counted with the other filters applied. One candidate set of at most MOST members serves all facets
that are not filtered themselves; each filtered one has its own set. A set that is full makes its counts lower bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
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
from app.accounts.queries import Looking
from app.core.db import AnySelect
from app.directory.filters import MemberFilters
from app.directory.queries.entries import AnyUnion, in_use
from app.directory.queries.members import conditions, entry_conditions, skill_id_of
from app.directory.week import DAY, PARTS, WEEK
from app.skills.models import Skill, SkillCategory, UserSkill

MOST = 1001
MOST_PLACES = 40
TOTAL, SKILL, CATEGORY, LEVEL = "total", "skill", "category", "level"
LANGUAGE, PLACE, WEEKDAY = "language", "place", "weekday"


def facets(
    viewer: Looking, filters: MemberFilters, hours: Sequence[int], moment: datetime, offset: int = 0
) -> AnyUnion:
    """(facet, value, label, count); `offset` are the reader's minutes ahead of UTC. Strangers get categories only.

    The facet "total" counts the candidates of each set: its value names the facet that the set is for, "" for all.
    """
    pools = _pools(viewer, filters, hours, moment)
    parts = [_total(name, pool) for name, pool in pools.items()]
    parts.append(_categories(pools.get(CATEGORY, pools[""]), filters, moment))
    if filters.skill:
        parts.append(_skill(filters))
    if viewer.id:
        parts += [
            _levels(pools.get(LEVEL, pools[""]), filters, moment),
            _languages(pools.get(LANGUAGE, pools[""])),
            _places(pools.get(PLACE, pools[""])),
            _weekdays(pools.get(WEEKDAY, pools[""]), filters, offset),
        ]
    return union_all(*parts)


def _pools(viewer: Looking, filters: MemberFilters, hours: Sequence[int], moment: datetime) -> dict[str, CTE]:
    """The candidates by the facet that they are for, "" for all that have no own set."""
    filtered = {
        CATEGORY: filters.category,
        LEVEL: filters.level,
        LANGUAGE: filters.language,
        PLACE: filters.place,
        WEEKDAY: filters.weekday or filters.part,
    }
    names = ["", *(name for name, values in filtered.items() if values)]
    return {name: _pool(name, conditions(viewer, filters, hours, moment, without=name)) for name in names}


def _pool(name: str, wanted: Sequence[Any]) -> CTE:
    return select(User.id).where(*wanted).order_by(User.id.desc()).limit(MOST).cte(f"pool_{name or 'all'}")


def _total(name: str, pool: CTE) -> AnySelect:
    return select(
        literal(TOTAL).label("facet"),
        literal(name).label("value"),
        literal("").label("label"),
        func.count().label("count"),
    ).select_from(pool)


def _skill(filters: MemberFilters) -> AnySelect:
    """The name of the skill that is looked for."""
    named = select(literal(SKILL), Skill.slug, Skill.name, literal(0, Integer))
    return named.where(Skill.id == skill_id_of(filters.skill))


def _categories(pool: CTE, filters: MemberFilters, moment: datetime) -> AnySelect:
    return (
        select(literal(CATEGORY), SkillCategory.slug, SkillCategory.name, func.count(distinct(UserSkill.user_id)))
        .select_from(pool)
        .join(UserSkill, UserSkill.user_id == pool.c.id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .join(SkillCategory, SkillCategory.id == Skill.category_id)
        .where(in_use(UserSkill, moment), *entry_conditions(filters, without=CATEGORY))
        .group_by(SkillCategory.slug, SkillCategory.name)
    )


def _levels(pool: CTE, filters: MemberFilters, moment: datetime) -> AnySelect:
    """Members by the highest level among the entries in question (offers, unless wants are asked for)."""
    kind = filters.kind or "offer"
    highest = (
        select(func.max(UserSkill.level).label("level"))
        .join(pool, pool.c.id == UserSkill.user_id)
        .where(in_use(UserSkill, moment), UserSkill.kind == kind, *entry_conditions(filters, without=LEVEL))
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


def _weekdays(pool: CTE, filters: MemberFilters, offset: int) -> AnySelect:
    """By weekday of the reader; an hour belongs to the day that has its middle, as in app.directory.week."""
    minute = (AvailabilityHour.hour * 60 + 30 + (offset % WEEK)) % WEEK
    weekday = minute // literal(DAY, Integer)
    first, last = PARTS.get(filters.part, (0, DAY))
    free = (
        select(AvailabilityHour.user_id, cast(weekday, String).label("weekday"))
        .join(pool, pool.c.id == AvailabilityHour.user_id)
        .where(minute % DAY >= first, minute % DAY < last)
        .subquery()
    )
    counted = func.count(distinct(free.c.user_id))
    return select(literal(WEEKDAY), free.c.weekday, literal(""), counted).group_by(free.c.weekday)
