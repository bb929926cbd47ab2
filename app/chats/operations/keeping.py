"""What a member does with a chat for themselves; the other one learns of nothing but what both let each other see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import case, update

from app.chats.models import LONGEST_BODY, ChatMember
from app.chats.operations.telling import forget_unread, tell_own_tabs, tell_read, tell_receipts
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError

FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
EIGHT_HOURS, A_WEEK, ALWAYS = "8h", "week", "always"
MUTES = {EIGHT_HOURS: timedelta(hours=8), A_WEEK: timedelta(days=7), ALWAYS: None}


def mark_read(user_id: int, chat_id: int, seq: int) -> bool:
    """Lines up to `seq` are read, on all devices; whether that is news. What a client says is never believed further
    than the last line, and nothing becomes unread again."""
    reached = case((ChatMember.last_seq < seq, ChatMember.last_seq), else_=seq)
    further = (ChatMember.last_read_seq < seq, ChatMember.last_read_seq < ChatMember.last_seq)
    moved = _mine(user_id, chat_id).where(*further).values(last_read_seq=reached).returning(ChatMember.last_read_seq)
    if db.session.scalar(moved.execution_options(synchronize_session=False)) is None:
        return False
    forget_unread(user_id, chat_id)
    tell_read(user_id, chat_id)
    return True


def archive(user_id: int, chat_id: int) -> None:
    """Out of the list until somebody writes again."""
    _set(user_id, chat_id, archived_at=now())
    tell_own_tabs(user_id)


def unarchive(user_id: int, chat_id: int) -> None:
    _set(user_id, chat_id, archived_at=None)
    tell_own_tabs(user_id)


def mute(user_id: int, chat_id: int, how_long: str) -> None:
    """No notices and no count; an archived chat stays in the archive. Raises DomainError for an unknown length."""
    if how_long not in MUTES:
        raise DomainError(_("Please choose one."), "how_long")
    length = MUTES[how_long]
    _set(user_id, chat_id, muted_until=now() + length if length else FOR_EVER)
    tell_own_tabs(user_id)


def unmute(user_id: int, chat_id: int) -> None:
    _set(user_id, chat_id, muted_until=None)
    tell_own_tabs(user_id)


def hide(user_id: int, chat_id: int) -> None:
    """All lines so far are gone for this member, and the chat with them until there is a new one."""
    _set(
        user_id,
        chat_id,
        hidden_before_seq=ChatMember.last_seq + 1,
        last_read_seq=ChatMember.last_seq,
        archived_at=None,
        draft="",
    )
    forget_unread(user_id, chat_id)
    tell_own_tabs(user_id)


def set_receipts(user_id: int, chat_id: int, shown: bool) -> None:
    """Whether this member lets the other one see what was seen, and so whether they see it of the other one."""
    _set(user_id, chat_id, show_receipts=shown)
    tell_receipts(user_id, chat_id)
    tell_own_tabs(user_id)


def save_draft(user_id: int, chat_id: int, text: str) -> None:
    """What is being typed, kept with the chat so that it shows nowhere else."""
    _set(user_id, chat_id, draft=text[:LONGEST_BODY])


def _set(user_id: int, chat_id: int, **values: Any) -> None:
    db.session.execute(_mine(user_id, chat_id).values(values).execution_options(synchronize_session=False))


def _mine(user_id: int, chat_id: int) -> Any:
    return update(ChatMember).where(ChatMember.user_id == user_id, ChatMember.chat_id == chat_id)
