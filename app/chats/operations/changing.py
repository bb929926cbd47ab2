"""Changing one's own lines: for a quarter of an hour the text, at any time taking it away."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.chats import policy
from app.chats.models import Attachment, Chat, Message
from app.chats.operations.files import require_sendable, revoke
from app.chats.operations.locking import locked_chat, require_reachable
from app.chats.operations.telling import forget_message, retell_message, tell_tabs
from app.chats.text import excerpt_of
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, Forbidden
from app.core.models import StoredFile
from app.core.text import fold


def edit(author_id: int, message_id: int, body: str) -> Message:
    """Raises Conflict when the quarter of an hour is over or the line is gone, DomainError for an empty text, Forbidden
    when one of the two has blocked the other."""
    author, chat, message = _own_message(author_id, message_id)
    if not policy.can_edit(author_id, message, now()):
        raise Conflict(_("This message can no longer be changed: write another one."), "body")
    require_reachable(author_id, chat.other_of(author_id))
    first_file = _first_file(message_id)
    require_sendable(body or first_file, ())
    if body == message.body:
        return message
    message.body, message.body_key, message.edited_at = body, fold(body), now()
    excerpt = excerpt_of(body) or first_file
    _number_change(chat, message, excerpt)
    retell_message(message, author.name, excerpt)
    tell_tabs(chat)
    return message


def delete(author_id: int, message_id: int) -> Message:
    """Leaves a tombstone: the text is gone from the line, the list, the notices and what waits to be mailed, and its
    files can no longer be fetched. What was reported stays with the report. Twice is once."""
    _author, chat, message = _own_message(author_id, message_id)
    if message.deleted_at is not None:
        return message
    if not policy.can_delete(author_id, message):
        raise Forbidden(_("Only your own messages are yours to delete."))
    revoke(message_id)
    message.body = message.body_key = ""
    message.deleted_at = now()
    _number_change(chat, message, "")
    forget_message(message)
    tell_tabs(chat)
    return message


def _own_message(author_id: int, message_id: int) -> tuple[User, Chat, Message]:
    chat_id = db.session.scalars(select(Message.chat_id).where(Message.id == message_id)).one()
    author, chat = locked_chat(author_id, chat_id)
    message = db.session.get_one(Message, message_id, populate_existing=True)
    if message.chat_id != chat_id:  # the other one's two accounts have just become one, and their chats with them
        return _own_message(author_id, message_id)
    return author, chat, message


def _number_change(chat: Chat, message: Message, excerpt: str) -> None:
    chat.last_change += 1
    message.change = chat.last_change
    if message.seq == chat.last_seq:
        chat.last_excerpt = excerpt
    db.session.flush()


def _first_file(message_id: int) -> str:
    named = select(StoredFile.name).join(Attachment, Attachment.file_id == StoredFile.id)
    mine = named.where(Attachment.message_id == message_id).order_by(Attachment.position).limit(1)
    return db.session.scalar(mine) or ""
