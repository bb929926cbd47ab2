"""Who may do what with posts and exchanges; templates ask the same functions before they draw a button."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from app.accounts.queries import Looking
from app.core.clock import now
from app.exchange.models.exchanges import ACCEPTED, ACTIVE, ANSWER, PROPOSED
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


def can_answer_proposal(side: Any, exchange: Any) -> bool:
    """Whoever is asked, while it is open."""
    return exchange.state == PROPOSED and side.waits_for == ANSWER


def can_change(side: Any, exchange: Any) -> bool:
    """Propose it differently: either, while it is open."""
    return exchange.state == PROPOSED and exchange.chat_id is not None


def can_cancel(side: Any, exchange: Any, sides: Sequence[Any]) -> bool:
    """A proposal by its proposer; an agreement by either, until one has said what was done."""
    if exchange.state == PROPOSED:
        return bool(exchange.proposer_id == side.user_id)
    return exchange.state in (ACCEPTED, ACTIVE) and not any(each.outcome for each in sides)


def can_plan(exchange: Any, sides: Sequence[Any]) -> bool:
    return exchange.state in (ACCEPTED, ACTIVE) and not any(each.outcome for each in sides)


def can_confirm(side: Any, exchange: Any) -> bool:
    """Whoever has not said yet what was done; one's word can be mended until it is settled."""
    return exchange.state in (ACCEPTED, ACTIVE)


def can_change_session(session: Any, moment: datetime) -> bool:
    return session.cancelled_at is None and session.ends_at > moment
