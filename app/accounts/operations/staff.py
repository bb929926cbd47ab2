"""What is done to others' accounts; without an actor it was an operator at the command line."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import emails, names, passwords
from app.accounts.models import User
from app.accounts.operations.arriving import arrive
from app.accounts.operations.closing import empty, refuse_last_admin
from app.accounts.operations.locking import locked
from app.accounts.operations.sessions import end_all_sessions
from app.community.setup import close_links
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.text import clean, fold


def create_admin(name: str, email: str, password: str) -> User:
    """A new administrator with a confirmed address. Raises DomainError for what cannot be taken."""
    return add_admin(prepare_admin(name, email, password))


def prepare_admin(name: str, email: str, password: str, timezone: str = "UTC", locale: str = "en") -> User:
    """An administrator who is not stored yet: the slow part, without the database. Raises DomainError."""
    address, shown = emails.normal(email), clean(name)
    names.require_good(shown)
    passwords.require_good(password, shown, address)
    return User(
        name=shown,
        name_key=fold(shown)[:180],
        email=address,
        email_key=emails.key(address),
        password_hash=passwords.hashed(password),
        timezone=timezone,
        locale=locale,
        role="admin",
        is_verified=True,
        approved_at=now(),
    )


def add_admin(user: User) -> User:
    """Stores what `prepare_admin` made; no link to the first set-up works any more. Raises DomainError."""
    if member_of(user.email or "") is not None:
        raise DomainError(_("There is an account with this address already."), "email")
    db.session.add(user)
    db.session.flush()
    audit.record("role", actor_id=None, subject_id=user.id, detail="admin")
    close_links()
    arrive(user.id)
    return user


def has_admin() -> bool:
    """Whether somebody can look after this community already."""
    living = User.is_active.is_(True) & User.closed_at.is_(None)
    return db.session.scalar(select(User.id).where(User.role == "admin", living).limit(1)) is not None


def make_admin(user: User) -> None:
    """An existing member becomes an administrator and has to sign in again, for an administrator's shorter session."""
    user = locked(user.id)
    if user.role == "admin":
        return
    user.role = "admin"
    end_all_sessions(user.id)
    close_links()
    audit.record("role", actor_id=None, subject_id=user.id, detail="admin")


def disable(user: User, actor_id: int | None = None, reason: str = "") -> None:
    """The member can no longer sign in and is seen by nobody. Raises DomainError for the last administrator."""
    user = locked(user.id)
    if not user.is_active:
        return
    refuse_last_admin(user)
    user.is_active = False
    end_all_sessions(user.id)
    audit.record("disabled", actor_id=actor_id, subject_id=user.id, detail=reason)


def enable(user: User, actor_id: int | None = None) -> None:
    """Raises DomainError for an account that was emptied or is part of another one."""
    user = locked(user.id)
    if user.emptied_at is not None:
        raise DomainError(_("This account was emptied; it cannot come back."))
    if user.merged_into_id is not None:
        raise DomainError(_("This account is part of another one. Take the two apart first."))
    if user.is_active:
        return
    user.is_active = True
    audit.record("enabled", actor_id=actor_id, subject_id=user.id)


def erase(user_id: int, last_admin: bool = False) -> None:
    """Empties the account at once. Raises DomainError for the last administrator, unless that is meant."""
    user = locked(user_id)
    if not last_admin:
        refuse_last_admin(user)
    empty(user_id)


def member_of(address_or_id: str) -> User | None:
    """The member with this e-mail address or number."""
    if address_or_id.isdecimal():
        return db.session.get(User, int(address_or_id))
    return db.session.scalar(select(User).where(User.email_key == emails.key(address_or_id)))
