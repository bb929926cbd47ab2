"""The links by which a community is set up first: they work for a day and once; only hashes of them are kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, select, update

from app.community.models import SetupLink
from app.community.operations import locked
from app.core.clock import now
from app.core.db import db

LIFETIME = timedelta(hours=24)
PRESET, PLACE, RULES, YOU = "preset", "place", "rules", "you"
STEPS = (PRESET, PLACE, RULES, YOU)


def make_link() -> str:
    """A new link's token. Links of before go on working until their time is over or one of them was used."""
    db.session.execute(delete(SetupLink).where(SetupLink.expires_at < now()))
    token = secrets.token_urlsafe(32)
    db.session.add(SetupLink(token_hash=_hash(token), step=PRESET, expires_at=now() + LIFETIME))
    return token


def link_of(token: str) -> SetupLink | None:
    """The link with this token, None when it was used, has run out or never was."""
    return db.session.scalar(select(SetupLink).where(SetupLink.token_hash == _hash(token), *_open()))


def go_on(token: str, step: str) -> bool:
    """Remembers that `step` is done, for whoever comes back later; False when the link works no more.

    A step that was done before leads no further than one has been already.
    """
    link = db.session.scalar(select(SetupLink).where(SetupLink.token_hash == _hash(token), *_open()).with_for_update())
    if link is None:
        return False
    link.step = STEPS[max(STEPS.index(link.step), STEPS.index(step) + 1)]
    return True


def use(token: str) -> bool:
    """Uses the link up, and every other one with it; False when somebody else was faster or it works no more."""
    locked()  # in turns, also with another link
    mine = update(SetupLink).where(SetupLink.token_hash == _hash(token), *_open()).values(used_at=now())
    if not db.session.execute(mine.returning(SetupLink.id)).all():
        return False
    close_links()
    return True


def close_links() -> None:
    """There is an administrator now: no link leads to another one."""
    db.session.execute(update(SetupLink).where(*_open()).values(used_at=now()))


def _hash(token: str) -> str:
    """They have 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def _open() -> tuple:  # type: ignore[type-arg]
    return SetupLink.used_at.is_(None), SetupLink.expires_at > now()
