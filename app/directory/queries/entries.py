"""Skill entries that count: neither paused nor run out."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, CompoundSelect, and_, literal, or_, select, union_all

from app.accounts.models import UserLanguage
from app.directory.queries.binds import MOMENT, VIEWER, numbers
from app.skills.models import Skill, UserSkill

LANGUAGE = "language"
AnyUnion: TypeAlias = "CompoundSelect[*tuple[Any, ...]]"
Entry = type[UserSkill]


def in_use(entry: Entry) -> ColumnElement[bool]:
    """At the moment that is bound: neither paused nor run out."""
    return and_(entry.paused_at.is_(None), or_(entry.expires_at.is_(None), entry.expires_at > MOMENT))


@cache
def card_details(*, languages: bool) -> AnyUnion:
    """What the cards of members show: (user_id, kind, slug, name, level, …), kind is offer, want or language.

    What matters most to a member comes first. Values: member_ids, moment.
    """
    shown = numbers("member_ids")
    skills = (
        select(
            UserSkill.user_id,
            UserSkill.kind,
            Skill.slug,
            Skill.name,
            UserSkill.level,
            UserSkill.priority,
            Skill.name_key,
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id.in_(shown), in_use(UserSkill))
    )
    code = UserLanguage.language
    spoken = select(UserLanguage.user_id, literal(LANGUAGE), code, code, literal(0), literal(0), code).where(
        UserLanguage.user_id.in_(shown)
    )
    both = union_all(*([skills, spoken] if languages else [skills]))
    found = both.selected_columns
    return both.order_by(found.priority.desc(), found.level.desc(), found.name_key)


@cache
def own_facts() -> AnyUnion:
    """What the viewer offers, wants and speaks: (kind, slug, name). Values: viewer, moment."""
    skills = (
        select(UserSkill.kind, Skill.slug, Skill.name, Skill.name_key)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id == VIEWER, in_use(UserSkill))
    )
    code = UserLanguage.language
    spoken = select(literal(LANGUAGE), code, code, code).where(UserLanguage.user_id == VIEWER)
    both = skills.union_all(spoken)
    return both.order_by(both.selected_columns.name_key)
