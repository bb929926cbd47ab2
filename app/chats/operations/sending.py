"""Writing a line: numbered under the chat's lock, once for each token, never to somebody who does not want it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask_babel import ngettext
from sqlalchemy import case, exists, select, update

from app.accounts.models import User
from app.chats.models import TEXT, Chat, ChatMember, Message
from app.chats.operations.files import Prepared, attach, require_sendable
from app.chats.operations.locking import locked_chat, require_reachable
from app.chats.operations.telling import tell_message, tell_tabs
from app.chats.text import excerpt_of
from app.core.clock import now
from app.core.db import db
from app.core.errors import TooMany
from app.core.text import fold

NEW_ACCOUNT = timedelta(days=14)
FIRST_CONTACTS_A_DAY = 8
DAY = timedelta(days=1)


def send(sender_id: int, chat_id: int, body: str, client_token: str, files: Sequence[Prepared] = ()) -> Message:
    """The message as it was written; a repeated token gives the first one, whatever comes with it.

    Raises DomainError for nothing to send, Forbidden when one of the two has blocked the other or is gone, TooMany for
    new accounts that write to many strangers.
    """
    sender, chat = locked_chat(sender_id, chat_id)
    if sent := sent_before(sender_id, client_token):
        return sent
    require_sendable(body, files)
    require_reachable(sender_id, chat.other_of(sender_id))
    moment = now()
    is_first = not db.session.scalar(select(exists().where(Message.chat_id == chat_id, Message.kind == TEXT)))
    if is_first:
        _keep_limit(sender, moment)
    message = Message(
        chat_id=chat_id,
        user_lo_id=chat.user_lo_id,
        user_hi_id=chat.user_hi_id,
        seq=chat.last_seq + 1,
        sender_id=sender_id,
        body=body,
        body_key=fold(body),
        client_token=client_token,
        is_first_contact=is_first,
        created_at=moment,
    )
    db.session.add(message)
    db.session.flush()
    attach(message, files)
    excerpt = excerpt_of(body) or files[0].name
    append(chat, message, excerpt, reader_id=sender_id)
    tell_message(chat, message, sender.name, excerpt)
    return message


def sent_before(sender_id: int, client_token: str) -> Message | None:
    return db.session.scalar(
        select(Message).where(Message.sender_id == sender_id, Message.client_token == client_token)
    )


def post_system_line(
    chat_id: int, kind: str, params: dict[str, Any], url: str = "", *, actor_id: int | None = None
) -> Message:
    """A line of the site's own, said in the reader's language by the LineKind `kind`; for its `actor` it counts as
    read, unless there was something unread before it."""
    locking = select(Chat).where(Chat.id == chat_id).with_for_update(key_share=True)
    chat = db.session.scalars(locking.execution_options(populate_existing=True)).one()
    message = Message(
        chat_id=chat_id,
        user_lo_id=chat.user_lo_id,
        user_hi_id=chat.user_hi_id,
        seq=chat.last_seq + 1,
        kind=kind,
        params=params,
        url=url,
        created_at=now(),
    )
    db.session.add(message)
    db.session.flush()
    up_to_date = (ChatMember.user_id == actor_id, ChatMember.last_read_seq == chat.last_seq)
    caught_up = select(ChatMember.user_id).where(ChatMember.chat_id == chat_id, *up_to_date)
    append(chat, message, "", reader_id=db.session.scalar(caught_up))
    tell_tabs(chat)
    return message


def append(chat: Chat, message: Message, excerpt: str, *, reader_id: int | None) -> None:
    """The chat ends with `message` for both; it comes back from the archive, unless it is muted."""
    chat.last_seq, chat.last_message_at, chat.last_excerpt = message.seq, message.created_at, excerpt
    is_reader = ChatMember.user_id == reader_id
    moved: dict[str, Any] = {
        "last_seq": message.seq,
        "last_message_at": message.created_at,
        "last_read_seq": case((is_reader, message.seq), else_=ChatMember.last_read_seq),
        "archived_at": case((ChatMember.muted_until > message.created_at, ChatMember.archived_at), else_=None),
    }
    if message.sender_id is not None:
        moved["draft"] = case((is_reader, ""), else_=ChatMember.draft)
    db.session.flush()
    both = update(ChatMember).where(ChatMember.chat_id == chat.id).values(moved)
    db.session.execute(both.execution_options(synchronize_session=False))


def _keep_limit(sender: User, moment: datetime) -> None:
    """The sender's row is locked, so first contacts that are made at once are counted one after another."""
    if sender.created_at <= moment - NEW_ACCOUNT:
        return
    mine = (Message.sender_id == sender.id, Message.is_first_contact, Message.created_at > moment - DAY)
    times = list(db.session.scalars(select(Message.created_at).where(*mine).order_by(Message.created_at)))
    if len(times) < FIRST_CONTACTS_A_DAY:
        return
    text = ngettext(
        "In your first two weeks you can write to %(num)d new person a day; answers are never limited. "
        "Your text was not sent.",
        "In your first two weeks you can write to %(num)d new people a day; answers are never limited. "
        "Your text was not sent.",
        FIRST_CONTACTS_A_DAY,
    )
    raise TooMany(text, max(1, math.ceil((times[-FIRST_CONTACTS_A_DAY] + DAY - moment).total_seconds())))
