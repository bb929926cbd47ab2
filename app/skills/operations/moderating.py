"""What moderators do to the catalogue. Each names the version that was shown and leaves a line in the audit trail.

All of them raise Conflict when somebody else changed the skill meanwhile, and DomainError for what cannot be.
"""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, exists, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.community.operations import settings
from app.core import audit, outbox
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.text import clean, fold
from app.skills.models import LISTED, MERGED, PROPOSED, Skill, SkillAlias, SkillCategory, UserSkill
from app.skills.operations.catalogue import lock_catalogue
from app.skills.operations.merging import merge
from app.skills.operations.proposing import name_problem
from app.skills.spelling import plain_key, spellings

DECIDED = "skill_decided"


def list_proposed(actor_id: int, skill_id: int, version: int, category_id: int, name: str = "") -> Skill:
    """Lists a proposed skill for everybody, under a new name if one is given."""
    skill = _current(skill_id, version)
    if skill.state != PROPOSED:
        raise Conflict(as_it_is(skill))
    if clean(name) and clean(name) != skill.name:
        _call(skill, clean(name))
    skill.state, skill.category_id = LISTED, _category(category_id).id
    return _changed(skill, actor_id, "skill-accepted")


def rename(actor_id: int, skill_id: int, version: int, name: str) -> Skill:
    """The old name stays a spelling, and the address stays as it is."""
    skill = _standing(skill_id, version)
    old = skill.name
    _call(skill, clean(name))
    return _changed(skill, actor_id, "skill-renamed", f"was {old}")


def recategorise(actor_id: int, skill_id: int, version: int, category_id: int) -> Skill:
    skill = _standing(skill_id, version)
    skill.category_id = _category(category_id).id
    return _changed(skill, actor_id, "skill-moved", f"category {category_id}")


def add_alias(actor_id: int, skill_id: int, version: int, alias: str) -> Skill:
    skill = _standing(skill_id, version)
    if not _spell(skill, clean(alias), "alias"):
        raise DomainError(_("“%(alias)s” is one of its spellings already.", alias=clean(alias)), "alias")
    return _changed(skill, actor_id, "skill-alias-added", clean(alias))


def remove_alias(actor_id: int, skill_id: int, version: int, alias: str) -> Skill:
    """Takes a spelling away, and the form of it without accents where nothing else needs that."""
    skill = _standing(skill_id, version)
    row = db.session.get(SkillAlias, fold(alias))
    if row is None or row.skill_id != skill.id:
        raise Conflict(_("“%(alias)s” is not one of its spellings any more.", alias=alias))
    if row.alias_key == skill.name_key:
        raise DomainError(_("That is its name. Rename the skill instead."))
    plain = plain_key(row.alias)
    db.session.delete(row)
    db.session.flush()
    mine = select(SkillAlias).where(SkillAlias.skill_id == skill.id)
    left = db.session.scalars(mine).all()
    if not any(plain_key(other.alias) == plain for other in left if other.alias_key != plain):
        for other in left:
            if other.alias_key == plain and other.alias == plain:
                db.session.delete(other)
    return _changed(skill, actor_id, "skill-alias-removed", alias)


def merge_into(actor_id: int, skill_id: int, version: int, target_id: int) -> Skill:
    """Makes the skill part of another one, which is returned. Whoever proposed it is told."""
    skill = _standing(skill_id, version)
    if target_id == skill_id or db.session.get(Skill, target_id) is None:
        raise DomainError(_("It cannot be merged into that one. Choose another skill."))
    name, proposer, was_proposed = skill.name, skill.proposed_by_id, skill.state == PROPOSED
    target = merge(skill_id, target_id, actor_id)
    if was_proposed and proposer and proposer != actor_id:
        _tell(proposer, skill_id, {"outcome": "merged", "name": name, "into": target.name, "slug": target.slug})
    db.session.flush()
    return target


def decline(actor_id: int, skill_id: int, version: int, words: str) -> int:
    """Takes a proposed skill away, from the lists too, and tells everybody who had it; how many entries went."""
    skill = _current(skill_id, version)
    if skill.state != PROPOSED:
        raise Conflict(as_it_is(skill))
    if db.session.scalar(select(exists().where(Skill.merged_into_id == skill_id))):
        raise DomainError(_("Other skills were merged into it. Merge it into another one instead."))
    name, proposer = skill.name, skill.proposed_by_id
    going = delete(UserSkill).where(UserSkill.skill_id == skill_id).returning(UserSkill.user_id)
    held = list(db.session.scalars(going))
    db.session.delete(skill)
    audit.record("skill-declined", actor_id=actor_id, subject_id=None, detail=f"{skill_id} {name}: {words}")
    for user_id in sorted({*held, *([proposer] if proposer else [])} - {actor_id}):
        _tell(user_id, skill_id, {"outcome": "removed", "name": name, "words": words})
    db.session.flush()
    return len(held)


def as_it_is(skill: Skill) -> str:
    """One sentence for whoever was shown something older."""
    if skill.state == MERGED:
        became = db.session.scalar(select(Skill.name).where(Skill.id == skill.merged_into_id))
        return _("Somebody was faster: “%(name)s” is part of “%(into)s” now.", name=skill.name, into=became)
    if skill.state == PROPOSED:
        return _("Somebody was faster: this is “%(name)s” now, still only proposed.", name=skill.name)
    category = db.session.scalar(select(SkillCategory.name).where(SkillCategory.id == skill.category_id))
    return _("Somebody was faster: this is “%(name)s” in %(category)s now.", name=skill.name, category=category)


def decided_context(user_id: int, params: dict[str, Any]) -> dict[str, Any] | None:
    """What the mail about a proposal says."""
    user = db.session.get(User, user_id)
    if user is None or not user.is_active or not user.email:
        return None
    endpoint, values = ("skills.show", {"slug": params["slug"]}) if "slug" in params else ("skills.settings", {})
    url = f"{current_app.config['PUBLIC_URL']}{current_app.url_map.bind('').build(endpoint, values)}"
    return {"community": settings(), "into": "", "words": "", **params, "url": url}


def _tell(user_id: int, skill_id: int, params: dict[str, str]) -> None:
    outbox.enqueue(DECIDED, user_id, f"{DECIDED}:{skill_id}:{user_id}", params)


def _current(skill_id: int, version: int) -> Skill:
    """The skill, locked, as it was shown."""
    lock_catalogue()
    skill = db.session.get(Skill, skill_id, with_for_update=True, populate_existing=True)
    if skill is None:
        raise Conflict(_("Somebody was faster: this skill was taken away."))
    if skill.version != version:
        raise Conflict(as_it_is(skill))
    return skill


def _standing(skill_id: int, version: int) -> Skill:
    skill = _current(skill_id, version)
    if skill.state == MERGED:
        raise Conflict(as_it_is(skill))
    return skill


def _category(category_id: int) -> SkillCategory:
    category = db.session.get(SkillCategory, category_id)
    if category is None:
        raise DomainError(_("Choose a category."), "category")
    return category


def _call(skill: Skill, name: str) -> None:
    _spell(skill, name, "name")
    skill.name, skill.name_key = name, fold(name)
    db.session.get_one(SkillAlias, fold(name)).alias = name


def _spell(skill: Skill, text: str, field: str) -> bool:
    """Makes `text` a spelling of the skill; False when it is one already. Another skill's is refused by its name."""
    if problem := name_problem(text):
        raise DomainError(problem, field)
    keys = spellings([text])
    taken = select(SkillAlias.alias_key, SkillAlias.skill_id).where(SkillAlias.alias_key.in_(keys))
    holders = dict(db.session.execute(taken).all())
    holder = holders.get(fold(text))
    if holder == skill.id:
        return False
    if holder is not None:
        other = db.session.get_one(Skill, holder).name
        raise DomainError(_("“%(alias)s” is a spelling of “%(skill)s” already.", alias=text, skill=other), field)
    try:
        with db.session.begin_nested():
            db.session.add_all(
                SkillAlias(alias_key=key, alias=alias, skill_id=skill.id)
                for key, alias in keys.items()
                if key not in holders
            )
    except IntegrityError as error:
        raise Conflict(_("Somebody took “%(alias)s” just now. Please look again.", alias=text), field) from error
    return True


def _changed(skill: Skill, actor_id: int, action: str, detail: str = "") -> Skill:
    skill.version += 1
    audit.record(action, actor_id=actor_id, subject_id=None, detail=f"{skill.id} {skill.name}: {detail}".rstrip(": "))
    db.session.flush()
    return skill
