"""Members who fit a post: who offers what is asked for, or looks for what is offered."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, case, exists, func, literal, select
from sqlalchemy.orm import aliased

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.accounts.queries import Looking, listed_for
from app.core.clock import now
from app.core.db import AnyRow, AnySelect, db
from app.exchange.models.posts import REQUEST
from app.skills.models import OFFER, WANT, Skill, UserSkill
from app.skills.queries import is_current

MOST = 4
SAME_PLACE, SHARED_HOURS, SHARED_LANGUAGE = 3, 2, 1


@dataclass
class Helper:
    """`reasons` are sentences with an icon each, the weightiest first."""

    id: int
    name: str
    picture_id: int | None
    place: str
    reasons: list[tuple[str, str]] = field(default_factory=list)


def helpers_for(viewer: Looking, kind: str, skill_ids: Collection[int], place_key: str) -> list[Helper]:
    """The four members who fit best, as far as the author (`viewer`) may be shown them; two statements."""
    if not skill_ids:
        return []
    wanted = OFFER if kind == REQUEST else WANT
    rows = db.session.execute(_fitting(viewer, wanted, skill_ids, place_key)).all()
    found = {row.id: Helper(row.id, row.name, row.picture_id, row.location) for row in rows}
    for row in db.session.execute(_entries(found, wanted, skill_ids)):
        found[row.user_id].reasons.append(_skill_reason(wanted, row))
    for row in rows:
        found[row.id].reasons += _other_reasons(row)
    return list(found.values())


def _fitting(viewer: Looking, wanted: str, skill_ids: Collection[int], place_key: str) -> AnySelect:
    near = case((User.place_key == place_key, 1), else_=0) if place_key else literal(0)
    hours, language = _shares_hours(viewer), _shares_language(viewer)
    points = (
        func.sum(UserSkill.level if wanted == OFFER else UserSkill.priority * 2)
        + near * SAME_PLACE
        + hours * SHARED_HOURS
        + language * SHARED_LANGUAGE
    )
    return (
        select(
            User.id,
            User.name,
            User.picture_id,
            User.location,
            near.label("near"),
            hours.label("free"),
            language.label("talks"),
        )
        .join(UserSkill, UserSkill.user_id == User.id)
        .where(listed_for(viewer), UserSkill.kind == wanted, UserSkill.skill_id.in_(skill_ids), is_current(now()))
        .group_by(User.id, User.name, User.picture_id, User.location, User.place_key)
        .order_by(points.desc(), User.id)
        .limit(MOST)
    )


def _entries(user_ids: Collection[int], wanted: str, skill_ids: Collection[int]) -> AnySelect:
    return (
        select(UserSkill.user_id, Skill.name, UserSkill.level, UserSkill.note)
        .join(Skill, Skill.id == UserSkill.skill_id)
        .where(UserSkill.user_id.in_(user_ids), UserSkill.kind == wanted, UserSkill.skill_id.in_(skill_ids))
        .where(is_current(now()))
        .order_by(UserSkill.level.desc(), Skill.name_key)
    )


def _shares_hours(viewer: Looking) -> ColumnElement[int]:
    mine, theirs = aliased(AvailabilityHour), aliased(AvailabilityHour)
    both = exists().where(theirs.user_id == User.id, mine.user_id == viewer.id, mine.hour == theirs.hour)
    return case((both, 1), else_=0)


def _shares_language(viewer: Looking) -> ColumnElement[int]:
    mine, theirs = aliased(UserLanguage), aliased(UserLanguage)
    both = exists().where(theirs.user_id == User.id, mine.user_id == viewer.id, mine.language == theirs.language)
    return case((both, 1), else_=0)


def _skill_reason(wanted: str, row: AnyRow) -> tuple[str, str]:
    if wanted == OFFER:
        return "gift", _("Offers %(skill)s, level %(level)d of 5", skill=row.name, level=row.level)
    return "bulb", _("Would like %(skill)s", skill=row.name)


def _other_reasons(row: AnyRow) -> list[tuple[str, str]]:
    found = []
    if row.near:
        found.append(("map-pin", _("Is in %(place)s", place=row.location)))
    if row.free:
        found.append(("clock", _("You are both free at some times of the week")))
    if row.talks:
        found.append(("language", _("You speak a language in common")))
    return found
