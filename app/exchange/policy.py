"""Who may do what with posts and exchanges; templates ask the same functions before they draw a button."""

from __future__ import annotations

from typing import Any, Protocol

from app.accounts.queries import Looking
from app.core.clock import now
from app.exchange.models.posts import OPEN
from app.exchange.states import POSTS


class PostRow(Protocol):
    """What of a post the answers depend on."""

    @property
    def author_id(self) -> int: ...

    @property
    def state(self) -> str: ...


def is_author(viewer: Looking, post: PostRow) -> bool:
    return viewer.id != 0 and post.author_id == viewer.id


def can_edit(viewer: Looking, post: PostRow) -> bool:
    return is_author(viewer, post) and post.state == OPEN


def can_move(viewer: Looking, post: PostRow, action: str) -> bool:
    return is_author(viewer, post) and POSTS.allows(post.state, action)


def can_answer(viewer: Looking, post: Any) -> bool:
    """Whoever is not the author, while it stands, if the author signs in at all."""
    stands = post.state == OPEN and post.expires_at > now()
    return viewer.id != 0 and not is_author(viewer, post) and stands and not post.offline
