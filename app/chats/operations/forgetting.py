"""What becomes of chats when a member's account is emptied."""

from __future__ import annotations

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.chats import queries
from app.chats.models import Attachment, Chat, ChatMember, Message
from app.chats.operations.telling import forget_name
from app.core.db import db
from app.core.models import StoredFile


def forget_member(user_id: int) -> None:
    """The other one keeps what was written to them, from a former member; the files go, and so do drafts. A chat that
    nobody is left to read goes as a whole."""
    other = aliased(User)
    mine = select(Chat.id).where(queries.is_in(user_id))
    others_left = exists().where(
        or_(other.id == Chat.user_lo_id, other.id == Chat.user_hi_id), other.id != user_id, other.emptied_at.is_(None)
    )
    own_files = select(StoredFile.id).where(StoredFile.owner_id == user_id)
    db.session.execute(
        delete(Attachment).where(or_(Attachment.file_id.in_(own_files), Attachment.preview_id.in_(own_files)))
    )
    db.session.execute(update(ChatMember).where(ChatMember.user_id == user_id).values(draft=""))
    _forget_file_name(user_id)
    forget_name(user_id, list(db.session.scalars(mine)))
    over = list(db.session.scalars(mine.where(~others_left)))
    db.session.execute(delete(Message).where(Message.chat_id.in_(over)))
    db.session.execute(delete(Chat).where(Chat.id.in_(over)))


def _forget_file_name(user_id: int) -> None:
    """A last line without a text stands in the list by the name of its file."""
    last = exists().where(
        Message.chat_id == Chat.id, Message.seq == Chat.last_seq, Message.sender_id == user_id, Message.body == ""
    )
    unsaid = update(Chat).where(queries.is_in(user_id), last).values(last_excerpt="")
    db.session.execute(unsaid.execution_options(synchronize_session=False))
