"""Posts for tests and pages."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.core.db import db
from app.exchange.models.posts import REQUEST
from app.exchange.operations.posts import PostDetails, publish
from app.skills.models import Skill

TEXT = "Two floors down, **no lift**.\n\n- It is light.\n- There is coffee afterwards."


def skill_id(name: str) -> int:
    return db.session.scalars(select(Skill.id).where(Skill.name == name)).one()


def add_post(author_id: int, title: str = "Carry a sofa", **values: Any) -> int:
    """The id of a post that stands. Commits."""
    skills = [skill_id(name) for name in values.pop("skills", ())]
    details = PostDetails(
        **{"kind": REQUEST, "text": TEXT, "place": "Riverton", "skill_ids": skills, **values, "title": title}
    )
    post_id = publish(author_id, details).id
    db.session.commit()
    db.session.remove()
    return post_id
