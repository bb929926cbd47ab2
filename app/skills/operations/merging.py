"""Two skills become one; a proposed one is listed."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import case, delete, or_, select, update
from sqlalchemy.orm import aliased

from app.core import audit
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.text import fold
from app.skills.models import LISTED, MERGED, PROPOSED, Skill, SkillAlias, SkillCategory, UserSkill
from app.skills.operations.catalogue import lock_catalogue


def find(text: str) -> Skill:
    """The skill with this name, alias or slug, a merged one only by its slug. Raises DomainError when there is none."""
    by_alias = select(SkillAlias.skill_id).where(SkillAlias.alias_key == fold(text)).scalar_subquery()
    found = select(Skill).where(or_(Skill.id == by_alias, Skill.slug == text.strip().lower()))
    # A name counts for more than another skill's address.
    skill = db.session.scalar(found.order_by(case((Skill.id == by_alias, 0), else_=1)).limit(1))
    if skill is None:
        raise DomainError(_("There is no skill “%(text)s”.", text=text))
    return skill


def accept(skill: Skill, category_name: str) -> None:
    """Lists a proposed skill in a category that exists. Raises DomainError."""
    category = db.session.scalar(select(SkillCategory).where(SkillCategory.name == category_name.strip()))
    if category is None:
        raise DomainError(_("There is no category “%(name)s”.", name=category_name))
    if skill.state != PROPOSED:
        raise Conflict(_("%(name)s is no longer only proposed.", name=skill.name))
    skill.state, skill.category_id, skill.version = LISTED, category.id, skill.version + 1
    audit.record("skill-accepted", actor_id=None, subject_id=None, detail=f"{skill.id} {skill.name}")


def merge(source_id: int, target_id: int, actor_id: int | None = None) -> Skill:
    """Makes the source part of the target, which is returned; of a target that was merged itself, what it became.

    Who has both keeps the higher level and priority. Raises DomainError when that would make a circle.
    """
    lock_catalogue()
    source, target = _locked(source_id), _locked(target_id)
    if target.merged_into_id is not None:
        target = _locked(target.merged_into_id)
    if source.merged_into_id is not None:
        into = _locked(source.merged_into_id).name
        raise Conflict(_("%(name)s was merged before, into %(into)s.", name=source.name, into=into))
    if source.id == target.id:
        raise DomainError(_("A skill cannot be merged into itself."))
    _join_doubles(source.id, target.id)
    db.session.execute(update(UserSkill).where(UserSkill.skill_id == source.id).values(skill_id=target.id))
    db.session.execute(update(SkillAlias).where(SkillAlias.skill_id == source.id).values(skill_id=target.id))
    if source.state == LISTED and target.state == PROPOSED:
        target.state, target.category_id = LISTED, source.category_id
    source.state, source.merged_into_id = MERGED, target.id
    source.version, target.version = source.version + 1, target.version + 1
    detail = f"{source.id} {source.name} into {target.id} {target.name}"
    audit.record("skill-merged", actor_id=actor_id, subject_id=None, detail=detail)
    db.session.flush()
    db.session.execute(update(Skill).where(Skill.merged_into_id == source.id).values(merged_into_id=target.id))
    db.session.expire_all()
    return target


def _locked(skill_id: int) -> Skill:
    """Nobody adds this skill to a list meanwhile (`operations.entries` takes the lock for reading)."""
    locking = {"with_for_update": True, "populate_existing": True}
    return db.session.get_one(Skill, skill_id, **locking)


def _join_doubles(source_id: int, target_id: int) -> None:
    kept, going = aliased(UserSkill), aliased(UserSkill)
    same = (going.user_id == kept.user_id) & (going.kind == kept.kind)
    pairs = db.session.execute(
        select(kept, going).join(going, same).where(kept.skill_id == target_id, going.skill_id == source_id)
    ).all()
    for stays, goes in pairs:
        stays.level = max(stays.level, goes.level)
        stays.priority = max(stays.priority, goes.priority)
        stays.note = stays.note or goes.note
        stays.paused_at = stays.paused_at and goes.paused_at
        ends = (stays.expires_at, goes.expires_at)
        stays.expires_at = None if None in ends else max(end for end in ends if end)
        db.session.execute(
            delete(UserSkill).where(
                UserSkill.user_id == goes.user_id, UserSkill.kind == goes.kind, UserSkill.skill_id == source_id
            )
        )
    db.session.flush()
