"""An e-mail address for a member without one: a mail by which the member chooses a password and proves the address.

Until then nothing changes: the member stays visible and without sign-in, because an address that nobody has proven
would hide the member from everybody. The mail works once and for two weeks; a newer one replaces it.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app.accounts import emails, passwords, tokens
from app.accounts.models import EmailChange, User
from app.accounts.operations.closing import never_confirmed
from app.accounts.operations.credentials import LinkGone
from app.accounts.operations.email_change import free_address
from app.accounts.operations.locking import locked
from app.accounts.operations.mails import send
from app.accounts.states import change_state
from app.core import audit
from app.core.clock import now
from app.core.db import db, end_reading, intending
from app.core.errors import Conflict, DomainError


def offer_sign_in(user_id: int, email: str, actor_id: int) -> None:
    """Sends the mail. Raises DomainError for an address that is none or somebody's, Conflict for who has one."""
    address = emails.normal(email)
    key = emails.key(address)
    user = locked(user_id)
    if user.email or not user.is_active or user.closed_at:
        raise Conflict(_("This member has an address already, or is no longer here."))
    if db.session.scalar(select(User.id).where(User.email_key == key, ~never_confirmed())):
        raise DomainError(_("There is an account with this address already."), "email")
    db.session.execute(delete(EmailChange).where(EmailChange.user_id == user_id))
    change = EmailChange(
        user_id=user_id, email=address, email_key=key, old_confirmed_at=now(), expires_at=now() + tokens.CLAIM.lasts
    )
    db.session.add(change)
    db.session.flush()
    send("claim_account", actor_id, {"change_id": change.id}, address)
    audit.record("sign-in-offered", actor_id=actor_id, subject_id=user_id)


def withdraw_sign_in(user_id: int, actor_id: int) -> None:
    """The mail's link is worth nothing any more. Raises Conflict when there is none."""
    user = locked(user_id)
    waiting = delete(EmailChange).where(EmailChange.user_id == user_id).returning(EmailChange.id)
    if user.email or db.session.scalar(waiting) is None:
        raise Conflict(_("No mail is waiting for an answer."))
    audit.record("sign-in-withdrawn", actor_id=actor_id, subject_id=user_id)


def to_claim(token: str, lock: bool = False) -> tuple[EmailChange, User] | None:
    """The address that `token` proves and its member; None for a token that is worthless."""
    claim = tokens.read(tokens.CLAIM, token)
    owner = select(EmailChange.user_id).where(EmailChange.id == claim.row_id) if claim else None
    user_id = db.session.scalar(owner) if owner is not None else None
    if claim is None or user_id is None:
        return None
    # The member first: what is read of the address before that may be old by the time the lock is there.
    user = locked(user_id) if lock else db.session.get_one(User, user_id)
    change = db.session.get(EmailChange, claim.row_id, populate_existing=True, with_for_update=lock)
    if change is None or change.expires_at <= now() or not user.is_active or user.closed_at or user.email:
        return None
    return (change, user) if tokens.same(claim.state, change_state(user, change)) else None


def claim_account(token: str, password: str) -> User:
    """The member can sign in from now on. Raises LinkGone, Conflict for an address that became somebody else's, and
    DomainError for a password that cannot be taken."""
    with intending("read"):
        found = to_claim(token)
        known = (found[1].name, found[0].email) if found else None
    end_reading()
    if known is None:
        raise _gone()
    passwords.require_good(password, *known)
    password_hash = passwords.hashed(password)
    locked_found = to_claim(token, lock=True)
    if locked_found is None:
        raise _gone()
    change, user = locked_found
    try:
        with db.session.begin_nested():
            free_address(change.email_key)
            user.email, user.email_key, user.is_verified = change.email, change.email_key, True
            user.password_hash = password_hash
            db.session.delete(change)
    except IntegrityError as error:
        raise Conflict(_("This address belongs to another account by now. Nothing was changed.")) from error
    audit.record("sign-in-claimed", actor_id=user.id, subject_id=user.id)
    return user


def _gone() -> LinkGone:
    return LinkGone(_("This link was used already, or it has run out."))
