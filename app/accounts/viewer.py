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
from sqlalchemy import update
from sqlalchemy.exc import OperationalError

from app.accounts.models import UserSession
from app.accounts.visiting import SETTINGS, statement
from app.community import presets
from app.community.colours import COLOURS
from app.community.colours import DEFAULT as DEFAULT_COLOUR
from app.community.models import EACH, OPEN
from app.core.access import AGREEMENT, APPROVAL
from app.core.clock import now
from app.core.db import SAFE_METHODS, AnyRow, db, end_reading, intending, own_transaction
from app.core.i18n import DEFAULT_LOCALE
from app.core.registry import registry

login_manager = LoginManager()
SEEN_EVERY = timedelta(minutes=5)
ADMIN_IDLE = timedelta(days=1)
WITHOUT_VISIT = {"health.alive", "health.ready", "health.figures"}
# What an open page asks by itself is no sign that somebody sits before it.
BY_ITSELF = {"accounts.live", "accounts.live_state"}


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
    is_approved: bool
    has_agreed: bool
    session_id: int
    token: str = field(repr=False)
    badges: dict[str, int] = field(default_factory=dict)

    def get_id(self) -> str:
        """Flask-Login keeps this in the cookie: a session's token, so that signing out ends a copied cookie too."""
        return self.token

    @property
    def hurdle(self) -> str:
        """What is still between this member and the community: access.AGREEMENT, access.APPROVAL, or "" for nothing."""
        if not self.has_agreed:
            return AGREEMENT
        return "" if self.is_approved else APPROVAL

    @property
    def is_moderator(self) -> bool:
        return self.role in {"moderator", "admin"}

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


class Stranger(AnonymousUserMixin):
    """Somebody who is not signed in; has id 0, which no member has."""

    id = 0
    name = role = email = locale = timezone = picture = location = hurdle = ""
    is_verified = is_moderator = is_admin = paused = False
    badges: dict[str, int] = {}


@dataclass(frozen=True)
class Community:
    """The community's settings as of this request; `terms_id` is the version of the terms that counts, 0 for none."""

    name: str = "Guildhall"
    place: str = ""
    locale: str = DEFAULT_LOCALE
    public_directory: bool = False
    logo_id: int | None = None
    colour: str = DEFAULT_COLOUR
    joining: str = OPEN
    allowed_domains: str = ""
    preset: str = presets.EVERYTHING
    switches: dict[str, bool] = field(default_factory=dict)
    mail_tested_at: datetime | None = None
    welcomed_at: datetime | None = None
    hour_sharing: str = EACH
    terms_id: int = 0

    @property
    def logo(self) -> str:
        """The address of the logo, "" without one; the id in it makes a new logo a new address."""
        return f"/logo/{self.logo_id}" if self.logo_id else ""

    @property
    def accent(self) -> str:
        """The community's colour as it is written in a page."""
        return COLOURS.get(self.colour, COLOURS[DEFAULT_COLOUR]).accent

    def is_on(self, feature: str) -> bool:
        return presets.is_on(feature, self.preset, self.switches)


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
            return Visit(Community(), None)
        g.visit = _load(session.get("_user_id") or "")
    found: Visit = g.visit
    return found


def hash_token(token: str) -> str:
    """How tokens rest in the database (they have 256 random bits, so a plain hash is enough)."""
    return hashlib.sha256(token.encode()).hexdigest()


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
    values = {"token": hash_token(token), "moment": moment, "seen": moment - current_app.config["SESSION_IDLE"]}
    row = db.session.execute(statement(), values).one()
    community = Community(
        name=row.community_name,
        locale=row.community_locale,
        terms_id=row.terms_id or 0,
        **{column.key: row._mapping[column.key] for column in SETTINGS},
    )
    return Visit(community, _viewer(row, token, moment, community) if row.id else None)


def _badges(row: AnyRow, community: Community) -> dict[str, int]:
    """Without the counts of features that are switched off."""
    return {
        key: sum(
            int(row._mapping[f"badge_{key}_{n}"])
            for n, (_count, feature) in enumerate(counts)
            if feature not in registry().switches or community.is_on(feature)
        )
        for key, counts in registry().badges.items()
    }


def _viewer(row: AnyRow, token: str, moment: datetime, community: Community) -> Viewer | None:
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
        is_approved=row.approved_at is not None,
        has_agreed=(row.agreed_to or 0) >= (row.terms_id or 0),
        session_id=row.session_id,
        token=token,
        badges=_badges(row, community),
    )


def _note_last_seen() -> None:
    """At most every five minutes, in a transaction of its own; a busy database may skip it."""
    viewer = visit().viewer if "visit" in g else None
    if viewer is None or request.endpoint in BY_ITSELF or now() - g.last_seen_at < SEEN_EVERY:
        return
    try:
        with own_transaction() as own:
            seen = {"last_seen_at": now(), "address": (request.remote_addr or "")[:45]}
            own.execute(update(UserSession).where(UserSession.id == viewer.session_id).values(seen))
    except OperationalError:
        current_app.logger.info("last seen was not noted: the database is busy")
