"""Posts of a member who turned out to be another one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from app.core.doubles import hand_over
from app.core.registry import Merger
from app.exchange.models import Post

POSTS: Table = Post.__table__  # type: ignore[assignment]


def merge_posts(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    return {"posts": hand_over(POSTS, "author_id", duplicate_id, kept_id)}


def take_posts_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(POSTS, "author_id", kept_id, duplicate_id, done["posts"])


POST_MERGER = Merger(merge_posts, take_posts_apart)
