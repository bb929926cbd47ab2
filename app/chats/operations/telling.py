"""Who hears of what happens in a chat: open tabs at once, the other member by a notice while it is unread.

Topics say only "fetch from here"; the numbers are the chat's own.
"""

from __future__ import annotations

from sqlalchemy import select, update

from app.chats.models import Chat, ChatMember, Message
from app.core import live
from app.core.db import db
from app.notices import operations as notices
from app.notices.models import Notice

NOTICE = "message"
LIST = "chats"


def tell_message(chat: Chat, message: Message, sender_name: str, excerpt: str) -> None:
    """The other one is told, unless the chat is muted; the tabs of both fetch the line."""
    tell_tabs(chat)
    sender_id = message.sender_id or 0
    other_id = chat.other_of(sender_id)
    muted = select(ChatMember.user_id).where(
        ChatMember.chat_id == chat.id, ChatMember.user_id == other_id, ChatMember.muted_until > message.created_at
    )
    if db.session.scalar(muted) is None:
        params = {"name": sender_name, "excerpt": excerpt}
        notices.tell(other_id, NOTICE, params, url_of(chat.id), key_of(message), chat_id=chat.id, actor_id=sender_id)


def tell_tabs(chat: Chat) -> None:
    both = (chat.user_lo_id, chat.user_hi_id)
    live.publish(both, f"chat-{chat.id}", chat.last_seq)
    live.publish(both, LIST)


def tell_read(user_id: int, chat_id: int) -> None:
    """The member's other tabs count anew; the other one's learn what was seen."""
    chat = db.session.get_one(Chat, chat_id)
    live.publish([chat.other_of(user_id)], f"chat-{chat_id}", chat.last_seq)
    tell_own_tabs(user_id)


def tell_own_tabs(user_id: int) -> None:
    """The list of chats and the number of unread ones are others now."""
    live.publish([user_id], LIST)


def retell_message(message: Message, sender_name: str, excerpt: str) -> None:
    """What was told of it says what it says now; nobody is told again."""
    told = update(Notice).where(Notice.key == key_of(message))
    db.session.execute(told.values(params={"name": sender_name, "excerpt": excerpt}))


def forget_message(message: Message) -> None:
    """Nothing that was said of it stays: notices and waiting mail hold its text."""
    notices.take_back([key_of(message)])


def forget_unread(user_id: int, chat_id: int) -> None:
    notices.read_chat(user_id, chat_id)


def url_of(chat_id: int) -> str:
    return f"/chats/{chat_id}"


def key_of(message: Message) -> str:
    return f"message:{message.id}"
