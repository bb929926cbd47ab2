"""The search in the directory: which members hold what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, or_, select

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.accounts.queries import Looking, listed_for
from app.core.db import AnySelect
from app.core.paging import Key
from app.core.text import like_pattern
from app.directory.filters import MemberFilters
from app.directory.queries.entries import in_use
from app.skills.models import Skill, SkillAlias, SkillCategory, UserSkill

ORDERS = {
    "newest": (Key(User.created_at.expression, descending=True), Key(User.id.expression, descending=True)),
    "name": (Key(User.name_key.expression), Key(User.id.expression)),
}


def members(viewer: Looking, filters: MemberFilters, hours: Sequence[int], moment: datetime) -> AnySelect:
    """Who is found: (id, name, location, picture_id). `hours` are the UTC hours of the filtered weekdays."""
    found = select(User.id, User.name, User.location, User.picture_id)
    return found.where(*conditions(viewer, filters, hours, moment))


def conditions(
    viewer: Looking, filters: MemberFilters, hours: Sequence[int], moment: datetime, without: str = ""
) -> list[ColumnElement[bool]]:
    """What a member has to hold; `without` leaves one facet out, so that its other values can be counted."""
    wanted = [listed_for(viewer), *(_mentions(word, viewer, filters.kind, moment) for word in filters.words)]
    entry = entry_conditions(filters, without)
    if entry:
        wanted.append(exists().where(UserSkill.user_id == User.id, in_use(UserSkill, moment), *entry))
    if filters.language and without != "language":
        speaks = (UserLanguage.user_id == User.id, UserLanguage.language.in_(filters.language))
        wanted.append(exists().where(*speaks))
    if filters.place and without != "place":
        wanted.append(User.place_key.in_(filters.place))
    if (filters.weekday or filters.part) and without != "weekday":
        wanted.append(exists().where(AvailabilityHour.user_id == User.id, AvailabilityHour.hour.in_(hours)))
    return wanted


def entry_conditions(filters: MemberFilters, without: str = "") -> list[ColumnElement[bool]]:
    """What one and the same skill entry has to hold."""
    wanted: list[ColumnElement[bool]] = []
    if filters.entry_kind:
        wanted.append(UserSkill.kind == filters.entry_kind)
    if filters.skill:
        wanted.append(UserSkill.skill_id == skill_id_of(filters.skill))
    if filters.level and without != "level":
        wanted.append(UserSkill.level >= filters.level)
    if filters.category and without != "category":
        chosen = select(SkillCategory.id).where(SkillCategory.slug.in_(filters.category))
        wanted.append(UserSkill.skill_id.in_(select(Skill.id).where(Skill.category_id.in_(chosen))))
    return wanted


def skill_id_of(slug: str) -> ScalarSelect[int]:
    """The skill at this address, or the one it was merged into."""
    return select(func.coalesce(Skill.merged_into_id, Skill.id)).where(Skill.slug == slug).scalar_subquery()


def _mentions(word: str, viewer: Looking, kind: str, moment: datetime) -> ColumnElement[bool]:
    """`word`, folded, is part of the name, of a skill in any of its spellings or, for members, of the place.

    Where offers or wants are asked for, the skill is one of these.
    """
    pattern = like_pattern(word)
    spelled = select(SkillAlias.skill_id).where(SkillAlias.alias_key.like(pattern, escape="\\"))
    of_kind = [UserSkill.kind == kind] if kind else []
    mentioned = (UserSkill.user_id == User.id, in_use(UserSkill, moment), UserSkill.skill_id.in_(spelled), *of_kind)
    places = [User.place_key.like(pattern, escape="\\")] if viewer.id else []
    return or_(User.name_key.like(pattern, escape="\\"), *places, exists().where(*mentioned))
