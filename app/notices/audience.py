"""Whom an announcement is for, and what it can be narrowed down by."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import ColumnElement, and_, exists, func, select

from app.accounts.models import User, UserLanguage
from app.core.clock import now
from app.core.db import AnySelect
from app.skills.models import Skill, SkillCategory, UserSkill
from app.skills.queries import is_current


class Audience(Protocol):
    """Everybody who has all of it; "" narrows nothing down. `category` is a slug, `language` an ISO 639 code."""

    @property
    def category(self) -> str: ...

    @property
    def language(self) -> str: ...

    @property
    def place_key(self) -> str: ...

    @property
    def role(self) -> str: ...


def is_reached(by: Audience) -> ColumnElement[bool]:
    """Members who sign in and whom `by` leaves; who takes a break is told too."""
    conditions: list[ColumnElement[bool]] = [and_(User.is_visible, User.email.is_not(None))]
    if by.role:
        conditions.append(User.role == by.role)
    if by.place_key:
        conditions.append(User.place_key == by.place_key)
    if by.language:
        conditions.append(exists().where(UserLanguage.user_id == User.id, UserLanguage.language == by.language))
    if by.category:
        conditions.append(_has_skill_in(by.category))
    return and_(*conditions)


def places() -> AnySelect:
    """Where members live: place_key and one of its spellings, those of most members first."""
    members = func.count(User.id)
    return (
        select(User.place_key, func.min(User.location).label("place"))
        .where(User.is_visible, User.place_key != "")
        .group_by(User.place_key)
        .order_by(members.desc(), User.place_key)
        .limit(200)
    )


def languages() -> AnySelect:
    """Languages that members speak: their codes."""
    spoken = select(UserLanguage.language).join(User, User.id == UserLanguage.user_id).where(User.is_visible)
    return spoken.distinct().order_by(UserLanguage.language)


def categories() -> AnySelect:
    return select(SkillCategory.slug, SkillCategory.name).order_by(SkillCategory.name)


def _has_skill_in(category: str) -> ColumnElement[bool]:
    """An offer or a want that counts, of a skill in the category."""
    return (
        select(UserSkill.user_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .join(SkillCategory, SkillCategory.id == Skill.category_id)
        .where(UserSkill.user_id == User.id, SkillCategory.slug == category, is_current(now()))
        .exists()
    )
