"""Who hears of what happens in a chat: open tabs at once, the other member by a notice while it is unread.

Topics say only "fetch from here"; the numbers are the chat's own.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, update

from app.accounts.models import User
from app.accounts.names import FORMER
from app.accounts.queries import Acting, not_blocked
from app.chats.models import Chat, ChatMember, Message
from app.chats.text import excerpt_of
from app.core import live
from app.core.db import db
from app.notices import operations as notices
from app.notices.models import Notice, group_of

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
    """The member's other tabs count anew; the other one's learn what was seen, if both let each other know."""
    quiet = select(ChatMember.user_id).where(ChatMember.chat_id == chat_id, ~ChatMember.show_receipts)
    if not db.session.scalar(select(quiet.exists())):
        tell_receipts(user_id, chat_id)
    tell_own_tabs(user_id)


def tell_receipts(user_id: int, chat_id: int) -> None:
    """The other one's tabs look anew at what was seen. Nobody learns so that somebody whom a block separates from them
    is here."""
    chat = db.session.get_one(Chat, chat_id)
    other_id = chat.other_of(user_id)
    met = select(User.id).where(User.id == other_id, not_blocked(Acting(user_id), User.id))
    if db.session.scalar(met) is not None:
        live.publish([other_id], f"chat-{chat_id}", chat.last_seq)


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


def forget_name(user_id: int, chat_ids: Collection[int]) -> None:
    """What the others were told in these chats names the member no more, and no file of theirs."""
    groups = [group_of(chat_id) for chat_id in chat_ids]
    about = (Notice.kind == NOTICE, Notice.group_key.in_(groups), Notice.user_id != user_id)
    told = {notice.key: notice for notice in db.session.scalars(select(Notice).where(*about))}
    ids = [int(key.partition(":")[2]) for key in told]
    bodies = select(Message.id, Message.body).where(Message.id.in_(ids), Message.sender_id == user_id)
    for row in db.session.execute(bodies):
        told[f"{NOTICE}:{row.id}"].params = {"name": FORMER, "excerpt": excerpt_of(row.body)}
    db.session.flush()


def forget_unread(user_id: int, chat_id: int) -> None:
    notices.read_chat(user_id, chat_id)


def url_of(chat_id: int) -> str:
    return f"/chats/{chat_id}"


def key_of(message: Message) -> str:
    return f"message:{message.id}"
