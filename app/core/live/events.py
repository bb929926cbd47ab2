"""Publishing: an event travels with the transaction that causes it, so the database itself keeps it until the commit.

On PostgreSQL it is a NOTIFY, which the server hands out after the commit, once, to every process that listens, and
never after a rollback, not even to a savepoint. On SQLite it is a row of `live_events`, which the process that holds
the streams reads; other processes (ticks, commands) write it just the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from app.core.clock import now
from app.core.db import db
from app.core.models import LiveEvent

CHANNEL = "guildhall_live"
# By this the session remembers, until its commit, that a listener of this process need not wait for its next look.
PUBLISHED = "live"
# Not for pages: it ends the streams of one sign-in, whose id is the event's `seq`.
SIGN_OUT = "sign-out"
# A NOTIFY takes less than 8,000 bytes; an id has at most 19 digits, topic and seq together less than 90 characters.
IDS_A_PAYLOAD = 380
# Another process reads a row within a second; this leaves room for one that was suspended.
KEEP = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Event:
    """Tells the open pages of `user_ids`: what `topic` names has changed, up to `seq`, fetch it."""

    user_ids: frozenset[int]
    topic: str
    seq: int


def publish(user_ids: Collection[int], topic: str, seq: int = 0, *, session: Session | None = None) -> None:
    """Tells the members' open pages after the commit of `session` (the request's own by default); costs one statement.

    A topic is a word such as "notices" or "chat-7". Raises ValueError for one that could break the stream's lines.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]{0,59}", topic):
        raise ValueError(f"{topic!r} is no topic: lower-case letters, digits and hyphens, at most 60")
    if not user_ids:
        return
    session = session or db.session()
    members = sorted(set(user_ids))
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        connection.execute(insert(LiveEvent), {"user_ids": members, "topic": topic, "seq": seq})
        session.info[PUBLISHED] = True
    else:
        payload = func.unnest(bindparam("payloads", list(payloads(members, topic, seq)), ARRAY(Text))).column_valued()
        connection.execute(select(func.pg_notify(CHANNEL, payload)))


def end_stream(user_id: int, session_id: int) -> None:
    """Ends what the pages of this sign-in receive, as soon as the transaction is committed."""
    publish([user_id], SIGN_OUT, session_id)


def payloads(members: list[int], topic: str, seq: int) -> Iterator[str]:
    """The event as NOTIFY carries it, for as many members at a time as one takes."""
    for start in range(0, len(members), IDS_A_PAYLOAD):
        ids = ",".join(str(member) for member in members[start : start + IDS_A_PAYLOAD])
        yield f"{topic} {seq} {ids}"


def parsed(payload: str) -> Event:
    topic, seq, ids = payload.split(" ")
    return Event(frozenset(int(member) for member in ids.split(",")), topic, int(seq))


def purge() -> int:
    """Takes away events that every process has long read; returns how many."""
    old = delete(LiveEvent).where(LiveEvent.created_at < now() - KEEP).returning(LiveEvent.id)
    count = len(db.session.execute(old).all())
    db.session.commit()
    return count
