"""Invitations, a wish for one and a newcomer who waits, for the pages and tests that show them."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from app.accounts import operations, tokens
from app.accounts.invitations import Invitation
from app.accounts.models import AvailabilityHour, AvailabilitySlot, User, UserLanguage, UserSession
from app.accounts.operations import Link
from app.accounts.viewer import hash_token
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.skills.models import UserSkill
from tests.directory.people import skill_id
from tests.world import PASSWORD_HASH, World, session_token

WAITING = "wanda"


def add_waiting(name: str = "Wanda Waits", who: str = WAITING) -> int:
    """A newcomer with a confirmed address, everything told, and nobody's yes yet; signed in as `who`. Commits."""
    address = f"{who}@example.org"
    user = User(name=name, name_key=name.casefold(), email=address, email_key=address, password_hash=PASSWORD_HASH)
    user.is_verified, user.bio, user.location, user.place_key = True, "I have just moved here.", "Riverton", "riverton"
    db.session.add(user)
    db.session.flush()
    expires = now() + timedelta(days=90)
    db.session.add(UserSession(user_id=user.id, token_hash=hash_token(session_token(who)), expires_at=expires))
    for kind, skill in (("offer", "Spanish"), ("want", "Python")):
        db.session.add(UserSkill(user_id=user.id, kind=kind, skill_id=skill_id(skill), level=3, priority=2))
    db.session.add(UserLanguage(user_id=user.id, language="eo"))
    db.session.add(AvailabilitySlot(user_id=user.id, weekday=0, starts=18 * 60, ends=20 * 60))
    db.session.add_all(AvailabilityHour(user_id=user.id, hour=hour) for hour in (18, 19))
    db.session.commit()
    return user.id


def set_joining(joining: str, domains: str = "") -> None:
    """Who may join, from now on. Commits."""
    db.session.execute(update(CommunitySettings).values(joining=joining, allowed_domains=domains))
    db.session.commit()


def link_for(inviter_id: int, max_uses: int = 5, domains: str = "") -> tuple[int, str]:
    """A new link for many: its id and its path. Commits."""
    row = operations.make_link(inviter_id, Link("Summer fair", max_uses, 14, domains))
    made = row.id, f"/join/{tokens.from_seed(row.seed)}"
    db.session.commit()
    return made


def add_admissions(ids: World) -> dict[str, int | str]:
    """What the pages about joining show, and what stands for the braces in their paths. Commits."""
    invitation, path = link_for(ids.mod)
    personal = operations.invite(ids.mod, "pia@example.org", "See you on Friday?\nMona", 14)
    operations.ask_for_invitation("Walter Wish", "walter@example.org", "Ada knows me.", "en")
    old = operations.make_link(ids.mod, Link("", 1, 1))
    old.expires_at = now() - timedelta(days=1)
    token = tokens.from_seed(personal.seed)
    db.session.commit()
    return {
        "invitation": invitation,
        "join": path.removeprefix("/join/"),
        "join_personal": token,
        WAITING: add_waiting(),
    }


def uses_of(invitation_id: int) -> int:
    db.session.rollback()
    return db.session.get_one(Invitation, invitation_id).uses
