"""What this package keeps about a member, as JSON-ready values for the member to take away."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import case, select

from app.accounts.invitations import Invitation, TermsAcceptance
from app.accounts.models import AvailabilitySlot, Block, EmailChange, User, UserLanguage, UserSession
from app.core.db import AnySelect, db
from app.core.models import AuditEvent

PROFILE = (
    "id", "number", "name", "email", "phone", "phone_visibility", "pronouns", "bio", "location", "timezone", "locale",
    "learning_style", "coordinators_note", "in_print", "role", "is_active", "is_verified", "created_at", "updated_at",
    "approved_at", "paused_at", "last_login_at", "closed_at",
)  # fmt: skip


def export(user_id: int) -> dict[str, Any]:
    """Everything but hashes: those are of no use to anybody, except to an attacker."""
    user = db.session.get_one(User, user_id)
    # Where a coordinator was when he did something to this account is his own affair.
    own_address = case((AuditEvent.actor_id == user_id, AuditEvent.address), else_="")
    return {
        "profile": {name: _plain(getattr(user, name)) for name in PROFILE},
        "languages": list(db.session.scalars(select(UserLanguage.language).where(UserLanguage.user_id == user_id))),
        "availability": _rows(
            select(AvailabilitySlot.weekday, AvailabilitySlot.starts, AvailabilitySlot.ends)
            .where(AvailabilitySlot.user_id == user_id)
            .order_by(AvailabilitySlot.weekday, AvailabilitySlot.starts)
        ),
        "sessions": _rows(
            select(
                UserSession.created_at,
                UserSession.last_seen_at,
                UserSession.address,
                UserSession.device,
                UserSession.revoked_at,
            ).where(UserSession.user_id == user_id)
        ),
        "email_change": _rows(select(EmailChange.email, EmailChange.created_at).where(EmailChange.user_id == user_id)),
        "blocked_members": _rows(
            select(Block.blocked_id, User.name, Block.created_at)
            .join(User, User.id == Block.blocked_id)
            .where(Block.blocker_id == user_id)
        ),
        "terms_accepted": _rows(
            select(TermsAcceptance.terms_version_id, TermsAcceptance.created_at).where(
                TermsAcceptance.user_id == user_id
            )
        ),
        "invitations": _rows(
            select(Invitation.created_at, Invitation.email, Invitation.label, Invitation.note, Invitation.uses).where(
                Invitation.inviter_id == user_id
            )
        ),
        "security_events": _rows(
            select(AuditEvent.created_at, AuditEvent.action, own_address.label("address"))
            .where(AuditEvent.subject_id == user_id)
            .order_by(AuditEvent.id)
        ),
    }


def _rows(statement: AnySelect) -> list[dict[str, Any]]:
    rows = db.session.execute(statement)
    return [{str(name): _plain(value) for name, value in row._mapping.items()} for row in rows]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
