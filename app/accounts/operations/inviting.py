"""Inviting: personal mails and links for many."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.accounts import emails, tokens
from app.accounts.invitations import Invitation, InvitationUse, usable
from app.accounts.models import User
from app.accounts.operations.credentials import LinkGone
from app.accounts.operations.mails import send
from app.accounts.viewer import hash_token
from app.community import domains
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError

MOST_USES = 500
LONGEST_DAYS = 365


@dataclass(frozen=True)
class Link:
    """What a coordinator decides about a link for many; `allowed_domains` empty for those of the community."""

    label: str
    max_uses: int
    days: int
    allowed_domains: str = ""


def make_link(inviter_id: int, link: Link) -> Invitation:
    """A link that lets in up to `max_uses` people. Raises DomainError for what cannot be."""
    if not 1 <= link.max_uses <= MOST_USES:
        raise DomainError(_("Between 1 and %(max)d people.", max=MOST_USES), "max_uses")
    invitation = _new(inviter_id, link.days)
    invitation.label, invitation.max_uses = link.label, link.max_uses
    invitation.allowed_domains = domains.normal(link.allowed_domains)
    return _add(invitation)


def invite(inviter_id: int, email: str, note: str, days: int, locale: str = "") -> Invitation:
    """A personal invitation by mail, in `locale` or the community's language; it replaces the one of before.

    Raises DomainError for an address that is none, or that has an account.
    """
    address = emails.normal(email)
    key = emails.key(address)
    if db.session.scalar(select(User.id).where(User.email_key == key, User.is_verified.is_(True))):
        raise DomainError(_("There is an account with this address already."), "email")
    before = (Invitation.email_key == key, Invitation.revoked_at.is_(None), Invitation.uses == 0)
    db.session.execute(update(Invitation).where(*before).values(revoked_at=now()))
    invitation = _new(inviter_id, days)
    invitation.email, invitation.email_key, invitation.note = address, key, note
    _add(invitation)
    send("invitation", inviter_id, {"invitation_id": invitation.id, "locale": locale}, address)
    return invitation


def revoke(invitation_id: int, actor_id: int) -> None:
    """Nobody comes in with it any more. Raises Conflict when that was so already."""
    mine = (Invitation.id == invitation_id, Invitation.revoked_at.is_(None))
    revoked = update(Invitation).where(*mine).values(revoked_at=now()).returning(Invitation.id)
    if db.session.scalar(revoked) is None:
        raise Conflict(_("This invitation was withdrawn already."))
    audit.record("invitation-withdrawn", actor_id=actor_id, subject_id=None, detail=str(invitation_id))


def use(invitation_id: int, user_id: int) -> None:
    """Counts one use, at most once for each member. Raises LinkGone when the invitation has none left.

    The caller holds the member's row; the guarded update is what many at once wait at.
    """
    if db.session.get(InvitationUse, (invitation_id, user_id)) is not None:
        return
    taken = update(Invitation).where(Invitation.id == invitation_id, usable(now()))
    counted = taken.values(uses=Invitation.uses + 1).returning(Invitation.id)
    if db.session.scalar(counted, execution_options={"synchronize_session": False}) is None:
        raise LinkGone(_("This invitation has just been used up."))
    db.session.add(InvitationUse(invitation_id=invitation_id, user_id=user_id))


def _new(inviter_id: int, days: int) -> Invitation:
    if not 1 <= days <= LONGEST_DAYS:
        raise DomainError(_("Between 1 and %(max)d days.", max=LONGEST_DAYS), "days")
    seed = secrets.token_hex(16)
    token_hash = hash_token(tokens.from_seed(seed))
    return Invitation(inviter_id=inviter_id, seed=seed, token_hash=token_hash, expires_at=now() + timedelta(days=days))


def _add(invitation: Invitation) -> Invitation:
    db.session.add(invitation)
    db.session.flush()
    kind = "personal" if invitation.email else "link"
    detail = f"{invitation.id} {kind}"
    audit.record("invitation-made", actor_id=invitation.inviter_id, subject_id=None, detail=detail)
    return invitation
