"""Members for the printed directory."""

from __future__ import annotations

from typing import Any

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.text import fold
from app.skills.models import UserSkill
from tests.directory.people import skill_id

SKILLS = ("Spanish", "Knitting", "Chess", "Bread baking")


def add_printed(name: str, *, offers: str = "Chess", wants: str = "Knitting", **values: Any) -> User:
    """A member who agreed to stand on paper, without e-mail unless `values` say otherwise."""
    known: dict[str, Any] = {"location": "Riverton", "approved_at": now(), "in_print": True, **values}
    member = User(name=name, name_key=fold(name), place_key=fold(known["location"]), **known)
    db.session.add(member)
    db.session.flush()
    for kind, skill in (("offer", offers), ("want", wants)):
        if skill:
            db.session.add(UserSkill(user_id=member.id, kind=kind, skill_id=skill_id(skill), level=3, priority=2))
    return member


def add_many(count: int) -> list[str]:
    """`count` members on paper with three skills each; their names. Commits."""
    names = [f"Paper Person {number:04d}" for number in range(count)]
    moment = now()
    db.session.add_all(
        User(
            name=name,
            name_key=fold(name),
            location="Riverton",
            place_key="riverton",
            phone=f"0171 555 {number:04d}",
            phone_visibility="members",
            approved_at=moment,
            in_print=True,
        )
        for number, name in enumerate(names)
    )
    db.session.flush()
    ids = [skill_id(skill) for skill in SKILLS]
    for number, member_id in enumerate(db.session.query(User.id).filter(User.name.in_(names)).order_by(User.id)):
        for shift, kind in enumerate(("offer", "offer", "want")):
            skill = ids[(number + shift) % len(ids)]
            db.session.add(UserSkill(user_id=member_id[0], kind=kind, skill_id=skill, level=3, priority=2))
    db.session.commit()
    return names
