"""The directory on paper: members who agreed to stand in it, with what they offer and want."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, case, select

from app.accounts.models import TO_MEMBERS, User
from app.core.clock import now
from app.core.db import AnySelect
from app.skills.models import LISTED, Skill, SkillCategory, UserSkill
from app.skills.queries import is_current


def members() -> AnySelect:
    """Number, name, place and, where members may have it, the telephone of everybody on paper; by name.

    Paper is read by all, so it holds what every member may see, whoever prints it and whomever they have blocked.
    """
    phone = case((User.phone_visibility == TO_MEMBERS, User.phone), else_="")
    told = (User.id, User.number, User.name, User.name_key, User.location, User.place_key, phone.label("phone"))
    return select(*told).where(_on_paper()).order_by(User.name_key, User.id)


def entries() -> AnySelect:
    """What they offer and want now, of the listed skills: user_id, kind, name, category, category_slug.

    By category and skill; the same skill's rows by the member's name.
    """
    chosen = select(
        UserSkill.user_id,
        UserSkill.kind,
        Skill.name,
        SkillCategory.name.label("category"),
        SkillCategory.slug.label("category_slug"),
    )
    joined = (
        chosen.join(User, User.id == UserSkill.user_id)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .join(SkillCategory, SkillCategory.id == Skill.category_id)
    )
    order = (SkillCategory.name, Skill.name_key, Skill.id, User.name_key, User.id)
    return joined.where(_on_paper(), Skill.state == LISTED, is_current(now())).order_by(*order)


def _on_paper() -> ColumnElement[bool]:
    return and_(User.is_visible, User.in_print.is_(True), User.paused_at.is_(None))
