"""Skills by what somebody typed: any spelling of a listed skill means it."""

from __future__ import annotations

from sqlalchemy import or_, select

from app.accounts.queries import Looking
from app.core.db import AnySelect, db
from app.core.text import fold
from app.skills import queries as skill_queries
from app.skills.models import LISTED, OFFER, PROPOSED, Skill, SkillAlias
from app.skills.spelling import plain_key

NEAR = 3


def skill_named(viewer: Looking, text: str) -> int | None:
    """The id of the skill that `text` is a spelling of; one that is only proposed counts for its proposer."""
    keys = (fold(text)[:150], plain_key(text)[:150])
    known = or_(Skill.state == LISTED, (Skill.state == PROPOSED) & (Skill.proposed_by_id == viewer.id))
    spelled = select(Skill.id).join(SkillAlias, SkillAlias.skill_id == Skill.id)
    return db.session.scalar(spelled.where(SkillAlias.alias_key.in_(keys), known).limit(1))


def near_names(viewer: Looking, text: str) -> list[str]:
    """Names of skills that `text` may mean."""
    rows = db.session.execute(skill_queries.suggestions(viewer, text[:50], OFFER, NEAR))
    return [row.name for row in rows]


def all_names() -> AnySelect:
    """The names of all listed skills, for the list that a field offers."""
    return select(Skill.name).where(Skill.state == LISTED).order_by(Skill.name_key)
