"""Members as coordinators see them: the list with search and states, and all that may be known about one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.accounts import emails, phones
from app.accounts.admissions import is_waiting
from app.accounts.invitations import Invitation, InvitationUse
from app.accounts.merges import MemberMerge
from app.accounts.models import EmailChange, User, UserLanguage, UserSession
from app.core.clock import now
from app.core.db import AnySelect
from app.core.paging import Key
from app.core.text import fold, like_pattern

ACTIVE, WAITING, PAUSED, DISABLED, UNVERIFIED, CLOSING = (
    "active", "waiting", "paused", "disabled", "unverified", "closing",
)  # fmt: skip
OFFLINE = "offline"
STATES = (ACTIVE, WAITING, PAUSED, DISABLED, OFFLINE, UNVERIFIED, CLOSING)
ORDERS = {
    "name": (Key(User.name_key.expression), Key(User.id.expression)),
    "number": (Key(User.number.expression),),
    "newest": (Key(User.created_at.expression, descending=True), Key(User.id.expression, descending=True)),
}
COUNTED = 1000
PHONE_SIGNS = (" ", "-", "/", ".", "(", ")", "+")
FEWEST_DIGITS = 3
LONGEST_NUMBER = 9


def roster(text: str = "", state: str = "") -> AnySelect:
    """Members that `text` finds by name, number, address or telephone, in `state`; the caller sorts and pages.

    Columns are those of `User` that make up a row and its state.
    """
    told = (User.id, User.number, User.name, User.email, User.phone, User.location, User.picture_id, User.role)
    facts = (User.is_active, User.is_verified, User.approved_at, User.paused_at, User.closed_at, User.created_at)
    statement = select(*told, *facts).where(User.emptied_at.is_(None), User.merged_into_id.is_(None))
    if text:
        statement = statement.where(_found_by(text))
    return statement.where(_in_state(state)) if state in STATES else statement


def counted(found: AnySelect) -> AnySelect:
    """How many there are, COUNTED + 1 for more than that."""
    return select(func.count()).select_from(found.with_only_columns(User.id).limit(COUNTED + 1).subquery())


def state_of(member: Any) -> str:
    """The one of STATES that says most about `member`, a row of `roster` or a User. Offline members are active."""
    if member.closed_at:
        return CLOSING
    if not member.is_active:
        return DISABLED
    if member.email and not member.is_verified:
        return UNVERIFIED
    if member.approved_at is None:
        return WAITING
    return PAUSED if member.paused_at else ACTIVE


def record_of(member_id: int) -> AnySelect:
    """All that coordinators may know: the User, last_seen, inviter, inviter_id, languages (codes with a comma
    between), new_email and new_email_until (an address that was offered or is being changed), has_merges."""
    return (
        select(
            User,
            _last_seen().label("last_seen"),
            _inviter(aliased(User), "name").label("inviter"),
            _inviter(aliased(User), "id").label("inviter_id"),
            _languages().label("languages"),
            EmailChange.email.label("new_email"),
            EmailChange.expires_at.label("new_email_until"),
            exists().where(MemberMerge.kept_id == User.id, *_is_open()).label("has_merges"),
        )
        .outerjoin(EmailChange, and_(EmailChange.user_id == User.id, EmailChange.expires_at > now()))
        .where(User.id == member_id, User.emptied_at.is_(None), User.merged_into_id.is_(None))
    )


def merges_of(member_id: int) -> AnySelect:
    """Who became part of this member and can still be taken apart: id, name, number, actor, created_at, expires_at."""
    duplicate, actor = aliased(User), aliased(User)
    told = (MemberMerge.id, MemberMerge.created_at, MemberMerge.expires_at)
    return (
        select(*told, duplicate.name, duplicate.number, actor.name.label("actor"))
        .join(duplicate, duplicate.id == MemberMerge.duplicate_id)
        .join(actor, actor.id == MemberMerge.actor_id)
        .where(MemberMerge.kept_id == member_id, *_is_open())
        .order_by(MemberMerge.id.desc())
    )


def merge_into(member_id: int, merge_id: int) -> AnySelect:
    """The id of one of `merges_of`, also if it was undone or has ended."""
    return select(MemberMerge.id).where(MemberMerge.id == merge_id, MemberMerge.kept_id == member_id)


def became(member_id: int) -> AnySelect:
    """The id of the member whom this one became part of; follows a member who became part of yet another one."""
    first = select(User.merged_into_id.label("id")).where(User.id == member_id).cte("became", recursive=True)
    further = select(User.merged_into_id).join(first, first.c.id == User.id)
    chain = first.union(further)
    return select(User.id).join(chain, chain.c.id == User.id).where(User.merged_into_id.is_(None)).limit(1)


def _is_open() -> tuple[ColumnElement[bool], ...]:
    return MemberMerge.undone_at.is_(None), MemberMerge.purged_at.is_(None), MemberMerge.expires_at > now()


def _found_by(text: str) -> ColumnElement[bool]:
    key = fold(text)
    ways: list[ColumnElement[bool]] = [
        User.name_key.like(like_pattern(key), escape="\\"),
        User.email_key.like(like_pattern(emails.key(text)), escape="\\"),
    ]
    digits = phones.digits(text)
    if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER:
        ways.append(User.number == int(text))
    if len(digits) >= FEWEST_DIGITS and not any(sign.isalpha() for sign in text):
        ways.append(_digits(User.phone).like(like_pattern(digits), escape="\\"))
    return or_(*ways)


def _digits(column: InstrumentedAttribute[str]) -> ColumnElement[str]:
    bare: Any = column
    for sign in PHONE_SIGNS:
        bare = func.replace(bare, sign, "")
    return bare


def _in_state(state: str) -> ColumnElement[bool]:
    here = and_(User.is_active.is_(True), User.closed_at.is_(None))
    states: dict[str, ColumnElement[bool]] = {
        ACTIVE: and_(User.is_visible, User.paused_at.is_(None)),
        WAITING: is_waiting(),
        PAUSED: and_(User.is_visible, User.paused_at.is_not(None)),
        DISABLED: and_(User.is_active.is_(False), User.closed_at.is_(None)),
        OFFLINE: User.email.is_(None),
        UNVERIFIED: and_(here, User.email.is_not(None), User.is_verified.is_(False)),
        CLOSING: User.closed_at.is_not(None),
    }
    return states[state]


def _last_seen() -> ScalarSelect[datetime]:
    latest = select(func.max(UserSession.last_seen_at)).where(UserSession.user_id == User.id)
    return latest.correlate(User).scalar_subquery()


def _inviter(inviter: Any, column: str) -> ScalarSelect[Any]:
    """Of the invitation that was used first."""
    used = (
        select(getattr(inviter, column))
        .join(Invitation, Invitation.inviter_id == inviter.id)
        .join(InvitationUse, InvitationUse.invitation_id == Invitation.id)
        .where(InvitationUse.user_id == User.id)
    )
    first = used.order_by(InvitationUse.created_at, InvitationUse.invitation_id).limit(1)
    return first.correlate(User).scalar_subquery()


def _languages() -> ScalarSelect[str]:
    spoken = select(func.aggregate_strings(UserLanguage.language, ",")).where(UserLanguage.user_id == User.id)
    return spoken.correlate(User).scalar_subquery()
