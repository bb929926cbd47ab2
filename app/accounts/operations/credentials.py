"""Passwords in use: signing in, changing one, getting back in without one.

The slow hashing never happens inside a transaction: what is needed is read first, and looked at again afterwards.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row, select

from app.accounts import emails, passwords, throttle, tokens
from app.accounts.models import User
from app.accounts.operations.arriving import arrive
from app.accounts.operations.locking import locked
from app.accounts.operations.mails import send
from app.accounts.operations.sessions import end_all_sessions, end_other_sessions
from app.accounts.states import reset_state
from app.core import audit
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError


class LinkGone(DomainError):
    """A link that was used, has run out or was never ours."""

    status = 410


def authenticate(email: str, password: str) -> User | None:
    """The member with this address and password; may be unverified, switched off or closing.

    It takes the same time whether or not there is such a member.
    """
    return _checked(User.email_key == emails.key(email), password)


def confirm_password(user_id: int, password: str, field: str = "current_password") -> User:
    """The member, who has just typed the password again. Raises DomainError at `field` for a wrong one."""
    user = _checked(User.id == user_id, password)
    if user is None:
        raise DomainError(_("That is not your password."), field)
    return user


def change_password(user_id: int, current: str, new: str, session_id: int) -> None:
    """A new password, known to be asked for by its owner; the session at hand goes on, all others end."""
    known = _read(User.id == user_id)
    if known is None or not passwords.matches(known.password_hash, current):
        raise DomainError(_("That is not your password."), "current_password")
    passwords.require_good(new, known.name, known.email or "")
    user = _set_password(user_id, known.password_hash, passwords.hashed(new))
    end_other_sessions(user_id, session_id)
    audit.record("password-changed", actor_id=user_id, subject_id=user_id)
    send("password_changed", user.id)


def ask_for_reset(email: str) -> None:
    """A mail with a link that lasts an hour, if the address has an account."""
    passwords.matches("", "")  # as much time as everything else, so that the clock says nothing
    user = db.session.scalar(select(User).where(User.email_key == emails.key(email)))
    if user and user.is_active:
        send("reset_password", user.id)


def to_reset(token: str) -> User | None:
    """The member for whom `token` sets a new or the first password; None for a token that is worthless."""
    claim = tokens.read(tokens.RESET, token) or tokens.read(tokens.FIRST_PASSWORD, token)
    user = db.session.get(User, claim.row_id) if claim else None
    if claim is None or user is None or not user.is_active or not user.email:
        return None
    return user if tokens.same(claim.state, reset_state(user)) else None


def reset_password(token: str, new: str) -> User:
    """Sets the password, ends all sessions, and confirms the address, which the link was sent to; the member.

    Raises LinkGone, and DomainError for a password that cannot be taken.
    """
    with intending("read"):
        user = to_reset(token)
        known = (user.id, user.name, user.email or "", user.password_hash) if user else None
    end_reading()
    if known is None:
        raise LinkGone(_("This link was used already, or it has run out."))
    user_id, name, email, old_hash = known
    passwords.require_good(new, name, email)
    user = _set_password(user_id, old_hash, passwords.hashed(new))
    if not user.is_verified:
        user.is_verified = True
        arrive(user_id)
    end_all_sessions(user_id)
    forgiven = (
        throttle.Try(throttle.SIGN_IN_ACCOUNT, emails.key(email)),
        throttle.Try(throttle.PASSWORD_AGAIN, str(user_id)),
    )
    throttle.take_back(db.session(), [], *forgiven)
    audit.record("password-reset", actor_id=user_id, subject_id=user_id)
    if old_hash:  # the first one is no news
        send("password_changed", user_id)
    return user


def _checked(condition: ColumnElement[bool], password: str) -> User | None:
    known = _read(condition)
    right = passwords.matches(known.password_hash if known else "", password)
    if known is None or not right:
        return None
    user = locked(known.id)
    return user if user.password_hash == known.password_hash else None


def _read(condition: ColumnElement[bool]) -> Row[int, str, str | None, str] | None:
    columns = select(User.id, User.name, User.email, User.password_hash)
    with intending("read"):
        known = db.session.execute(columns.where(condition)).one_or_none()
    end_reading()
    return known


def _set_password(user_id: int, old_hash: str, new_hash: str) -> User:
    """Guarded: of two changes at once the second finds another password than it was checked against."""
    user = locked(user_id)
    if user.password_hash != old_hash:
        raise LinkGone(_("The password was changed a moment ago, perhaps in another window."))
    user.password_hash = new_hash
    return user
