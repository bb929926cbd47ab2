"""What the tests of skills share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.core.db import db
from app.skills.models import Skill, UserSkill


@pytest.fixture
def skill_named() -> Callable[[str], Skill]:
    """`skill_named("Guitar")` is the catalogue's row."""
    return lambda name: db.session.scalars(select(Skill).where(Skill.name == name)).one()


@pytest.fixture
def entries_in() -> Callable[..., dict[str, UserSkill]]:
    """`entries_in(user_id, kind)`: skill name → the member's row, as the database holds it now."""

    def read(user_id: int, kind: str) -> dict[str, UserSkill]:
        db.session.rollback()
        rows = select(Skill.name, UserSkill).join(UserSkill, UserSkill.skill_id == Skill.id)
        found = db.session.execute(rows.where(UserSkill.user_id == user_id, UserSkill.kind == kind))
        return dict(found.all())

    return read
