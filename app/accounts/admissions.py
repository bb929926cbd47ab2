"""Reading what coordinators decide about: newcomers who wait, invitations, wishes for one, agreement to the terms."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import aliased

from app.accounts.invitations import Invitation, InvitationRequest, TermsAcceptance, usable
from app.accounts.models import User
from app.accounts.queries import moderators_count
from app.accounts.viewer import hash_token
from app.core.clock import now
from app.core.db import AnyRow, AnySelect

OPEN, USED_UP, EXPIRED, WITHDRAWN = "open", "used", "expired", "withdrawn"


def is_waiting() -> ColumnElement[bool]:
    """Newcomers who have proven their address and wait for a coordinator's answer."""
    return and_(
        User.approved_at.is_(None), User.is_verified.is_(True), User.is_active.is_(True), User.closed_at.is_(None)
    )


def waiting_members() -> AnySelect:
    """Who waits, for coordinators; the caller sorts and pages."""
    told = (User.id, User.name, User.email, User.location, User.bio, User.pronouns, User.created_at)
    return select(*told).where(is_waiting())


def waiting_count(_user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many newcomers wait, as far as this member is one who answers; rides along with the viewer's statement."""
    newcomer = aliased(User)
    waiting = and_(
        newcomer.approved_at.is_(None),
        newcomer.is_verified.is_(True),
        newcomer.is_active.is_(True),
        newcomer.closed_at.is_(None),
    )
    return moderators_count(select(func.count()).select_from(newcomer).where(waiting).scalar_subquery())


def wishes_count(_user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many wishes for an invitation there are, counted as `waiting_count` is."""
    return moderators_count(select(func.count(InvitationRequest.id)).scalar_subquery())


def invitations() -> AnySelect:
    """All invitations with the inviter's name, for coordinators; the caller sorts and pages."""
    return select(
        Invitation.id,
        Invitation.email,
        Invitation.label,
        Invitation.uses,
        Invitation.max_uses,
        Invitation.expires_at,
        Invitation.revoked_at,
        Invitation.created_at,
        Invitation.allowed_domains,
        Invitation.seed,
        Invitation.token_hash,
        User.name.label("inviter"),
    ).join(User, User.id == Invitation.inviter_id)


def wishes() -> Select[InvitationRequest]:
    return select(InvitationRequest).order_by(InvitationRequest.created_at, InvitationRequest.id)


def invitation_by(token: str) -> AnySelect:
    """The invitation that `token` opens, if it still lets somebody in: email, note, inviter."""
    found = select(Invitation.email, Invitation.note, User.name.label("inviter"))
    joined = found.join(User, User.id == Invitation.inviter_id)
    return joined.where(Invitation.token_hash == hash_token(token), usable(now()))


def state_of(invitation: Invitation | AnyRow, moment: datetime) -> str:
    """What became of an invitation, or of a row of `invitations`."""
    if invitation.revoked_at:
        return WITHDRAWN
    if invitation.uses >= invitation.max_uses:
        return USED_UP
    return OPEN if invitation.expires_at > moment else EXPIRED


def agreement_counts(terms_id: int) -> AnySelect:
    """How many of the members have agreed to this version: agreed, members."""
    agreed = exists().where(TermsAcceptance.user_id == User.id, TermsAcceptance.terms_version_id == terms_id)
    return select(func.count().filter(agreed).label("agreed"), func.count().label("members")).where(User.is_visible)
