"""Posts for tests and pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from app.core.clock import now
from app.core.db import db
from app.exchange.models.posts import REQUEST
from app.exchange.operations.posts import PostDetails, close, publish
from app.skills.models import Skill
from tests.world import World

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


def add_posts(ids: World) -> dict[str, int]:
    """What the pages of posts show, and what stands for the braces in their paths. Commits."""
    day = (now() + timedelta(days=5)).date()
    asked = {"skills": ["Spanish", "Sourdough bread"], "starts_on": day, "minutes": 90}
    over = add_post(ids.alice, "A ladder for the weekend")
    close(ids.alice, over, 1)
    db.session.commit()
    add_post(ids.bob, "Two seats to the market on Saturday", kind="offer", text="I drive there *anyway*.")
    return {"post": add_post(ids.alice, "Who writes a letter in Spanish with me?", **asked), "post_over": over}
