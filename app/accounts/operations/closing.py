"""Closing an account: 14 days in which it can be reopened, then it is emptied. Members are never deleted."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update

from app.accounts.invitations import Invitation, InvitationUse, TermsAcceptance
from app.accounts.models import (
    TO_COORDINATORS,
    AvailabilityHour,
    AvailabilitySlot,
    Block,
    EmailChange,
    User,
    UserLanguage,
    UserSession,
)
from app.accounts.names import FORMER
from app.accounts.operations.credentials import confirm_password
from app.accounts.operations.locking import locked
from app.accounts.operations.mails import send
from app.accounts.operations.sessions import end_all_sessions
from app.accounts.periods import GRACE, UNCONFIRMED
from app.community.models import CommunitySettings
from app.core import audit
from app.core.clock import now
from app.core.db import db, dialect_name
from app.core.errors import DomainError
from app.core.models import OutboxMail, StoredFile
from app.core.registry import registry
from app.core.text import fold

# The number under which administrators who leave wait for each other.
LEAVING = 7_104_001


def close(user_id: int, password: str) -> None:
    """Starts the days of grace and ends all sessions. Raises DomainError for a wrong password or the last admin."""
    user = confirm_password(user_id, password)
    if user.closed_at is not None:
        return
    refuse_last_admin(user)
    user.closed_at = now()
    end_all_sessions(user_id)
    audit.record("account-closed", actor_id=user_id, subject_id=user_id)
    send("account_closing", user_id)


def reopen(user: User) -> None:
    """Raises DomainError when the days of grace have ended by now."""
    user = locked(user.id)
    if user.emptied_at is not None:
        raise DomainError(_("This account was emptied; it cannot come back."))
    if user.closed_at is not None:
        user.closed_at = None
        audit.record("account-reopened", actor_id=user.id, subject_id=user.id)


def empty_closed() -> int:
    """Empties the accounts whose days of grace are over, and sign-ups that nobody confirmed; returns how many.

    Each in its own transaction.
    """
    over = or_(_over(), and_(never_confirmed(), User.updated_at <= now() - UNCONFIRMED))
    ids = list(db.session.scalars(select(User.id).where(over)))
    db.session.rollback()
    return sum(_empty_one(user_id, over) for user_id in ids)


def never_confirmed() -> ColumnElement[bool]:
    """Sign-ups whose address nobody has confirmed: nobody was ever inside, so nothing hangs on them.

    Who has no password did not sign up: coordinators brought that member along.
    """
    return and_(
        User.is_verified.is_(False),
        User.password_hash != "",
        User.last_login_at.is_(None),
        User.is_active.is_(True),
        User.role == "member",
        User.email.is_not(None),
        User.closed_at.is_(None),
    )


def empty(user_id: int) -> None:
    """Takes away at once what every feature keeps of a member; what the other side needs stays.

    The lock comes first: whatever the member has begun is either done and taken away too, or finds nobody.
    """
    locked(user_id)
    for forget in registry().closers.values():
        forget(user_id)
    audit.record("account-emptied", actor_id=None, subject_id=user_id)


def forget_member(user_id: int) -> None:
    """The part of this package: name, address, profile, picture, languages, hours, sessions, blocks, waiting mail."""
    user = db.session.get_one(User, user_id)
    moment = now()
    user.name, user.name_key = FORMER, fold(FORMER)
    user.email = user.email_key = user.picture_id = user.paused_at = user.last_login_at = None
    user.password_hash = user.pronouns = user.bio = user.location = user.place_key = user.learning_style = ""
    user.phone = user.coordinators_note = ""
    user.phone_visibility, user.in_print = TO_COORDINATORS, False
    user.timezone, user.role, user.is_active, user.is_verified = "UTC", "member", False, False
    user.closed_at, user.emptied_at = user.closed_at or moment, moment
    db.session.flush()
    for condition in _private_rows(user_id):
        db.session.execute(condition)


def refuse_last_admin(user: User) -> None:
    others = select(User.id).where(
        User.role == "admin", User.id != user.id, User.is_active.is_(True), User.closed_at.is_(None)
    )
    if user.role != "admin":
        return
    if dialect_name() == "postgresql":  # two administrators who leave at once go one after the other
        db.session.execute(select(func.pg_advisory_xact_lock(LEAVING)))
    if db.session.scalar(others.limit(1)) is None:
        raise DomainError(_("You are the only administrator. Make somebody else one first."))


def _private_rows(user_id: int) -> list:  # type: ignore[type-arg]
    owned = (
        UserLanguage, AvailabilitySlot, AvailabilityHour, UserSession, EmailChange, OutboxMail, TermsAcceptance,
        InvitationUse,
    )  # fmt: skip
    mine_open = (Invitation.inviter_id == user_id, Invitation.revoked_at.is_(None))
    return [
        *(delete(model).where(model.user_id == user_id) for model in owned),
        update(Invitation).where(*mine_open).values(revoked_at=now()),
        delete(Block).where(or_(Block.blocker_id == user_id, Block.blocked_id == user_id)),
        delete(StoredFile).where(StoredFile.owner_id == user_id, ~_is_logo()),
    ]


def _is_logo() -> ColumnElement[bool]:
    """The community's logo stays, whoever brought it."""
    return exists().where(CommunitySettings.logo_id == StoredFile.id)


def _over() -> ColumnElement[bool]:
    return and_(User.closed_at <= now() - GRACE, User.emptied_at.is_(None))


def _empty_one(user_id: int, over: ColumnElement[bool]) -> bool:
    """Looks again under the row's lock: the member may have come back in the last minute."""
    still = select(User.id).where(User.id == user_id, over).with_for_update(skip_locked=True, key_share=True)
    if db.session.scalar(still) is None:
        db.session.rollback()
        return False
    empty(user_id)
    db.session.commit()
    return True
