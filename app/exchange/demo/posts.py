"""Requests and offers of the demo community."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from app.core.clock import now, pretending
from app.core.db import db
from app.core.text import fold
from app.exchange.demo import ids_by_key, rows_of
from app.exchange.models.posts import CLOSED, FILLED
from app.exchange.operations.posts import PostDetails, close, fill, publish
from app.skills.models import Skill, SkillAlias


@dataclass(frozen=True)
class Told:
    """Put up so many `hours` ago; `days` from then on it takes place, 0 for no day."""

    who: str
    kind: str
    title: str
    hours: int
    text: str = ""
    skills: list[str] = field(default_factory=list)
    place: str = ""
    days: int = 0
    minutes: int | None = None
    state: str = "open"


def load(preset: str) -> None:
    """Adds the posts; the caller commits."""
    ids, moment = ids_by_key(), now()
    for row in rows_of("posts.toml", preset):
        told = Told(**row)
        with pretending(moment - timedelta(hours=told.hours)):
            _put_up(told, ids[told.who])


def _put_up(told: Told, author_id: int) -> None:
    day = (now() + timedelta(days=told.days)).date() if told.days else None
    post = publish(
        author_id,
        PostDetails(
            kind=told.kind,
            title=told.title,
            text=told.text,
            skill_ids=[_skill_id(name) for name in told.skills],
            place=told.place,
            starts_on=day,
            minutes=told.minutes,
        ),
    )
    with pretending(now() + timedelta(hours=min(20, told.hours))):
        if told.state == FILLED:
            fill(author_id, post.id, post.version)
        elif told.state == CLOSED:
            close(author_id, post.id, post.version)


def _skill_id(name: str) -> int:
    """By any spelling: the community may speak another language."""
    return db.session.scalars(
        select(Skill.id).join(SkillAlias, SkillAlias.skill_id == Skill.id).where(SkillAlias.alias_key == fold(name))
    ).one()
