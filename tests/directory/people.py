"""More people for the directory's tests, with the least that a test has to say about them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from app.accounts.models import AvailabilityHour, User, UserLanguage
from app.core.clock import now
from app.core.db import Model, db
from app.core.text import fold
from app.skills.models import Skill, UserSkill

Entries = Iterable[tuple[str, int, int]]


def add_member(
    name: str,
    *,
    offers: Entries = (),
    wants: Entries = (),
    place: str = "",
    languages: Iterable[str] = (),
    hours: Iterable[int] = (),
    style: str = "",
) -> int:
    """A visible member; entries are (skill, level, priority), hours those of the UTC week. Commits; gives the id."""
    member = User(
        name=name,
        name_key=fold(name),
        location=place,
        place_key=fold(place),
        learning_style=style,
        approved_at=now(),
    )
    db.session.add(member)
    db.session.flush()
    for kind, entries in (("offer", offers), ("want", wants)):
        for skill, level, priority in entries:
            row = UserSkill(user_id=member.id, kind=kind, skill_id=skill_id(skill), level=level, priority=priority)
            db.session.add(row)
    db.session.add_all(UserLanguage(user_id=member.id, language=language) for language in languages)
    db.session.add_all(AvailabilityHour(user_id=member.id, hour=hour) for hour in hours)
    db.session.commit()
    return member.id


def skill_id(name: str) -> int:
    return db.session.scalars(select(Skill.id).where(Skill.name == name)).one()


def change(model: type[Model], key: Any, **columns: Any) -> None:
    """Sets columns of one row and commits."""
    row = db.session.get_one(model, key)
    for name, value in columns.items():
        setattr(row, name, value)
    db.session.commit()
