"""Sessions: one row for each sign-in on each device; ending one ends every copy of its cookie."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from flask import current_app
from sqlalchemy import ColumnElement, and_, delete, or_, update

from app.accounts import devices, throttle
from app.accounts.invitations import Invitation, InvitationRequest
from app.accounts.models import EmailChange, SignInAttempt, User, UserSession
from app.accounts.periods import ADMIN_LIFETIME, KEEP_ENDED_SESSIONS, KEEP_INVITATIONS
from app.accounts.viewer import hash_token
from app.core import audit
from app.core.clock import now
from app.core.db import db


def start_session(user: User, user_agent: str, address: str) -> str:
    """A new session of `user`; returns its token, which is for the cookie and nowhere else."""
    token, moment = secrets.token_urlsafe(32), now()
    lifetime = current_app.config["SESSION_LIFETIME"]
    session = UserSession(
        user_id=user.id,
        token_hash=hash_token(token),
        address=address[:45],
        device=devices.described(user_agent),
        expires_at=moment + (min(lifetime, ADMIN_LIFETIME) if user.role == "admin" else lifetime),
    )
    db.session.add(session)
    user.last_login_at = moment
    audit.record("sign-in", actor_id=user.id, subject_id=user.id)
    return token


def end_session(session_id: int) -> bool:
    """Whether it was still going on."""
    return _end(UserSession.id == session_id) > 0


def end_other_sessions(user_id: int, kept_id: int) -> int:
    """Ends all sessions of a member but the one at hand; returns how many."""
    return _end(and_(UserSession.user_id == user_id, UserSession.id != kept_id))


def end_all_sessions(user_id: int) -> int:
    return _end(UserSession.user_id == user_id)


def purge_expired() -> int:
    """Takes away sessions, counted tries, changes of address, invitations and wishes that no longer mean anything."""
    moment = now()
    idle: ColumnElement[bool] = UserSession.last_seen_at < moment - current_app.config["SESSION_IDLE"]
    ended = UserSession.revoked_at < moment - KEEP_ENDED_SESSIONS
    count = sum(
        _delete(
            (UserSession, or_(UserSession.expires_at < moment, idle, ended)),
            (SignInAttempt, SignInAttempt.at < moment - throttle.LONGEST_WINDOW),
            (EmailChange, EmailChange.expires_at < moment),
            (Invitation, Invitation.expires_at < moment - KEEP_INVITATIONS),
            (InvitationRequest, InvitationRequest.created_at < moment - KEEP_INVITATIONS),
        )
    )
    db.session.commit()
    return count


def _delete(*what: tuple[type, ColumnElement[bool]]) -> Iterable[int]:
    for model, condition in what:
        yield len(db.session.execute(delete(model).where(condition).returning(model.id)).all())  # type: ignore[attr-defined]


def _end(condition: ColumnElement[bool]) -> int:
    live = update(UserSession).where(condition, UserSession.revoked_at.is_(None)).values(revoked_at=now())
    return len(db.session.execute(live.returning(UserSession.id)).all())
