"""What the pages of chats ask is answered by indexes, whatever there is beside the reader's own rows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, insert, select, update

from app.chats import operations
from app.chats.models import Chat, ChatMember, Message
from app.core.clock import now
from app.core.db import db, dialect_name
from app.core.text import fold
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
Sent = list[tuple[str, Any]]
LARGE = ("chats", "chat_members", "messages", "attachments", "files", "notices", "looking_at")
LINES = 900
OWN = {
    "/chats": "ix_chat_members_listed",
    "/chats?archived=1": "ix_chat_members_archived",
    "/chats?q=word": "ix_messages_user_lo_id_id ix_messages_user_hi_id_id",
    "/chats?q=nothing": "ix_messages_user_lo_id_id ix_messages_user_hi_id_id",
    "/chats/{chat}": "uq_messages_chat_id_seq",
    "/chats/{chat}?before=500": "uq_messages_chat_id_seq",
    "/chats/{chat}?at=500": "uq_messages_chat_id_seq",
    "/chats/{chat}/lines?after=890&change=0": "uq_messages_chat_id_seq ix_messages_changed",
    "/chats/with/{carol}": "",
    "/live/state": "ix_chat_members_user_id_last_message_at_chat_id",
    "/notices": "ix_notices_user_id_created_at_id",
}
POSTS: dict[str, dict[str, str]] = {
    "messages": {"body": "One more", "client_token": "one-more"},
    "read": {"seq": "700", "looking": "1"},
    "draft": {"body": "Not yet"},
    "archive": {},
    "hide": {},
}


@pytest.fixture
def chat_id(world: World) -> int:
    """Alice's chat with Bob is long; mod has some more with others, so that a page is a small part of all."""
    chat = operations.open_between(world.alice, world.bob)
    for other in (world.carol, world.mod, world.admin):
        operations.send(world.bob, operations.open_between(world.bob, other), "Hello", f"hello-{other}")
    say_many(chat, world.alice, LINES)
    db.session.commit()
    return chat


def say_many(chat_id: int, sender_id: int, count: int) -> None:
    chat, moment = db.session.get_one(Chat, chat_id), now()
    both = {"chat_id": chat_id, "user_lo_id": chat.user_lo_id, "user_hi_id": chat.user_hi_id, "sender_id": sender_id}
    body = "Another word"
    rows = [
        {
            **both,
            "seq": n,
            "body": body,
            "body_key": fold(body),
            "client_token": f"many-{n}",
            "created_at": moment - timedelta(minutes=count - n),
        }
        for n in range(1, count + 1)
    ]
    db.session.execute(insert(Message), rows)
    chat.last_seq, chat.last_message_at = count, moment
    mine = update(ChatMember).where(ChatMember.chat_id == chat_id)
    db.session.execute(mine.values(last_seq=count, last_message_at=moment))


@pytest.mark.parametrize("path", OWN)
def test_reading(app: Flask, as_: As, world: World, chat_id: int, path: str) -> None:
    bob = as_("bob")
    with sent() as statements:
        assert bob.get(path.format(chat=chat_id, carol=world.carol)).status_code in {200, 303}
    plans = refuse_scans(statements)
    for index in OWN[path].split():
        # SQLite numbers the indexes of constraints, and does not name them.
        assert index in plans or (index.startswith("uq_") and dialect_name() == "sqlite"), plans


@pytest.mark.parametrize("action", POSTS)
def test_writing(app: Flask, as_: As, chat_id: int, action: str) -> None:
    bob = as_("bob")
    with sent() as statements:
        assert bob.post(f"/chats/{chat_id}/{action}", data=POSTS[action]).status_code in {204, 303}
    refuse_scans(statements)


def test_a_scan_is_noticed(app: Flask, chat_id: int) -> None:
    with sent() as statements:
        db.session.execute(select(Message.id).where(Message.body == "x")).all()
    with pytest.raises(AssertionError):
        refuse_scans(statements)


@contextmanager
def sent() -> Iterator[Sent]:
    statements: Sent = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if re.match(r"SELECT|UPDATE|DELETE", statement):
            statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def refuse_scans(statements: Sent) -> str:
    """All plans. PostgreSQL may read these few rows from end to end only where no index would do."""
    assert statements
    cursor = db.session.connection().connection.cursor()
    explain = "EXPLAIN QUERY PLAN" if dialect_name() == "sqlite" else "EXPLAIN"
    if dialect_name() == "postgresql":
        cursor.execute("SET LOCAL enable_seqscan = off")
    plans = []
    for statement, parameters in statements:
        cursor.execute(f"{explain} {statement}", parameters)
        plan = "\n".join(str(row[-1]).strip() for row in cursor.fetchall())
        scanned = re.search(rf"(?:SCAN|Seq Scan on) (?:{'|'.join(LARGE)})(?:_\d+)?\b", plan)
        assert not scanned, f"{statement}\n{plan}"
        plans.append(plan)
    db.session.rollback()
    return "\n".join(plans)
