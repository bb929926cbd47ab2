"""Signing up, with an invitation or without, and proving that the address is one's own.

Nothing tells a visitor whether an address has an account already: the answer, its time and the cookie are the same,
only the mail differs, and that goes to the owner of the address.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import emails, names, passwords, tokens
from app.accounts.invitations import Invitation, usable
from app.accounts.models import User
from app.accounts.operations.agreeing import note_agreement
from app.accounts.operations.arriving import arrive
from app.accounts.operations.credentials import LinkGone
from app.accounts.operations.inviting import use
from app.accounts.operations.locking import LOCKED
from app.accounts.operations.mails import send
from app.accounts.states import joining_mark, verify_state
from app.accounts.viewer import hash_token
from app.community.models import INVITED, OPEN
from app.community.operations import settings
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import Forbidden
from app.core.text import fold

LONGEST_NAME_KEY = 180


@dataclass(frozen=True)
class Newcomer:
    """Who signs up; `terms_id` is the version of the terms that was agreed to, 0 where there are none."""

    name: str
    email: str
    password: str
    timezone: str
    locale: str
    terms_id: int = 0


@dataclass(frozen=True)
class Joined:
    """`mark` is for the browser (states.joining_mark); `member` the one whose address is proven already, if it is."""

    mark: str
    member: User | None = None


def sign_up(newcomer: Newcomer) -> str:
    """Adds a member, or tells the one who has this address; returns the mark for the browser (states.joining_mark).

    An address that nobody has confirmed yet belongs to nobody: the latest sign-up replaces the one of before.
    Raises DomainError for a name, address or password that cannot be taken, Forbidden where one has to be invited.
    """
    address, password_hash = _prepared(newcomer)
    community = settings()
    if community.joining == INVITED:
        raise Forbidden(_("One joins %(community)s by invitation. Ask for one.", community=community.name))
    emails.require_at(community.allowed_domains, address)
    _admit(newcomer, address, password_hash, approved=community.joining == OPEN, invitation=None)
    return joining_mark(password_hash)


def join(newcomer: Newcomer, token: str) -> Joined:
    """Signs up with an invitation, which is a coordinator's yes. A mailed one has proven the address it went to.

    Raises LinkGone when it lets nobody in any more, and DomainError as `sign_up` does.
    """
    address, password_hash = _prepared(newcomer)
    invitation = db.session.scalar(select(Invitation).where(Invitation.token_hash == hash_token(token), usable(now())))
    if invitation is None:
        raise LinkGone(_("This invitation was used already, or it has run out."))
    proven = invitation.email_key == emails.key(address)
    if not proven:
        emails.require_at(invitation.allowed_domains or settings().allowed_domains, address)
    user = _admit(newcomer, address, password_hash, approved=True, invitation=invitation, proven=proven)
    return Joined(joining_mark(password_hash), user if proven else None)


def send_verification(email: str) -> None:
    """Once more the mail that asks to confirm an address, if it has an account that waits for it."""
    user = _owner(email)
    if user and user.is_active and not user.is_verified:
        send("verify_email" if user.password_hash else "reset_password", user.id)


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
    arrive(user.id)
    return True


def _prepared(newcomer: Newcomer) -> tuple[str, str]:
    """The address as it is stored and the hash of the password; slow, so it comes before the first statement."""
    names.require_good(newcomer.name)
    address = emails.normal(newcomer.email)
    passwords.require_good(newcomer.password, newcomer.name, address)
    return address, passwords.hashed(newcomer.password)


def _admit(
    newcomer: Newcomer,
    address: str,
    password_hash: str,
    *,
    approved: bool,
    invitation: Invitation | None,
    proven: bool = False,
) -> User | None:
    """The member who has just introduced herself, None when the address has an account that nobody can take over."""
    user = _owner(address) or _add(newcomer, address, password_hash) or _owner(address)
    if user is None:
        return None
    if invitation:
        use(invitation.id, user.id)
    brought = not user.password_hash and not proven  # by coordinators, who know more than whoever signs up
    if not user.is_active or user.is_verified or brought:
        send("already_member", user.id)
        return None
    _introduce(user, newcomer, password_hash)
    user.approved_at = now() if approved else None
    db.session.flush()
    if newcomer.terms_id:
        note_agreement(user.id, newcomer.terms_id)
    if proven:
        verify(user)
    else:
        send("verify_email", user.id)
    return user


def _owner(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email_key == emails.key(email)).with_for_update())


def _add(newcomer: Newcomer, address: str, password_hash: str) -> User | None:
    """None when somebody signs up with the same address at this very moment."""
    user = User(email=address, email_key=emails.key(address))
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
