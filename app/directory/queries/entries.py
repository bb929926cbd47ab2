"""Skill entries that count: neither paused nor run out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, CompoundSelect, and_, literal, or_, select, union_all

from app.accounts.models import UserLanguage
from app.accounts.queries import Looking
from app.skills.models import Skill, UserSkill

LANGUAGE = "language"
AnyUnion: TypeAlias = "CompoundSelect[*tuple[Any, ...]]"
Entry = type[UserSkill]


def in_use(entry: Entry, moment: datetime) -> ColumnElement[bool]:
    return and_(entry.paused_at.is_(None), or_(entry.expires_at.is_(None), entry.expires_at > moment))


def card_details(member_ids: Sequence[int], moment: datetime, *, languages: bool) -> AnyUnion:
    """What the cards of these members show: (user_id, kind, slug, name, level), kind is offer, want or language.

    What matters most to a member comes first.
    """
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
        .where(UserSkill.user_id.in_(member_ids), in_use(UserSkill, moment))
    )
    code = UserLanguage.language
    spoken = select(UserLanguage.user_id, literal(LANGUAGE), code, code, literal(0), literal(0), code).where(
        UserLanguage.user_id.in_(member_ids)
    )
    both = union_all(*([skills, spoken] if languages else [skills]))
    found = both.selected_columns
    return both.order_by(found.priority.desc(), found.level.desc(), found.name_key)


def own_facts(viewer: Looking, moment: datetime) -> AnyUnion:
    """What `viewer` offers, wants and speaks: (kind, slug, name)."""
    skills = (
        select(UserSkill.kind, Skill.slug, Skill.name, Skill.name_key)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id == viewer.id, in_use(UserSkill, moment))
    )
    code = UserLanguage.language
    spoken = select(literal(LANGUAGE), code, code, code).where(UserLanguage.user_id == viewer.id)
    both = skills.union_all(spoken)
    return both.order_by(both.selected_columns.name_key)
