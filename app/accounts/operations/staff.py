"""What operators do from the command line; the audit trail names nobody as the actor then."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import emails, names, passwords
from app.accounts.models import User
from app.accounts.operations.closing import empty, refuse_last_admin
from app.accounts.operations.locking import locked
from app.accounts.operations.sessions import end_all_sessions
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.text import clean, fold


def create_admin(name: str, email: str, password: str) -> User:
    """A new administrator with a confirmed address. Raises DomainError for what cannot be taken."""
    address, shown = emails.normal(email), clean(name)
    names.require_good(shown)
    passwords.require_good(password, shown, address)
    password_hash = passwords.hashed(password)
    if member_of(address) is not None:
        raise DomainError(_("There is an account with this address already."), "email")
    user = User(
        name=shown,
        name_key=fold(shown)[:180],
        email=address,
        email_key=emails.key(address),
        password_hash=password_hash,
        role="admin",
        is_verified=True,
        approved_at=now(),
    )
    db.session.add(user)
    db.session.flush()
    audit.record("role", actor_id=None, subject_id=user.id, detail="admin")
    return user


def make_admin(user: User) -> None:
    """An existing member becomes an administrator and has to sign in again, for an administrator's shorter session."""
    user = locked(user.id)
    if user.role == "admin":
        return
    user.role = "admin"
    end_all_sessions(user.id)
    audit.record("role", actor_id=None, subject_id=user.id, detail="admin")


def disable(user: User) -> None:
    """The member can no longer sign in and is seen by nobody. Raises DomainError for the last administrator."""
    user = locked(user.id)
    if not user.is_active:
        return
    refuse_last_admin(user)
    user.is_active = False
    end_all_sessions(user.id)
    audit.record("disabled", actor_id=None, subject_id=user.id)


def enable(user: User) -> None:
    user = locked(user.id)
    if user.emptied_at is not None:
        raise DomainError(_("This account was emptied; it cannot come back."))
    if user.is_active:
        return
    user.is_active = True
    audit.record("enabled", actor_id=None, subject_id=user.id)


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
