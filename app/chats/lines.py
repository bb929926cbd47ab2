"""Reading the lines of one chat with their files; the viewer comes first, what is hidden for them does not exist."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, literal_column, select, union_all

from app.accounts.queries import Looking
from app.chats.models import Attachment, ChatMember, Message
from app.core.db import AnySelect
from app.core.models import StoredFile
from app.core.planned import planned_once


def thread(
    viewer: Looking, chat_id: int, limit: int, *, before: int | None = None, around: int | None = None
) -> AnySelect:
    """The last lines of a chat, or those before the line `before`; the latest first, a row for each of their files and
    one for a line without. `around` begins a few lines after that one."""
    lines = _lines(viewer, chat_id)
    if before is not None:
        lines = lines.where(Message.seq < before)
    elif around is not None:
        lines = lines.where(Message.seq <= around + limit // 2)
    lines = lines.order_by(Message.seq.desc()).limit(limit)
    return _with_files(lines, lambda seq: seq.desc())


def changes(viewer: Looking, chat_id: int, after: int, change: int, limit: int) -> AnySelect:
    """The line `after` with all that follow, and older ones that were changed after `change`; in their order,
    a row for each of their files and one for a line without."""
    lines, is_changed = _lines(viewer, chat_id), Message.change > literal_column("0")  # as the index says it
    new = lines.where(Message.seq >= after).order_by(Message.seq).limit(limit)
    changed = lines.where(Message.seq < after, is_changed, Message.change > change).order_by(Message.change)
    both = union_all(new.subquery().select(), changed.limit(limit).subquery().select())
    return _with_files(both.order_by(both.selected_columns.seq).limit(limit), lambda seq: seq.asc())


def message_for(viewer: Looking, chat_id: int, message_id: int) -> AnySelect:
    """One line of a chat of the viewer's: id, seq, sender_id, kind, body, params, url and its times."""
    return _lines(viewer, chat_id).where(Message.id == message_id)


def attachments_of(viewer: Looking, chat_id: int, message_ids: Collection[int]) -> AnySelect:
    """Files of these lines: message_id, id, name, media_type, size, has_preview, width, height."""
    return (
        select(
            Attachment.message_id,
            Attachment.id,
            StoredFile.name,
            StoredFile.media_type,
            StoredFile.size,
            Attachment.preview_id.is_not(None).label("has_preview"),
            Attachment.width,
            Attachment.height,
        )
        .join(Message, Message.id == Attachment.message_id)
        .join(StoredFile, StoredFile.id == Attachment.file_id)
        .join(ChatMember, _shown_to(viewer))
        .where(Message.chat_id == chat_id, Attachment.message_id.in_(message_ids))
        .order_by(Attachment.message_id, Attachment.position)
    )


def attachment_for(viewer: Looking, chat_id: int, attachment_id: int, *, preview: bool) -> Select[StoredFile]:
    """A file of a line that the viewer may see, or its preview."""
    return (
        select(StoredFile)
        .join(Attachment, (Attachment.preview_id if preview else Attachment.file_id) == StoredFile.id)
        .join(Message, Message.id == Attachment.message_id)
        .join(ChatMember, _shown_to(viewer))
        .where(Attachment.id == attachment_id, Message.chat_id == chat_id)
    )


def _with_files(
    lines: AnySelect | CompoundSelect[*tuple[Any, ...]], order: Callable[[ColumnElement[int]], ColumnElement[int]]
) -> AnySelect:
    """Of each file besides what its line is: file_id (None where there is none), file_name, size, has_preview, width,
    height."""
    shown = lines.subquery()
    return planned_once(
        select(
            shown,
            Attachment.id.label("file_id"),
            StoredFile.name.label("file_name"),
            StoredFile.size,
            Attachment.preview_id.is_not(None).label("has_preview"),
            Attachment.width,
            Attachment.height,
        )
        .outerjoin(Attachment, Attachment.message_id == shown.c.id)
        .outerjoin(StoredFile, StoredFile.id == Attachment.file_id)
        .order_by(order(shown.c.seq), Attachment.position)
    )


def _lines(viewer: Looking, chat_id: int) -> AnySelect:
    return (
        select(
            Message.id,
            Message.seq,
            Message.sender_id,
            Message.kind,
            Message.body,
            Message.params,
            Message.url,
            Message.created_at,
            Message.edited_at,
            Message.deleted_at,
        )
        .join(ChatMember, _shown_to(viewer))
        .where(Message.chat_id == chat_id)
    )


def _shown_to(viewer: Looking) -> ColumnElement[bool]:
    return and_(
        ChatMember.chat_id == Message.chat_id,
        ChatMember.user_id == viewer.id,
        Message.seq >= ChatMember.hidden_before_seq,
    )
