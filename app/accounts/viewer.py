"""Who is looking: the signed-in member with the community's settings and all badge counts, in one statement.

A Viewer is a snapshot of columns, not a row: policies and queries take it, operations fetch the row by its id.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

from flask import Flask, current_app, g, request, session
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user
from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.exc import OperationalError

from app.accounts.models import User, UserSession
from app.community.models import THE_ONE, CommunitySettings
from app.core.clock import now
from app.core.db import SAFE_METHODS, AnyRow, db, end_reading, intending, own_transaction
from app.core.i18n import DEFAULT_LOCALE
from app.core.registry import registry

login_manager = LoginManager()
SEEN_EVERY = timedelta(minutes=5)
ADMIN_IDLE = timedelta(days=1)
WITHOUT_VISIT = {"health.alive", "health.ready", "health.figures"}


@dataclass(frozen=True)
class Viewer(UserMixin):
    """The signed-in member as of this request."""

    id: int
    name: str
    role: str
    email: str
    is_verified: bool
    timezone: str
    locale: str
    picture: str
    location: str
    paused: bool
    session_id: int
    token: str = field(repr=False)
    badges: dict[str, int] = field(default_factory=dict)

    def get_id(self) -> str:
        """Flask-Login keeps this in the cookie: a session's token, so that signing out ends a copied cookie too."""
        return self.token

    @property
    def is_moderator(self) -> bool:
        return self.role in {"moderator", "admin"}

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


class Stranger(AnonymousUserMixin):
    """Somebody who is not signed in; has id 0, which no member has."""

    id = 0
    name = role = email = locale = timezone = picture = location = ""
    is_verified = is_moderator = is_admin = paused = False
    badges: dict[str, int] = {}


@dataclass(frozen=True)
class Community:
    """The community's settings as of this request."""

    name: str
    place: str
    locale: str
    public_directory: bool


@dataclass(frozen=True)
class Visit:
    community: Community
    viewer: Viewer | None


login_manager.anonymous_user = Stranger


# Flask-Login's proxy with its type: views behind sign-in may rely on it.
me: Viewer = cast("Viewer", current_user)


def init_app(app: Flask) -> None:
    login_manager.init_app(app)
    login_manager.session_protection = ""  # addresses of phones change; sessions are revocable instead
    login_manager.user_loader(_user_of)
    app.before_request(_arrive)
    app.before_request(_note_last_seen)


def visit() -> Visit:
    """This request's visit; asks the database once, and not at all for the page that says the database is away."""
    if "visit" not in g:
        if g.get("outage"):
            return Visit(Community("Guildhall", "", DEFAULT_LOCALE, public_directory=False), None)
        g.visit = _load(session.get("_user_id") or "")
    found: Visit = g.visit
    return found


def hash_token(token: str) -> str:
    """How tokens rest in the database (they have 256 random bits, so a plain hash is enough)."""
    return hashlib.sha256(token.encode()).hexdigest()


def live_session(moment: datetime) -> ColumnElement[bool]:
    """Sessions that still count at `moment`; administrators' idle time is a day."""
    idle = current_app.config["SESSION_IDLE"]
    return and_(
        UserSession.revoked_at.is_(None),
        UserSession.expires_at > moment,
        UserSession.last_seen_at > moment - idle,
    )


def picture_url(user_id: int, picture_id: int | None) -> str:
    """The address of a member's picture, "" without one; the id in it makes a new picture a new address."""
    return f"/members/{user_id}/picture/{picture_id}" if picture_id else ""


def _user_of(_token: str) -> Viewer | None:
    return visit().viewer


def _arrive() -> None:
    """Looks the member up in a read-only transaction; a request that writes opens its own afterwards."""
    if request.endpoint is None or request.endpoint in WITHOUT_VISIT:
        return
    with intending("read"):
        visit()
    if request.method not in SAFE_METHODS:
        end_reading()


def _load(token: str) -> Visit:
    moment = now()
    counts = {key: _sum(key) for key in registry().badges}
    statement = (
        select(
            CommunitySettings.name.label("community_name"),
            CommunitySettings.place,
            CommunitySettings.locale.label("community_locale"),
            CommunitySettings.public_directory,
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
            UserSession.id.label("session_id"),
            UserSession.last_seen_at,
            *(count.label(f"badge_{key}") for key, count in counts.items()),
        )
        .select_from(CommunitySettings)
        .outerjoin(UserSession, and_(UserSession.token_hash == hash_token(token), live_session(moment)))
        .outerjoin(User, and_(User.id == UserSession.user_id, User.is_active.is_(True), User.closed_at.is_(None)))
        .where(CommunitySettings.id == THE_ONE)
    )
    row = db.session.execute(statement).one()
    community = Community(row.community_name, row.place, row.community_locale, row.public_directory)
    return Visit(community, _viewer(row, token, moment) if row.id else None)


def _sum(key: str) -> ColumnElement[int]:
    """All counts of one badge together, 0 where nobody is signed in."""
    total: ColumnElement[int] = func.coalesce(registry().badges[key][0](User.id.expression), 0)
    for count in registry().badges[key][1:]:
        total = total + func.coalesce(count(User.id.expression), 0)
    return total


def _viewer(row: AnyRow, token: str, moment: datetime) -> Viewer | None:
    if row.role == "admin" and row.last_seen_at <= moment - min(ADMIN_IDLE, current_app.config["SESSION_IDLE"]):
        return None
    g.last_seen_at = row.last_seen_at
    return Viewer(
        id=row.id,
        name=row.name,
        role=row.role,
        email=row.email or "",
        is_verified=row.is_verified,
        timezone=row.timezone,
        locale=row.locale,
        picture=picture_url(row.id, row.picture_id),
        location=row.location,
        paused=row.paused_at is not None,
        session_id=row.session_id,
        token=token,
        badges={key: int(row._mapping[f"badge_{key}"]) for key in registry().badges},
    )


def _note_last_seen() -> None:
    """At most every five minutes, in a transaction of its own; a busy database may skip it."""
    viewer = visit().viewer if "visit" in g else None
    if viewer is None or now() - g.last_seen_at < SEEN_EVERY:
        return
    try:
        with own_transaction() as own:
            seen = {"last_seen_at": now(), "address": (request.remote_addr or "")[:45]}
            own.execute(update(UserSession).where(UserSession.id == viewer.session_id).values(seen))
    except OperationalError:
        current_app.logger.info("last seen was not noted: the database is busy")
