"""The one chat of two members, made when it is first needed."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.chats.models import Chat, ChatMember
from app.core.db import db, dialect_name
from app.core.errors import DomainError


def open_between(a_id: int, b_id: int) -> int:
    """The id of the chat of these two; whoever asks at the same time gets the same one."""
    if a_id == b_id:
        raise DomainError(_("You cannot chat with yourself."))
    lo, hi = sorted((a_id, b_id))
    theirs = select(Chat.id).where(Chat.user_lo_id == lo, Chat.user_hi_id == hi)
    found = db.session.scalar(theirs)
    if found is not None:
        return found
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    new = insert(Chat).values(user_lo_id=lo, user_hi_id=hi).on_conflict_do_nothing().returning(Chat.id)
    made = db.session.scalar(new)
    if made is None:  # somebody was faster, and has committed by now
        return db.session.scalars(theirs).one()
    db.session.add_all(ChatMember(chat_id=made, user_id=user_id) for user_id in (lo, hi))
    db.session.flush()
    return made
