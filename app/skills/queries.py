"""Reading the catalogue and the members' lists. Lists select columns; what shows members takes the viewer first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, distinct, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.models import User
from app.accounts.queries import Looking, visible_to
from app.core.clock import now
from app.core.db import AnySelect, db
from app.core.text import clean, fold
from app.skills.models import (
    KINDS,
    LISTED,
    OFFER,
    PROPOSED,
    WANT,
    PossibleSwap,
    Skill,
    SkillAlias,
    SkillCategory,
    UserSkill,
)
from app.skills.spelling import plain_key

SUGGESTED = 20
EXACT, PREFIX, INSIDE = 0, 1, 2
# What newcomers meet first while nobody has chosen anything: something from every part of the catalogue.
EVERYDAY = (
    "bicycle-repair", "everyday-cooking", "gardening", "english", "guitar", "smartphone-help", "sewing",
    "photography", "homework-help", "yoga", "furniture-assembly", "board-games",
)  # fmt: skip


def is_current(moment: datetime | ColumnElement[datetime], entry: type[UserSkill] = UserSkill) -> ColumnElement[bool]:
    """Entries that count for others: not paused, not run out at `moment`; both may stand for what a statement binds."""
    return and_(entry.paused_at.is_(None), not_expired(moment, entry))


def not_expired(
    moment: datetime | ColumnElement[datetime], row: type[UserSkill] | type[PossibleSwap]
) -> ColumnElement[bool]:
    return or_(row.expires_at.is_(None), row.expires_at > moment)


def skills_of(user_ids: Collection[int]) -> AnySelect:
    """What these members offer and want, as others may see it: user_id, kind, skill_id, name, slug, level, priority,
    note, state; what matters most first."""
    return (
        select(
            UserSkill.user_id,
            UserSkill.kind,
            UserSkill.skill_id,
            Skill.name,
            Skill.slug,
            UserSkill.level,
            UserSkill.priority,
            UserSkill.note,
            Skill.state,
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id.in_(user_ids), is_current(now()))
        .order_by(UserSkill.priority.desc(), UserSkill.level.desc(), Skill.name_key)
    )


def entries_of(user_id: int) -> AnySelect:
    """The member's own list, paused and ended entries too: what `skills_of` gives, and paused_at and expires_at."""
    return (
        select(
            UserSkill.kind,
            UserSkill.skill_id,
            Skill.name,
            Skill.slug,
            Skill.state,
            UserSkill.level,
            UserSkill.priority,
            UserSkill.note,
            UserSkill.paused_at,
            UserSkill.expires_at,
        )
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id == user_id)
        .order_by(UserSkill.kind, UserSkill.priority.desc(), UserSkill.level.desc(), Skill.name_key)
    )


def entry_of(user_id: int, kind: str, skill_id: int) -> AnySelect:
    """One row of `entries_of`."""
    return entries_of(user_id).where(UserSkill.kind == kind, UserSkill.skill_id == skill_id)


def popular(limit: int) -> AnySelect:
    """The listed skills that most members offer: name, slug, offers."""
    offers = _members_per_skill(OFFER)
    return (
        select(Skill.name, Skill.slug, offers.c.members.label("offers"))
        .join(offers, offers.c.skill_id == Skill.id)
        .where(Skill.state == LISTED)
        .order_by(offers.c.members.desc(), Skill.name_key)
        .limit(limit)
    )


def starters(limit: int) -> AnySelect:
    """Skills for newcomers to tick: id and name, those with most members first, then everyday ones."""
    lists = _members_per_skill(*KINDS)
    members = func.coalesce(lists.c.members, 0)
    everyday = case({slug: place for place, slug in enumerate(EVERYDAY)}, value=Skill.slug, else_=len(EVERYDAY))
    return (
        select(Skill.id, Skill.name)
        .outerjoin(lists, lists.c.skill_id == Skill.id)
        .where(Skill.state == LISTED)
        .order_by(members.desc(), everyday, Skill.name_key)
        .limit(limit)
    )


def suggestions(viewer: Looking, text: str, kind: str, limit: int = SUGGESTED) -> AnySelect:
    """Skills that `text` may mean: id, name, slug, state, category, rank, alias, members, held.

    `rank` is EXACT for a spelling, PREFIX for the beginning of one, INSIDE otherwise, and goes before the number of
    `members`; `alias` is a spelling that matched; `held` says that it is on the viewer's list already. Skills that
    are only proposed show to their proposer, and to those who know their spelling.
    """
    rank = func.min(_rank(text))
    counting = select(func.count()).select_from(UserSkill).join(User, User.id == UserSkill.user_id)
    members = counting.where(UserSkill.skill_id == Skill.id, User.is_visible).correlate(Skill).scalar_subquery()
    shown = or_(Skill.state == LISTED, and_(Skill.state == PROPOSED, _may_know(viewer, text)))
    return (
        select(
            Skill.id,
            Skill.name,
            Skill.slug,
            Skill.state,
            SkillCategory.name.label("category"),
            rank.label("rank"),
            func.min(SkillAlias.alias).label("alias"),
            members.label("members"),
            _held(viewer.id, kind).label("held"),
        )
        .join(SkillAlias, SkillAlias.skill_id == Skill.id)
        .outerjoin(SkillCategory, SkillCategory.id == Skill.category_id)
        .where(shown, _spelled_like(text))
        .group_by(Skill.id, SkillCategory.name)
        .order_by(rank, members.desc(), case((_contains(Skill.name_key, text), 0), else_=1), Skill.name_key)
        .limit(limit)
    )


def catalogue(viewer: Looking, text: str = "") -> AnySelect:
    """The listed skills by category: name, slug, category, category_slug, offers, wants; only those like `text`."""
    counts = _visible_members(viewer)
    statement = (
        select(
            Skill.name,
            Skill.slug,
            SkillCategory.name.label("category"),
            SkillCategory.slug.label("category_slug"),
            func.coalesce(counts.c.offers, 0).label("offers"),
            func.coalesce(counts.c.wants, 0).label("wants"),
        )
        .join(SkillCategory, SkillCategory.id == Skill.category_id)
        .outerjoin(counts, counts.c.skill_id == Skill.id)
        .where(Skill.state == LISTED)
        .order_by(SkillCategory.name, Skill.name_key)
    )
    if clean(text):
        statement = statement.where(exists().where(SkillAlias.skill_id == Skill.id, _spelled_like(text)))
    return statement


def skill_page(viewer: Looking, slug: str) -> AnySelect:
    """One skill: id, name, slug, state, category, category_slug, became (the slug of what it was merged into), offers,
    wants, and the viewer's own `offered` and `wanted`."""
    became = aliased(Skill)
    return (
        select(
            Skill.id,
            Skill.name,
            Skill.slug,
            Skill.state,
            SkillCategory.name.label("category"),
            SkillCategory.slug.label("category_slug"),
            became.slug.label("became"),
            _count_of(viewer, OFFER).label("offers"),
            _count_of(viewer, WANT).label("wants"),
            _held(viewer.id, OFFER).label("offered"),
            _held(viewer.id, WANT).label("wanted"),
        )
        .outerjoin(SkillCategory, SkillCategory.id == Skill.category_id)
        .outerjoin(became, became.id == Skill.merged_into_id)
        .where(Skill.slug == slug)
    )


def aliases_of(skill_id: int) -> Select[str]:
    return select(SkillAlias.alias).where(SkillAlias.skill_id == skill_id).order_by(SkillAlias.alias_key)


def members_with(viewer: Looking, skill_id: int, kind: str) -> AnySelect:
    """Members whom `viewer` may see and who offer or want the skill now; the caller sorts them."""
    return (
        select(User.id, User.name, User.picture_id, User.location, UserSkill.level, UserSkill.priority, UserSkill.note)
        .join(UserSkill, UserSkill.user_id == User.id)
        .where(UserSkill.skill_id == skill_id, UserSkill.kind == kind, _shown_to(viewer))
    )


def missing_kinds_count(user_id: ColumnElement[int] | InstrumentedAttribute[int]) -> ColumnElement[int]:
    """1 while the member offers nothing or wants nothing, otherwise 0."""
    kinds = select(func.count(distinct(UserSkill.kind))).where(UserSkill.user_id == user_id)
    return case((kinds.correlate_except(UserSkill).scalar_subquery() < len(KINDS), 1), else_=0)


def export(user_id: int) -> dict[str, Any]:
    """What the member put here, as JSON-ready values."""
    rows = db.session.execute(entries_of(user_id)).all()
    proposed = select(Skill.name).where(Skill.proposed_by_id == user_id).order_by(Skill.name_key)
    return {
        "entries": [
            {
                "kind": row.kind,
                "skill": row.name,
                "level": row.level,
                "priority": row.priority,
                "note": row.note,
                "paused_at": row.paused_at.isoformat() if row.paused_at else None,
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
            }
            for row in rows
        ],
        "proposed": list(db.session.scalars(proposed)),
    }


def _any_entry(*conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists(select(UserSkill.user_id).where(*conditions).correlate_except(UserSkill))


def _held(user_id: int, kind: str) -> ColumnElement[bool]:
    return _any_entry(UserSkill.skill_id == Skill.id, UserSkill.user_id == user_id, UserSkill.kind == kind)


def _shown_to(viewer: Looking) -> ColumnElement[bool]:
    """Entries of members whom `viewer` may see, both not taking a break."""
    return and_(visible_to(viewer), User.paused_at.is_(None), is_current(now()))


def _count_of(viewer: Looking, kind: str) -> ColumnElement[int]:
    counting = select(func.count()).select_from(UserSkill).join(User, User.id == UserSkill.user_id)
    mine = and_(UserSkill.skill_id == Skill.id, UserSkill.kind == kind, _shown_to(viewer))
    return counting.where(mine).correlate(Skill).scalar_subquery()


def _members_per_skill(*kinds: str) -> Subquery:
    """Visible members with a current entry, by skill."""
    grouped = select(UserSkill.skill_id, func.count().label("members")).join(User, User.id == UserSkill.user_id)
    counted = (UserSkill.kind.in_(kinds), User.is_visible, is_current(now()))
    return grouped.where(*counted).group_by(UserSkill.skill_id).subquery()


def _visible_members(viewer: Looking) -> Subquery:
    """Per skill, how many members offer and how many want it."""
    return (
        select(
            UserSkill.skill_id,
            func.sum(case((UserSkill.kind == OFFER, 1), else_=0)).label("offers"),
            func.sum(case((UserSkill.kind == WANT, 1), else_=0)).label("wants"),
        )
        .join(User, User.id == UserSkill.user_id)
        .where(_shown_to(viewer))
        .group_by(UserSkill.skill_id)
        .subquery()
    )


def _may_know(viewer: Looking, text: str) -> ColumnElement[bool]:
    return or_(Skill.proposed_by_id == viewer.id, SkillAlias.alias_key.in_(_keys(text)))


def _keys(text: str) -> list[str]:
    """Typed with or without accents, both are tried; what no key is long enough for is cut."""
    return sorted({fold(text)[:150], plain_key(text)[:150]})


def _spelled_like(text: str) -> ColumnElement[bool]:
    return _contains(SkillAlias.alias_key, text)


def _contains(column: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    return or_(*(column.contains(key, autoescape=True) for key in _keys(text)))


def _rank(text: str) -> ColumnElement[int]:
    keys = _keys(text)
    begins = or_(*(SkillAlias.alias_key.startswith(key, autoescape=True) for key in keys))
    return case((SkillAlias.alias_key.in_(keys), EXACT), (begins, PREFIX), else_=INSIDE)
