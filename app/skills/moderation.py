"""Reading the catalogue as moderators do: what was proposed, everything that is there, and what a merge would move."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, distinct, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import moderators_count
from app.core.db import AnySelect
from app.core.text import fold
from app.skills.models import PROPOSED, Skill, SkillAlias, SkillCategory, UserSkill
from app.skills.spelling import LONGEST_KEY, plain_key


def proposals() -> AnySelect:
    """Skills that members proposed and nobody has decided on: id, name, created_at, proposer, members."""
    return (
        select(Skill.id, Skill.name, Skill.created_at, User.name.label("proposer"), _members().label("members"))
        .outerjoin(User, User.id == Skill.proposed_by_id)
        .where(Skill.state == PROPOSED)
    )


def all_like(text: str) -> AnySelect:
    """Skills in any state with such a name or spelling: id, name, state, category, became, members."""
    became = aliased(Skill)
    keys = sorted({fold(text)[:LONGEST_KEY], plain_key(text)[:LONGEST_KEY]})
    spelled = or_(*(SkillAlias.alias_key.contains(key, autoescape=True) for key in keys))
    named = or_(*(Skill.name_key.contains(key, autoescape=True) for key in keys))
    return (
        select(
            Skill.id,
            Skill.name,
            Skill.state,
            SkillCategory.name.label("category"),
            became.name.label("became"),
            _members().label("members"),
        )
        .outerjoin(SkillCategory, SkillCategory.id == Skill.category_id)
        .outerjoin(became, became.id == Skill.merged_into_id)
        .where(or_(named, exists().where(SkillAlias.skill_id == Skill.id, spelled)))
    )


def facts_of(skill_id: int) -> AnySelect:
    """What a moderator sees of a skill: the Skill, category, became, became_id, proposer, members."""
    became = aliased(Skill)
    return (
        select(
            Skill,
            SkillCategory.name.label("category"),
            became.name.label("became"),
            became.id.label("became_id"),
            User.name.label("proposer"),
            _members().label("members"),
        )
        .outerjoin(SkillCategory, SkillCategory.id == Skill.category_id)
        .outerjoin(became, became.id == Skill.merged_into_id)
        .outerjoin(User, User.id == Skill.proposed_by_id)
        .where(Skill.id == skill_id)
    )


def holders_of_both(skill_id: int, other_id: int) -> Select[int]:
    """How many members have both on the same list: they keep one entry, with the higher level."""
    kept, going = aliased(UserSkill), aliased(UserSkill)
    both = (kept.user_id == going.user_id) & (kept.kind == going.kind)
    joined = select(func.count(distinct(going.user_id))).join(kept, both)
    return joined.where(going.skill_id == skill_id, kept.skill_id == other_id)


def categories() -> AnySelect:
    return select(SkillCategory.id, SkillCategory.name).order_by(SkillCategory.name)


def proposed_count(_user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many proposals wait for this moderator, 0 for members; rides along with the viewer's statement."""
    return moderators_count(select(func.count(Skill.id)).where(Skill.state == PROPOSED).scalar_subquery())


def _members() -> ColumnElement[int]:
    counting = select(func.count(distinct(UserSkill.user_id))).where(UserSkill.skill_id == Skill.id)
    return counting.correlate(Skill).scalar_subquery()
