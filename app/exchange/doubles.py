"""Posts and exchanges of a member who turned out to be another one.

What the two had with each other ends if it is open, for nobody exchanges with himself, and stays as it is otherwise.
The hash of an exchange's terms stays too, for what was agreed names the members as they were then.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select, update

from app.accounts.queries import Acting
from app.chats import queries as chat_queries
from app.core.db import db
from app.core.doubles import hand_over
from app.core.registry import Merger
from app.exchange.models import Exchange, ExchangeLeg, ExchangeSide, Post
from app.exchange.models.exchanges import OPEN_STATES
from app.exchange.operations.answering import call_off
from app.exchange.operations.rows import locked
from app.exchange.states import CANCEL

POSTS: Table = Post.__table__  # type: ignore[assignment]
EXCHANGES: Table = Exchange.__table__  # type: ignore[assignment]
LEGS: Table = ExchangeLeg.__table__  # type: ignore[assignment]


def merge_posts(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    return {"posts": hand_over(POSTS, "author_id", duplicate_id, kept_id)}


def take_posts_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(POSTS, "author_id", kept_id, duplicate_id, done["posts"])


def end_between(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """Before the wallets: what either has set aside for the other comes back first."""
    both = _exchanges_of(duplicate_id) & _exchanges_of(kept_id)
    open_ones = select(Exchange.id).where(Exchange.id.in_(both), Exchange.state.in_(OPEN_STATES)).order_by(Exchange.id)
    for exchange_id in db.session.scalars(open_ones).all():
        rows = locked(exchange_id)
        call_off(rows, CANCEL, None, rows.exchange.version)
    return {}


def stay_ended(_kept_id: int, _duplicate_id: int, _done: dict[str, Any]) -> None:
    """What was called off is not agreed again by taking the two apart."""


def merge_exchanges(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """After the chats: an exchange follows its chat."""
    ids = _exchanges_of(duplicate_id) - _exchanges_of(kept_id)
    legs = list(db.session.scalars(select(ExchangeLeg.id).where(ExchangeLeg.exchange_id.in_(ids))))
    _move_sides(ids, duplicate_id, kept_id)
    return {
        "exchanges": sorted(ids),
        "chats": _follow_chats(kept_id, ids),
        "proposed": hand_over(EXCHANGES, "proposer_id", duplicate_id, kept_id, ids),
        "taught": hand_over(LEGS, "teacher_id", duplicate_id, kept_id, legs),
        "learnt": hand_over(LEGS, "learner_id", duplicate_id, kept_id, legs),
    }


def take_exchanges_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(LEGS, "learner_id", kept_id, duplicate_id, done["learnt"])
    hand_over(LEGS, "teacher_id", kept_id, duplicate_id, done["taught"])
    hand_over(EXCHANGES, "proposer_id", kept_id, duplicate_id, done["proposed"])
    for exchange_id, chat_id in done["chats"]:
        _set_chat(exchange_id, chat_id)
    _move_sides(set(done["exchanges"]), kept_id, duplicate_id)


def _exchanges_of(user_id: int) -> set[int]:
    return set(db.session.scalars(select(ExchangeSide.exchange_id).where(ExchangeSide.user_id == user_id)))


def _move_sides(ids: set[int], from_id: int, to_id: int) -> None:
    mine = update(ExchangeSide).where(ExchangeSide.exchange_id.in_(ids), ExchangeSide.user_id == from_id)
    db.session.execute(mine.values(user_id=to_id).execution_options(synchronize_session=False))


def _follow_chats(kept_id: int, ids: set[int]) -> list[list[int]]:
    """The exchanges with the chat that each had, those that have one."""
    others = select(Exchange.id, Exchange.chat_id, ExchangeSide.user_id).join(
        ExchangeSide, ExchangeSide.exchange_id == Exchange.id
    )
    having = others.where(Exchange.id.in_(ids), Exchange.chat_id.is_not(None), ExchangeSide.user_id != kept_id)
    moved = []
    for row in db.session.execute(having).all():
        chat_id = db.session.scalar(chat_queries.chat_with(Acting(kept_id), row.user_id))
        if chat_id is not None and chat_id != row.chat_id:
            _set_chat(row.id, chat_id)
            moved.append([row.id, row.chat_id])
    return moved


def _set_chat(exchange_id: int, chat_id: int) -> None:
    kept = {"chat_id": chat_id, "updated_at": EXCHANGES.c.updated_at}
    db.session.execute(update(EXCHANGES).where(EXCHANGES.c.id == exchange_id).values(kept))


AGREEMENT_MERGER = Merger(end_between, stay_ended)
POST_MERGER = Merger(merge_posts, take_posts_apart)
EXCHANGE_MERGER = Merger(merge_exchanges, take_exchanges_apart)
