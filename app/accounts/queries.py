"""Who may be seen by whom, and one's own rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts.export import export
from app.accounts.models import (
    TO_MEMBERS,
    AvailabilitySlot,
    Block,
    EmailChange,
    User,
    UserLanguage,
    UserSession,
)
from app.accounts.visiting import live_session
from app.core.clock import now
from app.core.db import AnySelect

__all__ = [
    "Acting",
    "Looking",
    "blockable_for",
    "blocked_by",
    "completeness_of",
    "email_change_of",
    "export",
    "languages_of",
    "listed_for",
    "member_for",
    "moderators_count",
    "not_blocked",
    "reached_by_coordinators",
    "session_for",
    "sessions_of",
    "slots_of",
    "staff_list",
    "unverified_count",
    "visible_to",
]


# Aliases are dear to make, and nearly every page asks who is blocked.
MINE, THEIRS = aliased(Block), aliased(Block)


class Looking(Protocol):
    """A signed-in Viewer, or a Stranger with id 0."""

    @property
    def id(self) -> int: ...


@dataclass(frozen=True)
class Acting:
    """The member for whom something is done, as queries ask for one."""

    id: int


def visible_to(viewer: Looking) -> ColumnElement[bool]:
    """Members whom `viewer` may see: visible ones without a block in either direction."""
    return and_(User.is_visible, not_blocked(viewer, User.id))


def listed_for(viewer: Looking) -> ColumnElement[bool]:
    """Members who may be suggested to `viewer`: visible, not taking a break, somebody else."""
    return and_(visible_to(viewer), User.paused_at.is_(None), User.id != viewer.id)


def reached_by_coordinators() -> ColumnElement[bool]:
    """Members without e-mail whose telephone other members may not see: one asks a coordinator."""
    return and_(User.email.is_(None), or_(User.phone == "", User.phone_visibility != TO_MEMBERS))


def moderators_count(counted: ColumnElement[int]) -> ColumnElement[int]:
    """A badge's count that is 0 for everybody but moderators and administrators, by the row of User that the statement
    holds."""
    return case((or_(User.role == "moderator", User.role == "admin"), counted), else_=0)


def not_blocked(
    viewer: Looking, other_id: ColumnElement[int] | InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    """No block between `viewer` and the member `other_id`, whoever made it.

    The viewer's own few blocks are read once for a whole list, not once for each of its members.
    """
    by_me = select(MINE.blocked_id).where(MINE.blocker_id == viewer.id)
    by_them = select(THEIRS.blocker_id).where(THEIRS.blocked_id == viewer.id)
    return and_(other_id.not_in(by_me), other_id.not_in(by_them))


def member_for(viewer: Looking, member_id: int) -> Select[User]:
    """The member with this id as far as `viewer` may see them; oneself always."""
    mine = and_(User.id == viewer.id, User.emptied_at.is_(None))
    return select(User).where(User.id == member_id, or_(mine, visible_to(viewer)))


def sessions_of(viewer: Looking) -> Select[UserSession]:
    """The viewer's live sessions, the one seen last first."""
    mine = select(UserSession).where(UserSession.user_id == viewer.id, live_session(now()))
    return mine.order_by(UserSession.last_seen_at.desc(), UserSession.id.desc())


def slots_of(user_id: int) -> Select[AvailabilitySlot]:
    mine = select(AvailabilitySlot).where(AvailabilitySlot.user_id == user_id)
    return mine.order_by(AvailabilitySlot.weekday, AvailabilitySlot.starts)


def languages_of(user_id: int) -> Select[str]:
    return select(UserLanguage.language).where(UserLanguage.user_id == user_id).order_by(UserLanguage.language)


def blocked_by(viewer: Looking) -> AnySelect:
    """Members whom `viewer` has blocked: id, name, since when; the latest first."""
    return (
        select(User.id, User.name, User.picture_id, Block.created_at)
        .join(Block, Block.blocked_id == User.id)
        .where(Block.blocker_id == viewer.id, User.merged_into_id.is_(None))
        .order_by(Block.created_at.desc(), User.id)
    )


def email_change_of(user_id: int) -> Select[EmailChange]:
    """The change of address under way, if there is one that has not run out."""
    return select(EmailChange).where(EmailChange.user_id == user_id, EmailChange.expires_at > now())


def session_for(viewer: Looking, session_id: int) -> Select[UserSession]:
    """One of the viewer's own live sessions."""
    return sessions_of(viewer).where(UserSession.id == session_id)


def blockable_for(viewer: Looking, member_id: int) -> Select[User]:
    """The member as far as `viewer` may see or has blocked them: whoever is blocked already can be blocked again."""
    blocked = exists().where(Block.blocker_id == viewer.id, Block.blocked_id == User.id)
    return select(User).where(User.id == member_id, User.emptied_at.is_(None), or_(visible_to(viewer), blocked))


def completeness_of(user_id: int) -> AnySelect:
    """What a member has told so far, each True or False: picture, about, place, languages, hours."""
    return select(
        User.picture_id.is_not(None).label("picture"),
        (User.bio != "").label("about"),
        (User.location != "").label("place"),
        exists().where(UserLanguage.user_id == User.id).label("languages"),
        exists().where(AvailabilitySlot.user_id == User.id).label("hours"),
    ).where(User.id == user_id)


def unverified_count(_user_id: ColumnElement[int]) -> ColumnElement[int]:
    """1 when this member's address is not confirmed yet, else 0; rides along with the viewer's statement."""
    return case((User.is_verified.is_(False), 1), else_=0)


def staff_list() -> AnySelect:
    """All accounts for an operator's list, by number: id, name, email, role and what makes up their state."""
    return select(
        User.id,
        User.name,
        User.email,
        User.role,
        User.is_active,
        User.is_verified,
        User.closed_at,
        User.emptied_at,
    ).order_by(User.id)
