"""The search in the directory: which members hold what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, or_, select

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.accounts.queries import Looking, listed_for, reached_by_coordinators
from app.core.db import AnySelect
from app.core.paging import Key, first_of
from app.core.text import like_pattern
from app.directory.filters import MemberFilters
from app.directory.queries.binds import LOOKING, MOMENT, Values, number, numbers, word, words
from app.skills.models import Skill, SkillAlias, SkillCategory, UserSkill
from app.skills.queries import is_current

ORDERS = {
    "newest": (Key(User.created_at.expression, descending=True), Key(User.id.expression, descending=True)),
    "name": (Key(User.name_key.expression), Key(User.id.expression)),
}


@dataclass(frozen=True)
class Shape:
    """What is asked, without the values: the fields that filter, how many words, and whether by a member."""

    asked: frozenset[str]
    word_count: int
    signed_in: bool

    def asks(self, field: str, without: str = "") -> bool:
        return field in self.asked and field != without


def shape_of(filters: MemberFilters, signed_in: bool) -> Shape:
    fields = ("skill", "kind", "level", "category", "language", "place")
    asked = {name for name in fields if getattr(filters, name)} | ({"entry_kind"} if filters.entry_kind else set())
    weekday = {"weekday"} if filters.weekday or filters.part else set()
    return Shape(frozenset(asked | weekday), len(filters.words), signed_in)


def values(viewer: Looking, filters: MemberFilters, hours: Sequence[int], moment: datetime) -> Values:
    """`hours` are the UTC hours of the filtered weekdays."""
    patterns = {f"word_{n}": like_pattern(text) for n, text in enumerate(filters.words)}
    fixed = {"viewer": viewer.id, "moment": moment, "hours": list(hours), "entry_kind": filters.entry_kind}
    single = {name: getattr(filters, name) for name in ("skill", "kind", "level")}
    several = {name: list(getattr(filters, name)) for name in ("category", "language", "place")}
    return {**fixed, **single, **several, **patterns}


@cache
def members(shape: Shape) -> AnySelect:
    """Who is found: (id, name, location, picture_id, asked_for)."""
    shown = (User.id, User.name, User.location, User.picture_id, reached_by_coordinators().label("asked_for"))
    return select(*shown).where(*conditions(shape))


@cache
def first_page(shape: Shape, order: str) -> AnySelect:
    """The first of `members` in one of ORDERS, for app.core.paging."""
    return first_of(members(shape), ORDERS[order])


def conditions(shape: Shape, without: str = "") -> list[ColumnElement[bool]]:
    """What a member has to hold; `without` leaves one facet out, so that its other values can be counted."""
    wanted = [listed_for(LOOKING), *(_mentions(f"word_{n}", shape) for n in range(shape.word_count))]
    entry = entry_conditions(shape, without)
    if entry:
        wanted.append(exists().where(UserSkill.user_id == User.id, is_current(MOMENT), *entry))
    if shape.asks("language", without):
        speaks = (UserLanguage.user_id == User.id, UserLanguage.language.in_(words("language")))
        wanted.append(exists().where(*speaks))
    if shape.asks("place", without):
        wanted.append(User.place_key.in_(words("place")))
    if shape.asks("weekday", without):
        is_free = (AvailabilityHour.user_id == User.id, AvailabilityHour.hour.in_(numbers("hours")))
        wanted.append(exists().where(*is_free))
    return wanted


def entry_conditions(shape: Shape, without: str = "") -> list[ColumnElement[bool]]:
    """What one and the same skill entry has to hold."""
    wanted: list[ColumnElement[bool]] = []
    if shape.asks("entry_kind"):
        wanted.append(UserSkill.kind == word("entry_kind"))
    if shape.asks("skill"):
        wanted.append(UserSkill.skill_id == skill_id_asked())
    if shape.asks("level", without):
        wanted.append(UserSkill.level >= number("level"))
    if shape.asks("category", without):
        chosen = select(SkillCategory.id).where(SkillCategory.slug.in_(words("category")))
        wanted.append(UserSkill.skill_id.in_(select(Skill.id).where(Skill.category_id.in_(chosen))))
    return wanted


def skill_id_asked() -> ScalarSelect[int]:
    """The skill at the address "skill", or the one it was merged into."""
    merged = func.coalesce(Skill.merged_into_id, Skill.id)
    return select(merged).where(Skill.slug == word("skill")).scalar_subquery()


def _mentions(name: str, shape: Shape) -> ColumnElement[bool]:
    """The word, folded, is part of the name, of a skill in any of its spellings or, for members, of the place.

    Where offers or wants are asked for, the skill is one of these.
    """
    pattern = word(name)
    spelled = select(SkillAlias.skill_id).where(SkillAlias.alias_key.like(pattern, escape="\\"))
    of_kind = [UserSkill.kind == word("kind")] if shape.asks("kind") else []
    mentioned = (UserSkill.user_id == User.id, is_current(MOMENT), UserSkill.skill_id.in_(spelled), *of_kind)
    places = [User.place_key.like(pattern, escape="\\")] if shape.signed_in else []
    return or_(User.name_key.like(pattern, escape="\\"), *places, exists().where(*mentioned))
