"""A post brings two members together: their chat is opened with the post quoted in what is not sent yet."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.chats import operations as chats
from app.chats.models import ChatMember
from app.chats.operations.locking import require_reachable
from app.core.db import db
from app.exchange.models.posts import REQUEST


def answer(member_id: int, author_id: int, title: str, url: str, kind: str) -> int:
    """The chat with a post's author, with a first sentence to send. Raises Forbidden where the two cannot write."""
    if kind == REQUEST:
        text = _("About your request “%(title)s” (%(url)s): I can help.", title=title, url=url)
    else:
        text = _("About your offer “%(title)s” (%(url)s): I would like that.", title=title, url=url)
    return _open(member_id, author_id, text)


def ask(author_id: int, member_id: int, title: str, url: str, kind: str) -> int:
    """The chat with a member who fits one's own post."""
    if kind == REQUEST:
        text = _("I am looking for help with “%(title)s” (%(url)s). Could you?", title=title, url=url)
    else:
        text = _("I offer “%(title)s” (%(url)s). Is that something for you?", title=title, url=url)
    return _open(author_id, member_id, text)


def _open(from_id: int, to_id: int, text: str) -> int:
    """What was being typed there already stays above it."""
    require_reachable(from_id, to_id)
    chat_id = chats.open_between(from_id, to_id)
    typed = select(ChatMember.draft).where(ChatMember.chat_id == chat_id, ChatMember.user_id == from_id)
    draft = db.session.scalar(typed) or ""
    if text not in draft:
        chats.save_draft(from_id, chat_id, f"{draft}\n\n{text}".strip())
    return chat_id
