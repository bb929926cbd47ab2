"""Asking for an invitation, and a coordinator's answer. The wish goes when it is answered."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.accounts import emails, names
from app.accounts.invitations import InvitationRequest
from app.accounts.models import User
from app.accounts.operations.inviting import invite
from app.accounts.operations.mails import send
from app.core import audit
from app.core.db import db
from app.core.errors import Conflict


def ask_for_invitation(name: str, email: str, note: str, locale: str) -> None:
    """Leaves the wish for the coordinators; a second one from the same address replaces the first.

    Who has an account already is told so by mail, and nobody else. Raises DomainError for a name or an address that
    cannot be taken.
    """
    names.require_good(name)
    address = emails.normal(email)
    key = emails.key(address)
    member = db.session.scalar(select(User).where(User.email_key == key, User.is_verified.is_(True)))
    if member:
        send("already_member", member.id)
        return
    wish = _waiting(key) or _add(address, key) or _waiting(key)
    if wish:
        wish.name, wish.email, wish.note, wish.locale = name, address, note, locale


def grant(wish_id: int, actor_id: int, days: int) -> str:
    """Sends a personal invitation; returns whom to. Raises Conflict when the wish was answered already."""
    wish = _take(wish_id)
    invite(actor_id, wish.email, "", days, wish.locale)
    return wish.email


def dismiss(wish_id: int, actor_id: int) -> None:
    """Takes the wish away without an answer. Raises Conflict when it was answered already."""
    _take(wish_id)
    audit.record("invitation-wish-dismissed", actor_id=actor_id, subject_id=None)


def _waiting(key: str) -> InvitationRequest | None:
    return db.session.scalar(select(InvitationRequest).where(InvitationRequest.email_key == key).with_for_update())


def _add(address: str, key: str) -> InvitationRequest | None:
    """None when the same address asks at this very moment."""
    wish = InvitationRequest(name="-", email=address, email_key=key)
    try:
        with db.session.begin_nested():
            db.session.add(wish)
    except IntegrityError:
        return None
    return wish


def _take(wish_id: int) -> InvitationRequest:
    """The wish, gone from the list: of two answers at once the second finds nothing."""
    gone = delete(InvitationRequest).where(InvitationRequest.id == wish_id).returning(InvitationRequest)
    wish = db.session.scalar(gone)
    if wish is None:
        raise Conflict(_("This wish was answered already, perhaps by another coordinator."))
    return wish
