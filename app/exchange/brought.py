"""Inquiries and offers that members brought along from TimeOverflow become posts (core.registry.ImportTaker)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from sqlalchemy import delete, insert, select

from app.core.clock import now
from app.core.db import db
from app.core.registry import ImportTaker
from app.core.text import fold
from app.exchange.models import Post, PostSkill
from app.exchange.models.posts import LONGEST_TITLE, MOST_SKILLS, OPEN
from app.exchange.operations.posts import LONGEST
from app.imports.posts import Brought
from app.skills.models import LISTED, Skill, SkillAlias, SkillCategory

# By spelling: the skill and its category.
Skills: TypeAlias = "dict[str, tuple[int, int | None]]"
BATCH = 500


def take(brought: list[tuple[int, Brought]]) -> list[int]:
    """Adds them as open posts that stand for half a year from now, since nobody knows which of them still hold; their
    ids. Tags that are no skill of the catalogue stand in the text."""
    categories = {fold(row.name): row.id for row in db.session.execute(select(SkillCategory.id, SkillCategory.name))}
    skills = _skills({fold(tag) for _author, post in brought for tag in post.tags})
    ids: list[int] = []
    for batch in _batches(brought):
        rows = [_row(author_id, post, categories.get(fold(post.category)), skills) for author_id, post in batch]
        made = list(db.session.scalars(insert(Post).returning(Post.id, sort_by_parameter_order=True), rows))
        pairs = zip(made, (post for _author, post in batch), strict=True)
        listed = [row for post_id, post in pairs for row in _listed(post_id, post, skills)]
        if listed:
            db.session.execute(insert(PostSkill), listed)
        ids += made
    return ids


def give_back(ids: list[int]) -> None:
    """Raises IntegrityError for posts that somebody has done something with."""
    for batch in _batches(ids):
        db.session.execute(delete(Post).where(Post.id.in_(batch)), execution_options={"synchronize_session": False})


def _row(author_id: int, post: Brought, category_id: int | None, skills: Skills) -> dict[str, Any]:
    known = [skills[fold(tag)] for tag in post.tags if fold(tag) in skills]
    others = ", ".join(tag for tag in post.tags if fold(tag) not in skills)
    title, text = _titled(post.title, others)
    moment = now()
    return {
        "author_id": author_id,
        "kind": post.kind,
        "state": OPEN,
        "version": 1,
        "title": title,
        "text": text,
        "excerpt": text[:240],
        "words_key": fold("\n".join((post.title, *post.tags))),
        "category_id": category_id or next((category for _skill, category in known if category), None),
        "created_at": min(post.created_at or moment, moment),
        "updated_at": moment,
        "expires_at": moment + LONGEST,
    }


def _titled(title: str, tags: str) -> tuple[str, str]:
    """A title that is too long for here stands in the text, with the tags below it."""
    if len(title) <= LONGEST_TITLE:
        return title, tags
    return title[: LONGEST_TITLE - 1].rstrip() + "…", "\n\n".join(filter(None, (title, tags)))


def _listed(post_id: int, post: Brought, skills: Skills) -> Iterator[dict[str, int]]:
    known = dict.fromkeys(skills[fold(tag)][0] for tag in post.tags if fold(tag) in skills)
    for position, skill_id in enumerate(list(known)[:MOST_SKILLS]):
        yield {"post_id": post_id, "skill_id": skill_id, "position": position}


def _skills(keys: set[str]) -> Skills:
    """Listed skills by the spellings among `keys`, each with its category."""
    found: Skills = {}
    for batch in _batches(sorted(keys)):
        spelled = select(SkillAlias.alias_key, Skill.id, Skill.category_id).join(Skill, Skill.id == SkillAlias.skill_id)
        rows = db.session.execute(spelled.where(SkillAlias.alias_key.in_(batch), Skill.state == LISTED))
        found |= {row.alias_key: (row.id, row.category_id) for row in rows}
    return found


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


TAKER = ImportTaker(take, give_back)
