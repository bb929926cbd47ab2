"""Posts, exchanges and recorded hours of a member who turned out to be another one.

What the two had with each other stays as it is: nobody exchanges with himself. The hash of an exchange's terms stays
too, for what was agreed names the members as they were then.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, or_, select, update

from app.chats import queries as chat_queries
from app.core.db import db
from app.core.doubles import hand_over
from app.core.registry import Merger
from app.exchange.models import Exchange, ExchangeLeg, ExchangeSide, HourRecord, HourRecordPerson, Post

POSTS: Table = Post.__table__  # type: ignore[assignment]
EXCHANGES: Table = Exchange.__table__  # type: ignore[assignment]
LEGS: Table = ExchangeLeg.__table__  # type: ignore[assignment]
RECORDS: Table = HourRecord.__table__  # type: ignore[assignment]
PEOPLE: Table = HourRecordPerson.__table__  # type: ignore[assignment]


def merge_posts(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    return {"posts": hand_over(POSTS, "author_id", duplicate_id, kept_id)}


def take_posts_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(POSTS, "author_id", kept_id, duplicate_id, done["posts"])


def merge_exchanges(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """After the chats: an exchange follows its chat."""
    ids = _exchanges_of(duplicate_id) - _exchanges_of(kept_id)
    legs = list(db.session.scalars(select(ExchangeLeg.id).where(ExchangeLeg.exchange_id.in_(ids))))
    _move_sides(ids, duplicate_id, kept_id)
    done = {
        "exchanges": sorted(ids),
        "chats": _follow_chats(kept_id, ids),
        "proposed": hand_over(EXCHANGES, "proposer_id", duplicate_id, kept_id, ids),
        "taught": hand_over(LEGS, "teacher_id", duplicate_id, kept_id, legs),
        "learnt": hand_over(LEGS, "learner_id", duplicate_id, kept_id, legs),
        "recorded": hand_over(RECORDS, "recorded_by_id", duplicate_id, kept_id),
        "asked": hand_over(PEOPLE, "asked_id", duplicate_id, kept_id),
    }
    people = _records_with_others(kept_id, duplicate_id)
    done["helped_by"] = hand_over(PEOPLE, "helper_id", duplicate_id, kept_id, people)
    done["helped"] = hand_over(PEOPLE, "helped_id", duplicate_id, kept_id, people)
    return done


def take_exchanges_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(PEOPLE, "helped_id", kept_id, duplicate_id, done["helped"])
    hand_over(PEOPLE, "helper_id", kept_id, duplicate_id, done["helped_by"])
    hand_over(PEOPLE, "asked_id", kept_id, duplicate_id, done["asked"])
    hand_over(RECORDS, "recorded_by_id", kept_id, duplicate_id, done["recorded"])
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
        chat_id = db.session.scalar(chat_queries.chat_with(_Member(kept_id), row.user_id))
        if chat_id is not None and chat_id != row.chat_id:
            _set_chat(row.id, chat_id)
            moved.append([row.id, row.chat_id])
    return moved


def _set_chat(exchange_id: int, chat_id: int) -> None:
    kept = {"chat_id": chat_id, "updated_at": EXCHANGES.c.updated_at}
    db.session.execute(update(EXCHANGES).where(EXCHANGES.c.id == exchange_id).values(kept))


def _records_with_others(kept_id: int, duplicate_id: int) -> list[int]:
    """Recorded hours of the duplicate that can be the kept one's: not those between the two."""
    theirs = or_(HourRecordPerson.helper_id == duplicate_id, HourRecordPerson.helped_id == duplicate_id)
    others = (HourRecordPerson.helper_id != kept_id, HourRecordPerson.helped_id != kept_id)
    return list(db.session.scalars(select(HourRecordPerson.id).where(theirs, *others)))


class _Member:
    def __init__(self, user_id: int) -> None:
        self.id = user_id


POST_MERGER = Merger(merge_posts, take_posts_apart)
EXCHANGE_MERGER = Merger(merge_exchanges, take_exchanges_apart)
