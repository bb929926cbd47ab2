"""A new e-mail address, which counts once the old and the new one have both said yes."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.accounts import emails, tokens
from app.accounts.models import EmailChange, User
from app.accounts.operations.closing import empty, never_confirmed
from app.accounts.operations.credentials import LinkGone, confirm_password
from app.accounts.operations.locking import locked
from app.accounts.operations.mails import send
from app.accounts.states import change_state
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError


def ask_for_email_change(user_id: int, password: str, email: str) -> None:
    """Writes to both addresses. An address that is somebody else's gets another mail; the asker learns nothing.

    Raises DomainError for a wrong password and for an address that cannot be one.
    """
    address = emails.normal(email)
    key = emails.key(address)
    user = confirm_password(user_id, password)
    if key == user.email_key:
        raise DomainError(_("That is your address already."), "email")
    cancel_email_change(user_id)
    change = EmailChange(
        user_id=user_id,
        email=address,
        email_key=key,
        old_confirmed_at=None if user.is_verified else now(),
        expires_at=now() + tokens.CHANGE_EMAIL.lasts,
    )
    db.session.add(change)
    db.session.flush()
    _write_to_both(user, change)
    audit.record("email-change-asked", actor_id=user_id, subject_id=user_id)


def cancel_email_change(user_id: int) -> None:
    locked(user_id)
    db.session.execute(delete(EmailChange).where(EmailChange.user_id == user_id))


def to_confirm(token: str, lock: bool = False) -> tuple[EmailChange, User, str] | None:
    """The change, its member and the side ("old", "new") that `token` speaks for; None for a worthless token."""
    claim = tokens.read(tokens.CHANGE_EMAIL, token)
    asker = select(EmailChange.user_id).where(EmailChange.id == claim.row_id) if claim else None
    user_id = db.session.scalar(asker) if asker is not None else None
    if claim is None or user_id is None:
        return None
    # The member first: what is read of the change before that may be old by the time the lock is there.
    user = locked(user_id) if lock else db.session.get_one(User, user_id)
    change = db.session.get(EmailChange, claim.row_id, populate_existing=True, with_for_update=lock)
    if change is None or change.expires_at <= now() or not user.is_active:
        return None
    return (change, user, claim.side) if tokens.same(claim.state, change_state(user, change)) else None


def confirm_email_change(token: str) -> bool:
    """One side says yes; returns whether the new address counts now, or the other side is waited for.

    Raises LinkGone, and Conflict when the address has become somebody else's.
    """
    found = to_confirm(token, lock=True)
    if found is None:
        raise LinkGone(_("This link was used already, or it has run out."))
    change, user, side = found
    if side == "old":
        change.old_confirmed_at = change.old_confirmed_at or now()
    else:
        change.new_confirmed_at = change.new_confirmed_at or now()
    if change.old_confirmed_at is None or change.new_confirmed_at is None:
        return False
    _apply(user, change)
    return True


def _write_to_both(user: User, change: EmailChange) -> None:
    params = {"change_id": change.id}
    send("email_change_old", user.id, params, user.email or "")
    owner_id = db.session.scalar(select(User.id).where(User.email_key == change.email_key, ~never_confirmed()))
    if owner_id is None:
        send("email_change_new", user.id, params, change.email)
    else:
        send("already_member", owner_id)


def _apply(user: User, change: EmailChange) -> None:
    try:
        with db.session.begin_nested():
            free_address(change.email_key)
            user.email, user.email_key, user.is_verified = change.email, change.email_key, True
            db.session.delete(change)
    except IntegrityError as error:
        raise Conflict(_("This address belongs to another account by now. Nothing was changed.")) from error
    audit.record("email-changed", actor_id=user.id, subject_id=user.id)


def free_address(email_key: str) -> None:
    """Somebody who signed up with this address and never confirmed it has no claim to it: its owner just did."""
    squatter = select(User.id).where(User.email_key == email_key, never_confirmed()).with_for_update(key_share=True)
    if user_id := db.session.scalar(squatter):
        empty(user_id)
