"""What the members of the demo community have written to each other."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update

from app.accounts.models import User
from app.chats import operations
from app.chats.models import Chat, ChatMember, Message
from app.community.demo import is_among_colleagues
from app.core.clock import now
from app.core.db import db


@dataclass(frozen=True)
class Talk:
    """`lines` are "who minutes-ago: text"; the last `unread` of them have not been seen by who did not write them."""

    between: list[str]
    lines: list[str]
    unread: int = 0
    archived: list[str] = field(default_factory=list)

    def spoken(self) -> Iterator[tuple[str, int, str]]:
        """Who, how many minutes ago, and what."""
        for line in self.lines:
            head, _colon, text = line.partition(": ")
            who, minutes = head.split()
            yield who, int(minutes), text


def load(preset: str) -> None:
    """Adds the chats; the caller commits."""
    talks = tomllib.loads(Path(__file__).with_name("talks.toml").read_text())
    for talk in talks["colleagues" if is_among_colleagues(preset) else "neighbours"]:
        _hold(Talk(**talk))


def _hold(talk: Talk) -> None:
    addresses = {f"{key}@example.org": key for key in talk.between}
    found = db.session.execute(select(User.email_key, User.id).where(User.email_key.in_(addresses)))
    ids = {addresses[address or ""]: user_id for address, user_id in found}
    chat_id = operations.open_between(*ids.values())
    moment, seen = now(), len(talk.lines) - talk.unread
    for seq, (who, minutes, text) in enumerate(talk.spoken(), start=1):
        message = operations.send(ids[who], chat_id, text, f"demo-{chat_id}-{seq}")
        if seq <= seen:
            for user_id in ids.values():
                operations.mark_read(user_id, chat_id, seq)
        _date(message, moment - timedelta(minutes=minutes))
    for who in talk.archived:
        operations.archive(ids[who], chat_id)


def _date(message: Message, moment: datetime) -> None:
    """As if it had been written then."""
    message.created_at = moment
    db.session.flush()
    chat_id = message.chat_id
    db.session.execute(update(Chat).where(Chat.id == chat_id).values(last_message_at=moment))
    db.session.execute(update(ChatMember).where(ChatMember.chat_id == chat_id).values(last_message_at=moment))
