"""The statement about who is looking: the community's settings, a session's member, and the count of every badge."""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

from flask import current_app
from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, String, and_, bindparam, func, select

from app.accounts.invitations import TermsAcceptance
from app.accounts.models import User, UserSession
from app.community import terms
from app.community.models import THE_ONE, CommunitySettings
from app.core.db import AnySelect
from app.core.planned import planned_once
from app.core.registry import registry
from app.core.types import UTCDateTime

# What rides along under its own name; name and locale are the member's there.
SETTINGS = (
    CommunitySettings.place,
    CommunitySettings.public_directory,
    CommunitySettings.logo_id,
    CommunitySettings.colour,
    CommunitySettings.joining,
    CommunitySettings.allowed_domains,
    CommunitySettings.preset,
    CommunitySettings.switches,
    CommunitySettings.mail_tested_at,
    CommunitySettings.welcomed_at,
    CommunitySettings.hour_sharing,
)

Moment: TypeAlias = "datetime | BindParameter[datetime]"
STATEMENT = "guildhall.visit"


def statement() -> AnySelect:
    """Built once for what is registered: building takes longer than the answer."""
    badges = [(key, *each) for key, counts in registry().badges.items() for each in counts]
    registered = (badges, list(registry().notice_kinds))
    kept = current_app.extensions.get(STATEMENT)
    if kept is None or kept[0] != registered:
        kept = current_app.extensions[STATEMENT] = (registered, planned_once(_built()))
    found: AnySelect = kept[1]
    return found


def _built() -> AnySelect:
    """Values: token (its hash), moment, seen (a session that was not seen since is over)."""
    moment, seen = (bindparam(name, type_=UTCDateTime()) for name in ("moment", "seen"))
    is_session = and_(UserSession.token_hash == bindparam("token", type_=String()), _lives(moment, seen))
    return (
        select(
            CommunitySettings.name.label("community_name"),
            CommunitySettings.locale.label("community_locale"),
            *SETTINGS,
            terms.newest_id().label("terms_id"),
            _agreed_to().label("agreed_to"),
            User.id,
            User.name,
            User.role,
            User.email,
            User.is_verified,
            User.timezone,
            User.locale,
            User.picture_id,
            User.location,
            User.paused_at,
            User.approved_at,
            UserSession.id.label("session_id"),
            UserSession.last_seen_at,
            *_counts(),
        )
        .select_from(CommunitySettings)
        .outerjoin(UserSession, is_session)
        .outerjoin(User, and_(User.id == UserSession.user_id, User.is_active.is_(True), User.closed_at.is_(None)))
        .where(CommunitySettings.id == THE_ONE)
    )


def _lives(moment: Moment, seen: Moment) -> ColumnElement[bool]:
    return and_(UserSession.revoked_at.is_(None), UserSession.expires_at > moment, UserSession.last_seen_at > seen)


def _agreed_to() -> ScalarSelect[int]:
    """The latest version of the terms that this member has agreed to."""
    latest = select(func.max(TermsAcceptance.terms_version_id))
    return latest.where(TermsAcceptance.user_id == User.id).correlate(User).scalar_subquery()


def _counts() -> list[ColumnElement[int]]:
    """Every count of every badge, 0 where nobody is signed in; those of one badge are added up when they are read."""
    return [
        func.coalesce(count(User.id.expression), 0).label(f"badge_{key}_{n}")
        for key, counts in registry().badges.items()
        for n, (count, _feature) in enumerate(counts)
    ]


def live_session(moment: datetime) -> ColumnElement[bool]:
    """Sessions that still count at `moment`; administrators' idle time is a day."""
    return _lives(moment, moment - current_app.config["SESSION_IDLE"])
