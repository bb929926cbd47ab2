"""Chats of a member who turned out to be another one.

A chat with somebody whom the kept member does not write to is handed over; one with somebody whom both wrote to is put
behind the kept member's. Taken apart, a chat goes back if nothing was written or changed in it since.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select, update

from app.chats import queries
from app.chats.models import Attachment, Chat, ChatMember, Message
from app.core.db import db
from app.core.doubles import hand_over, moment_of, plain
from app.core.models import StoredFile
from app.core.registry import Merger

MESSAGES: Table = Message.__table__  # type: ignore[assignment]
FILES: Table = StoredFile.__table__  # type: ignore[assignment]
CHAT_COLUMNS = ("user_lo_id", "user_hi_id", "last_seq", "last_change", "last_message_at", "last_excerpt")
MEMBER_COLUMNS = ("last_seq", "last_message_at", "last_read_seq", "hidden_before_seq")


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """Both sides' chats are locked in the order of their ids."""
    both = select(Chat).where(queries.is_in(kept_id) | queries.is_in(duplicate_id))
    chats = list(db.session.scalars(both.order_by(Chat.id).with_for_update(key_share=True)))
    kept_by_other = {chat.other_of(kept_id): chat for chat in chats if kept_id in (chat.user_lo_id, chat.user_hi_id)}
    done = []
    for chat in chats:
        if duplicate_id not in (chat.user_lo_id, chat.user_hi_id) or chat.other_of(duplicate_id) == kept_id:
            continue
        target = kept_by_other.get(chat.other_of(duplicate_id))
        lines = _own_lines(chat.id, duplicate_id)
        said = {
            "chat": chat.id,
            "before": _chat_values(chat),
            "sent": hand_over(MESSAGES, "sender_id", duplicate_id, kept_id, lines),
            "files": hand_over(FILES, "owner_id", duplicate_id, kept_id, _files(lines)),
        }
        done.append({**said, **(_append(chat, target) if target else _give(chat, duplicate_id, kept_id))})
    return {"chats": done}


def take_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    for said in reversed(done["chats"]):
        holder = db.session.get_one(Chat, said.get("into", said["chat"]), with_for_update=True)
        if [holder.last_seq, holder.last_change] != said["after"]:
            continue
        if "into" in said:
            _take_out(holder, said)
        else:
            _restore(holder, said["before"])
            mine = update(ChatMember).where(ChatMember.chat_id == holder.id, ChatMember.user_id == kept_id)
            db.session.execute(mine.values(user_id=duplicate_id))
        hand_over(MESSAGES, "sender_id", kept_id, duplicate_id, said["sent"])
        hand_over(FILES, "owner_id", kept_id, duplicate_id, said["files"])


def _give(chat: Chat, from_id: int, to_id: int) -> dict[str, Any]:
    chat.user_lo_id, chat.user_hi_id = sorted((chat.other_of(from_id), to_id))
    mine = update(ChatMember).where(ChatMember.chat_id == chat.id, ChatMember.user_id == from_id)
    db.session.execute(mine.values(user_id=to_id))
    db.session.flush()
    return {"after": [chat.last_seq, chat.last_change]}


def _append(chat: Chat, target: Chat) -> dict[str, Any]:
    """The lines of `chat` stand behind those of `target` from now on, and `chat` is empty."""
    before = {"target": _chat_values(target), "members": _member_values(target.id), "emptied": _member_values(chat.id)}
    _move_lines(chat.id, target)
    _join_pointers(chat, target)
    target.last_seq, target.last_change = target.last_seq + chat.last_seq, target.last_change + chat.last_change
    moments = [moment for moment in (target.last_message_at, chat.last_message_at) if moment]
    target.last_message_at = max(moments, default=None)
    target.last_excerpt = chat.last_excerpt if chat.last_seq else target.last_excerpt
    chat.last_seq, chat.last_message_at, chat.last_excerpt = 0, None, ""
    db.session.flush()
    return {"into": target.id, "after": [target.last_seq, target.last_change], **before}


def _take_out(target: Chat, said: dict[str, Any]) -> None:
    chat, before = db.session.get_one(Chat, said["chat"]), said["target"]
    behind = (Message.chat_id == target.id, Message.seq > before["last_seq"])
    numbered = update(Message).where(*behind, Message.change > 0)
    db.session.execute(numbered.values(change=Message.change - before["last_change"]))
    back = update(Message).where(*behind).values(_place_in(chat, -before["last_seq"]))
    db.session.execute(back.execution_options(synchronize_session=False))
    _restore(target, before)
    _restore(chat, said["before"])
    for chat_id, members in ((target.id, said["members"]), (chat.id, said["emptied"])):
        for user_id, values in members.items():
            _set_member(chat_id, int(user_id), values)


def _move_lines(from_id: int, target: Chat) -> None:
    numbered = update(Message).where(Message.chat_id == from_id, Message.change > 0)
    db.session.execute(numbered.values(change=Message.change + target.last_change))
    moved = update(Message).where(Message.chat_id == from_id).values(_place_in(target, target.last_seq))
    db.session.execute(moved.execution_options(synchronize_session=False))


def _place_in(chat: Chat, offset: int) -> dict[str, Any]:
    owners = {"user_lo_id": chat.user_lo_id, "user_hi_id": chat.user_hi_id}
    return {"chat_id": chat.id, "seq": Message.seq + offset, **owners}


def _join_pointers(chat: Chat, target: Chat) -> None:
    """Who has read the kept lines goes on where he was in the others; the same for what is hidden."""
    theirs = {member.user_id: member for member in _members(chat.id)}
    shared = set(theirs) & {member.user_id for member in _members(target.id)}
    for member in _members(target.id):
        other = theirs[member.user_id if member.user_id in shared else next(iter(set(theirs) - shared))]
        offset, end = member.last_seq, member.last_seq + other.last_seq
        read_all, hid_all = member.last_read_seq == offset, member.hidden_before_seq == offset + 1
        values = {
            "last_seq": end,
            "last_message_at": max(filter(None, (member.last_message_at, other.last_message_at)), default=None),
            "last_read_seq": offset + other.last_read_seq if read_all else member.last_read_seq,
            "hidden_before_seq": offset + other.hidden_before_seq if hid_all else member.hidden_before_seq,
        }
        _write_member(target.id, member.user_id, values)
    for member in theirs.values():
        empty = {"last_seq": 0, "last_message_at": None, "last_read_seq": 0, "hidden_before_seq": 1}
        _write_member(chat.id, member.user_id, empty)


def _own_lines(chat_id: int, user_id: int) -> list[int]:
    return list(db.session.scalars(select(Message.id).where(Message.chat_id == chat_id, Message.sender_id == user_id)))


def _files(message_ids: list[int]) -> list[int]:
    rows = db.session.execute(
        select(Attachment.file_id, Attachment.preview_id).where(Attachment.message_id.in_(message_ids))
    )
    return [file_id for row in rows for file_id in row if file_id is not None]


def _members(chat_id: int) -> list[Any]:
    columns = [ChatMember.user_id, *(getattr(ChatMember, name) for name in MEMBER_COLUMNS)]
    return list(db.session.execute(select(*columns).where(ChatMember.chat_id == chat_id)))


def _chat_values(chat: Chat) -> dict[str, Any]:
    return {name: plain(getattr(chat, name)) for name in CHAT_COLUMNS}


def _member_values(chat_id: int) -> dict[str, dict[str, Any]]:
    return {str(row.user_id): {name: plain(getattr(row, name)) for name in MEMBER_COLUMNS} for row in _members(chat_id)}


def _restore(chat: Chat, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(chat, name, moment_of(value) if name == "last_message_at" else value)
    db.session.flush()


def _set_member(chat_id: int, user_id: int, values: dict[str, Any]) -> None:
    _write_member(chat_id, user_id, {**values, "last_message_at": moment_of(values["last_message_at"])})


def _write_member(chat_id: int, user_id: int, values: dict[str, Any]) -> None:
    mine = update(ChatMember).where(ChatMember.chat_id == chat_id, ChatMember.user_id == user_id)
    db.session.execute(mine.values(values).execution_options(synchronize_session=False))


MERGER = Merger(merge, take_apart)
