"""Reading chats: everything takes the viewer first, and a chat of others does not exist."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, case, exists, func, or_, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import Block, User
from app.accounts.queries import Looking, visible_to
from app.chats.models import TEXT, Attachment, Chat, ChatMember, Message
from app.core.db import AnySelect, at_the_time, db
from app.core.models import StoredFile
from app.core.paging import Stretch
from app.core.planned import planned_once
from app.core.registry import MOST_COUNTED
from app.core.text import fold, like_pattern
from app.notices import queries as notice_queries

MOST_WORDS = 6
LATEST = 100  # chats that a page without a stream watches
LOOKED_THROUGH = 1500  # lines that one search looks at; who has more goes on from there
NAMES_LOOKED_AT, NAMES_FOUND = 200, 8  # chats, the latest ones
FOUND = (
    Message.id,
    Message.chat_id,
    Message.user_lo_id,
    Message.user_hi_id,
    Message.seq,
    Message.kind,
    Message.body,
    Message.body_key,
    Message.sender_id,
    Message.created_at,
)


def is_in(user_id: int) -> ColumnElement[bool]:
    """Chats of this member."""
    return or_(Chat.user_lo_id == user_id, Chat.user_hi_id == user_id)


def chat_for(viewer: Looking, chat_id: int) -> AnySelect:
    """One of the viewer's chats: id, last_seq, last_change, what the viewer keeps about it (as in ChatMember), the
    other one's other_id, name, picture_id, read_by_other (0 unless both show it and neither is away or blocked),
    i_blocked, reachable; looks_until and is_told, as in notices."""
    mine, theirs, other = aliased(ChatMember), aliased(ChatMember), aliased(User)
    blocked = exists().where(Block.blocker_id == viewer.id, Block.blocked_id == other.id)
    reachable = exists().where(User.id == other.id, User.email.is_not(None), visible_to(viewer))
    both_show = and_(mine.show_receipts, theirs.show_receipts)
    return planned_once(
        select(
            Chat.id,
            Chat.last_seq,
            Chat.last_change,
            mine.last_read_seq,
            mine.hidden_before_seq,
            mine.archived_at,
            mine.muted_until,
            mine.show_receipts,
            mine.draft,
            other.id.label("other_id"),
            other.name,
            other.picture_id,
            case((and_(both_show, reachable), theirs.last_read_seq), else_=0).label("read_by_other"),
            blocked.label("i_blocked"),
            reachable.label("reachable"),
            notice_queries.looks_until(viewer, chat_id).label("looks_until"),
            notice_queries.is_told(viewer, chat_id).label("is_told"),
        )
        .join(mine, and_(mine.chat_id == Chat.id, mine.user_id == viewer.id))
        .join(theirs, and_(theirs.chat_id == Chat.id, theirs.user_id != viewer.id))
        .join(other, other.id == theirs.user_id)
        .where(Chat.id == chat_id)
    )


def chat_with(viewer: Looking, member_id: int) -> Select[int]:
    """The id of the viewer's chat with this member."""
    lo, hi = sorted((viewer.id, member_id))
    return select(Chat.id).where(Chat.user_lo_id == lo, Chat.user_hi_id == hi)


def chats_of(viewer: Looking, archived: bool = False, text: str = "") -> AnySelect:
    """The viewer's chats with at least one line to show, sorted by the caller: chat_id, last_message_at, unread,
    muted_until, draft, excerpt, and of the last line sender_id, kind, params, deleted_at; other_id, name, picture_id.

    `text` is looked for in the other one's name, among the latest chats; then the archive is included.
    """
    other = aliased(User)
    unread = ChatMember.last_seq - ChatMember.last_read_seq
    statement = (
        select(
            ChatMember.chat_id,
            ChatMember.last_message_at,
            ChatMember.muted_until,
            ChatMember.draft,
            unread.label("unread"),
            Chat.last_excerpt.label("excerpt"),
            Message.sender_id,
            Message.kind,
            Message.params,
            Message.deleted_at,
            other.id.label("other_id"),
            other.name,
            other.picture_id,
        )
        .join(Chat, Chat.id == ChatMember.chat_id)
        .join(Message, and_(Message.chat_id == Chat.id, Message.seq == Chat.last_seq))
        .join(other, other.id == case((Chat.user_lo_id == viewer.id, Chat.user_hi_id), else_=Chat.user_lo_id))
        .where(ChatMember.user_id == viewer.id, ChatMember.last_seq >= ChatMember.hidden_before_seq)
    )
    if text:
        named = _named(viewer, text).subquery()
        return planned_once(statement.join(named, named.c.chat_id == ChatMember.chat_id))
    kept = ChatMember.archived_at.is_not(None) if archived else ChatMember.archived_at.is_(None)
    return planned_once(statement.where(kept))


def found_lines(viewer: Looking, text: str, stretch: Stretch, limit: int) -> AnySelect:
    """Lines in the viewer's chats that hold every word of `text`, among the LOOKED_THROUGH lines of `stretch`, in its
    order: id, chat_id, seq, body, sender_id, created_at, name (of the other one), other_id, picture_id."""
    other = aliased(User)
    own = _own_lines(viewer, stretch, *FOUND).subquery()
    hidden_before = (
        select(ChatMember.hidden_before_seq)
        .where(ChatMember.chat_id == own.c.chat_id, ChatMember.user_id == viewer.id)
        .scalar_subquery()
    )
    words = (own.c.body_key.like(like_pattern(word), escape="\\") for word in fold(text).split()[:MOST_WORDS])
    hits = select(own).where(own.c.kind == TEXT, *words, own.c.seq >= hidden_before)
    found = hits.order_by(_along(stretch, own.c.id)).limit(limit).subquery()
    return (
        select(
            found.c.id,
            found.c.chat_id,
            found.c.seq,
            found.c.body,
            found.c.sender_id,
            found.c.created_at,
            other.id.label("other_id"),
            other.name,
            other.picture_id,
        )
        .join(other, other.id == case((found.c.user_lo_id == viewer.id, found.c.user_hi_id), else_=found.c.user_lo_id))
        .order_by(_along(stretch, found.c.id))
    )


def end_of(viewer: Looking, stretch: Stretch) -> AnySelect:
    """The last line (id, created_at) that found_lines looks at; none when there are fewer lines than it may look at."""
    own = _own_lines(viewer, stretch, Message.id).subquery()
    last = select(own.c.id).order_by(_along(stretch, own.c.id)).offset(LOOKED_THROUGH - 1).limit(1).scalar_subquery()
    return select(Message.id, Message.created_at).where(Message.id == last)


def unread_count(user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many chats hold something unread, muted and archived ones apart, and no more than MOST_COUNTED; rides along
    with the viewer's statement."""
    mine = aliased(ChatMember)
    loud = or_(mine.muted_until.is_(None), mine.muted_until <= at_the_time())
    unread = (mine.user_id == user_id, mine.last_read_seq < mine.last_seq, mine.archived_at.is_(None))
    some = select(mine.chat_id).where(*unread, loud).limit(MOST_COUNTED).correlate(User).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def live_state(user_id: ColumnElement[int]) -> ColumnElement[int]:
    """A number that changes with every line, change and pointer of the member's latest chats; what is new makes a chat
    one of them."""
    mine = aliased(ChatMember)
    latest = select(mine.chat_id, mine.last_read_seq).where(mine.user_id == user_id, mine.last_message_at.is_not(None))
    latest_ones = latest.order_by(mine.last_message_at.desc(), mine.chat_id.desc()).limit(LATEST)
    rows = latest_ones.subquery()
    counted = func.coalesce(func.sum(Chat.last_seq + Chat.last_change + rows.c.last_read_seq), 0)
    return select(counted).join(rows, rows.c.chat_id == Chat.id).scalar_subquery()


def export(user_id: int) -> dict[str, Any]:
    """The member's own words and files by chat, as JSON-ready values; what others wrote is theirs."""
    other = aliased(User)
    own = (
        select(Message.chat_id, Message.id, Message.created_at, Message.edited_at, Message.body, other.name)
        .join(Chat, Chat.id == Message.chat_id)
        .join(other, other.id == case((Chat.user_lo_id == user_id, Chat.user_hi_id), else_=Chat.user_lo_id))
        .where(Message.sender_id == user_id, Message.deleted_at.is_(None))
        .order_by(Message.chat_id, Message.seq)
    )
    named = (
        select(Attachment.message_id, StoredFile.name)
        .join(Message, Message.id == Attachment.message_id)
        .join(StoredFile, StoredFile.id == Attachment.file_id)
        .where(Message.sender_id == user_id)
        .order_by(Attachment.message_id, Attachment.position)
    )
    files: dict[int, list[str]] = {}
    for row in db.session.execute(named):
        files.setdefault(row.message_id, []).append(row.name)
    return {
        "messages": [
            {
                "chat": row.chat_id,
                "with": row.name,
                "created_at": row.created_at.isoformat(),
                "edited_at": row.edited_at.isoformat() if row.edited_at else None,
                "body": row.body,
                "files": files.get(row.id, []),
            }
            for row in db.session.execute(own)
        ]
    }


def _named(viewer: Looking, text: str) -> AnySelect:
    """The chats in whose other one's name `text` stands, NAMES_FOUND of the NAMES_LOOKED_AT latest ones."""
    latest = (
        select(ChatMember.chat_id, ChatMember.last_message_at)
        .where(ChatMember.user_id == viewer.id, ChatMember.last_message_at.is_not(None))
        .order_by(ChatMember.last_message_at.desc(), ChatMember.chat_id.desc())
        .limit(NAMES_LOOKED_AT)
        .subquery()
    )
    chat, other = aliased(Chat), aliased(User)
    return (
        select(latest.c.chat_id)
        .join(chat, chat.id == latest.c.chat_id)
        .join(other, other.id == case((chat.user_lo_id == viewer.id, chat.user_hi_id), else_=chat.user_lo_id))
        .where(other.name_key.like(like_pattern(fold(text)), escape="\\"))
        .order_by(latest.c.last_message_at.desc())
        .limit(NAMES_FOUND)
    )


def _own_lines(viewer: Looking, stretch: Stretch, *columns: Any) -> CompoundSelect[*tuple[Any, ...]]:
    """The LOOKED_THROUGH first lines of `stretch` in all of the viewer's chats: two walks along an index, merged. Each
    has its own limit, because PostgreSQL would sort all lines of a member who has many."""
    sides = []
    for side in (Message.user_lo_id, Message.user_hi_id):
        lines = select(*columns).where(side == viewer.id)
        if stretch.cursor is not None:
            beyond = Message.id > stretch.cursor if stretch.backwards else Message.id < stretch.cursor
            lines = lines.where(beyond)
        sides.append(lines.order_by(_along(stretch, Message.id.expression)).limit(LOOKED_THROUGH).subquery().select())
    walked = union_all(*sides)
    return walked.order_by(_along(stretch, walked.selected_columns.id)).limit(LOOKED_THROUGH)


def _along(stretch: Stretch, key: ColumnElement[int]) -> ColumnElement[int]:
    return key.asc() if stretch.backwards else key.desc()
