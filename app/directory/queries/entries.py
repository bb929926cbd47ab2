"""The skills and languages of members who are shown, and the viewer's own."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

from sqlalchemy import CompoundSelect, false, literal, select, union_all

from app.accounts.models import UserLanguage
from app.directory.queries.binds import MOMENT, VIEWER, numbers
from app.directory.queries.unlocks import unlocks
from app.skills.models import OFFER, WANT, Skill, UserSkill
from app.skills.queries import is_current

LANGUAGE = "language"
AnyUnion: TypeAlias = "CompoundSelect[*tuple[Any, ...]]"


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
        .where(UserSkill.user_id.in_(shown), is_current(MOMENT))
    )
    code = UserLanguage.language
    spoken = select(UserLanguage.user_id, literal(LANGUAGE), code, code, literal(0), literal(0), code).where(
        UserLanguage.user_id.in_(shown)
    )
    both = union_all(*([skills, spoken] if languages else [skills]))
    found = both.selected_columns
    return both.order_by(found.priority.desc(), found.level.desc(), found.name_key)


@cache
def own_facts(*, unlocking: bool = False) -> AnyUnion:
    """What the viewer offers, wants and speaks: (kind, slug, name, …). Values: viewer, moment.

    With `unlocking` the rows of queries.unlocks for both kinds come along, whose columns these are.
    """
    skills = (
        select(
            UserSkill.kind,
            Skill.slug,
            Skill.name,
            Skill.name_key,
            Skill.id.label("skill_id"),
            literal(0).label("count"),
            false().label("bounded"),
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id == VIEWER, is_current(MOMENT))
    )
    code = UserLanguage.language
    spoken = select(literal(LANGUAGE), code, code, code, literal(0), literal(0), false())
    facts = union_all(
        skills, spoken.where(UserLanguage.user_id == VIEWER), *(map(unlocks, (WANT, OFFER)) if unlocking else ())
    )
    return facts.order_by(facts.selected_columns.count.desc(), facts.selected_columns.name_key)
