"""Signing up and proving that the address is one's own.

Nothing tells a visitor whether an address has an account already: the answer, its time and the cookie are the same,
only the mail differs, and that goes to the owner of the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import emails, names, passwords, tokens
from app.accounts.models import User
from app.accounts.operations.locking import LOCKED
from app.accounts.operations.mails import send
from app.accounts.states import joining_mark, verify_state
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.text import fold

LONGEST_NAME_KEY = 180


@dataclass(frozen=True)
class Newcomer:
    name: str
    email: str
    password: str
    timezone: str
    locale: str


def sign_up(newcomer: Newcomer) -> str:
    """Adds a member, or tells the one who has this address; returns the mark for the browser (states.joining_mark).

    An address that nobody has confirmed yet belongs to nobody: the latest sign-up replaces the one of before.
    Raises DomainError for a name, address or password that cannot be taken.
    """
    names.require_good(newcomer.name)
    address = emails.normal(newcomer.email)
    passwords.require_good(newcomer.password, newcomer.name, address)
    password_hash = passwords.hashed(newcomer.password)
    user = _owner(address) or _add(newcomer, address, password_hash) or _owner(address)
    if user and user.is_active and not user.is_verified:
        _introduce(user, newcomer, password_hash)
        db.session.flush()
        send("verify_email", user.id)
    elif user:
        send("already_member", user.id)
    return joining_mark(password_hash)


def send_verification(email: str) -> None:
    """Once more the mail that asks to confirm an address, if it has an account that waits for it."""
    user = _owner(email)
    if user and user.is_active and not user.is_verified:
        send("verify_email", user.id)


def to_verify(token: str, lock: bool = False) -> User | None:
    """The member whose address `token` confirms, also if that was done before; None for a token that is worthless."""
    claim = tokens.read(tokens.VERIFY, token)
    user = db.session.get(User, claim.row_id, **(LOCKED if lock else {})) if claim else None
    if claim is None or user is None or not user.is_active or not tokens.same(claim.state, verify_state(user)):
        return None
    return user


def verify(user: User) -> bool:
    """`user` is locked; False when the address was confirmed before, perhaps a moment ago."""
    if user.is_verified:
        return False
    user.is_verified = True
    audit.record("email-verified", actor_id=user.id, subject_id=user.id)
    return True


def _owner(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email_key == emails.key(email)).with_for_update())


def _add(newcomer: Newcomer, address: str, password_hash: str) -> User | None:
    """None when somebody signs up with the same address at this very moment."""
    user = User(email=address, email_key=emails.key(address), approved_at=now())
    _introduce(user, newcomer, password_hash)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError:
        return None
    audit.record("sign-up", actor_id=user.id, subject_id=user.id)
    return user


def _introduce(user: User, newcomer: Newcomer, password_hash: str) -> None:
    user.name = newcomer.name
    user.name_key = fold(newcomer.name)[:LONGEST_NAME_KEY]
    user.password_hash = password_hash
    user.timezone = newcomer.timezone
    user.locale = newcomer.locale
