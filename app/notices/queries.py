"""Reading one's own notices: the list, the count beside the bell, and what a mail or an export says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User, UserLanguage
from app.accounts.queries import Acting, Looking, not_blocked
from app.accounts.viewer import Viewer
from app.community.models import CommunitySettings
from app.community.switching import is_switched_on
from app.core.db import AnySelect, at_the_time, db
from app.core.planned import planned_once
from app.core.registry import MOST_COUNTED, registry
from app.notices.kinds import ANNOUNCEMENT
from app.notices.models import (
    DISCARDED,
    MAIL,
    PUBLISHED,
    Announcement,
    LookingAt,
    Notice,
    NoticePreference,
    group_of,
)
from app.skills.models import Skill, SkillCategory, UserSkill


def notices_of(viewer: Looking, kinds: list[str]) -> AnySelect:
    """The viewer's notices of these kinds: id, kind, params, url, group_key, created_at, read_at; the caller pages."""
    told = (Notice.id, Notice.kind, Notice.params, Notice.url, Notice.group_key, Notice.created_at, Notice.read_at)
    mine = (Notice.user_id == viewer.id, Notice.kind.in_(kinds), Notice.shows_at <= at_the_time())
    return planned_once(select(*told).where(*mine))


def notice_for(viewer: Looking, notice_id: int) -> Select[Notice]:
    return select(Notice).where(Notice.id == notice_id, Notice.user_id == viewer.id)


def announcement_for(viewer: Viewer, announcement_id: int) -> AnySelect:
    """A published announcement (id, title, body, published_at, author) for those it was or would be told to, and for
    coordinators."""
    key = f"{ANNOUNCEMENT}:{announcement_id}"
    told = exists().where(Notice.user_id == viewer.id, Notice.key == key)
    row = select(
        Announcement.id, Announcement.title, Announcement.body, Announcement.published_at, User.name.label("author")
    ).join(User, User.id == Announcement.author_id)
    row = row.where(Announcement.id == announcement_id, Announcement.state.in_(PUBLISHED))
    return row if viewer.is_moderator else row.where(told | _is_for(viewer))


def all_announcements() -> AnySelect:
    """For coordinators: id, title, state, told, published_at, created_at, author (a name); the caller pages."""
    told = (Announcement.id, Announcement.title, Announcement.state, Announcement.told)
    times = (Announcement.published_at, Announcement.created_at, User.name.label("author"))
    written = select(*told, *times).join(User, User.id == Announcement.author_id)
    return written.where(Announcement.state != DISCARDED)


def announcement_of(announcement_id: int) -> Select[Announcement]:
    """For coordinators; what was thrown away is still there for whoever has its page open."""
    return select(Announcement).where(Announcement.id == announcement_id)


def unread_count(user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How much is unread, a conversation being one, among the kinds whose feature is on, and no more than MOST_COUNTED;
    rides along with the viewer's statement, which holds the community's settings."""
    unread = (Notice.user_id == user_id, Notice.read_at.is_(None), Notice.shows_at <= at_the_time())
    told = select(Notice.group_key).distinct().where(*unread, or_(*_kinds_that_are_on()))
    some = told.limit(MOST_COUNTED).correlate(User, CommunitySettings).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def _kinds_that_are_on() -> Iterator[ColumnElement[bool]]:
    named: dict[str, list[str]] = {}
    for kind in registry().notice_kinds.values():
        named.setdefault(kind.feature, []).append(kind.name)
    for feature, names in named.items():
        is_one = Notice.kind.in_(names)
        yield and_(is_one, is_switched_on(feature)) if feature in registry().switches else is_one


def live_state(user_id: ColumnElement[int]) -> ColumnElement[int]:
    """A number that changes with what is unread, for pages that have no stream."""
    unread = (Notice.user_id == user_id, Notice.read_at.is_(None), Notice.shows_at <= at_the_time())
    return select(func.coalesce(func.sum(Notice.id), 0)).where(*unread).scalar_subquery()


def looks_until(viewer: Looking, chat_id: int) -> ColumnElement[datetime]:
    """Until when the viewer is taken to have this conversation on the screen; NULL when not."""
    mine = (LookingAt.user_id == viewer.id, LookingAt.group_key == group_of(chat_id))
    return select(LookingAt.until).where(*mine).scalar_subquery()


def is_told(viewer: Looking, chat_id: int) -> ColumnElement[bool]:
    """Whether the number beside the bell counts this conversation."""
    unread = (Notice.user_id == viewer.id, Notice.read_at.is_(None), Notice.shows_at <= at_the_time())
    return exists().where(*unread, Notice.group_key == group_of(chat_id))


def to_mail(user_id: int, group: str) -> AnySelect:
    """What is still unread of a conversation and wanted by mail, the oldest first."""
    told = (Notice.id, Notice.kind, Notice.params, Notice.url, Notice.created_at)
    open_mail = and_(Notice.channel == MAIL, Notice.read_at.is_(None))
    mine = (Notice.user_id == user_id, Notice.group_key == group, open_mail, from_somebody_met(user_id))
    return select(*told).where(*mine).order_by(Notice.id)


def from_somebody_met(user_id: int) -> ColumnElement[bool]:
    """Not from whom a block separates the member: nothing of theirs is mailed any more."""
    return or_(Notice.from_id.is_(None), not_blocked(Acting(user_id), Notice.from_id))


def _is_for(viewer: Viewer) -> ColumnElement[bool]:
    """Who switched announcements off has no notice of them and may read them all the same."""
    reader = aliased(User)
    language = exists().where(UserLanguage.user_id == viewer.id, UserLanguage.language == Announcement.language)
    category = exists().where(
        UserSkill.user_id == viewer.id,
        UserSkill.skill_id == Skill.id,
        Skill.category_id == SkillCategory.id,
        SkillCategory.slug == Announcement.category,
    )
    return exists().where(
        reader.id == viewer.id,
        or_(Announcement.role == "", Announcement.role == reader.role),
        or_(Announcement.place_key == "", Announcement.place_key == reader.place_key),
        or_(Announcement.language == "", language),
        or_(Announcement.category == "", category),
    )


def export(user_id: int) -> dict[str, Any]:
    """What the member was told and how they want to be told, as JSON-ready values."""
    told = select(Notice.kind, Notice.params, Notice.url, Notice.created_at, Notice.read_at)
    rows = db.session.execute(told.where(Notice.user_id == user_id).order_by(Notice.id))
    wanted = select(NoticePreference.kind, NoticePreference.channel).where(NoticePreference.user_id == user_id)
    return {
        "notices": [
            {
                "kind": row.kind,
                "params": row.params,
                "url": row.url,
                "created_at": row.created_at.isoformat(),
                "read_at": row.read_at.isoformat() if row.read_at else None,
            }
            for row in rows
        ],
        "preferences": {row.kind: row.channel for row in db.session.execute(wanted.order_by(NoticePreference.kind))},
    }
