"""The small fixed world of the tests: two sides of a deal, a stranger to both, a moderator, an administrator.

Alice teaches Python and wants Spanish; Bob teaches Spanish and wants Python; Carol shares nothing with them.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from sqlalchemy import select
from werkzeug.security import generate_password_hash

from app.accounts.models import AvailabilityHour, AvailabilitySlot, User, UserLanguage, UserSession
from app.accounts.viewer import hash_token
from app.core.clock import now
from app.core.db import db
from app.core.text import fold
from app.skills.models import Skill, UserSkill
from app.skills.operations import ensure_catalogue

PASSWORD = "guildhall-demo"
# Cheap on purpose: tests sign in often, and the cost of a hash is not what they test.
PASSWORD_HASH = generate_password_hash(PASSWORD, method="scrypt:1024:8:1")


@dataclass(frozen=True)
class World:
    """The ids of the members; their addresses are `<name>@example.org`."""

    alice: int
    bob: int
    carol: int
    mod: int
    admin: int


NAMES = tuple(field.name for field in fields(World))
ROLES = {"mod": "moderator", "admin": "admin"}
FULL_NAMES = {
    "alice": "Alice Adeyemi",
    "bob": "Bob Brandt",
    "carol": "Carol Castillo",
    "mod": "Mona Dahl",
    "admin": "Ada Min",
}
SKILLS = {
    "alice": [("offer", "Python", 4), ("offer", "Sourdough bread", 3), ("want", "Spanish", 2)],
    "bob": [("offer", "Spanish", 5), ("want", "Python", 2)],
    "carol": [("offer", "Chess", 4), ("want", "Knitting", 1)],
}


def session_token(name: str) -> str:
    """The token of the session that `name` has from the start."""
    return f"world-session-of-{name}"


def build() -> World:
    """Adds the world to an empty, migrated database and commits."""
    ensure_catalogue()
    members = {name: _member(name) for name in NAMES}
    db.session.add_all(members.values())
    db.session.flush()
    for name, member in members.items():
        expires = now() + timedelta(days=90)
        db.session.add(UserSession(user_id=member.id, token_hash=hash_token(session_token(name)), expires_at=expires))
        for kind, skill, level in SKILLS.get(name, []):
            skill_id = db.session.scalars(select(Skill.id).where(Skill.name == skill)).one()
            db.session.add(UserSkill(user_id=member.id, kind=kind, skill_id=skill_id, level=level, priority=2))
    for name in ("alice", "bob"):
        _free_on_monday_evening(members[name].id)
    db.session.commit()
    return World(**{name: member.id for name, member in members.items()})


def _member(name: str) -> User:
    address = f"{name}@example.org"
    return User(
        name=FULL_NAMES[name],
        name_key=fold(FULL_NAMES[name]),
        email=address,
        email_key=address,
        password_hash=PASSWORD_HASH,
        location="Riverton" if name != "carol" else "Hillford",
        place_key="riverton" if name != "carol" else "hillford",
        bio=f"{FULL_NAMES[name]} likes to share.",
        role=ROLES.get(name, "member"),
        is_verified=True,
        approved_at=now(),
    )


def _free_on_monday_evening(user_id: int) -> None:
    db.session.add(UserLanguage(user_id=user_id, language="en"))
    db.session.add(AvailabilitySlot(user_id=user_id, weekday=0, starts=18 * 60, ends=20 * 60))
    db.session.add_all(AvailabilityHour(user_id=user_id, hour=hour) for hour in (18, 19))
