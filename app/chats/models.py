"""Chats of two members, their lines and files, and what each of the two keeps about a chat for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Created, Identified, Model
from app.core.types import Json

TEXT = "text"
LONGEST_BODY = 8000
LONGEST_EXCERPT = 160
UNREAD = text("last_read_seq < last_seq")
FIRST_CONTACT = text("is_first_contact")
CHANGED = text("change > 0")
LISTED = text("archived_at IS NULL AND last_seq >= hidden_before_seq")
ARCHIVED = text("archived_at IS NOT NULL AND last_seq >= hidden_before_seq")


class Chat(Identified, Created, Model):
    """The one chat of two members; the one with the lower id is `user_lo`.

    `last_seq` numbers the lines and `last_change` their later changes; both are taken under this row's lock, so their
    order is the same for everybody. `last_excerpt` is the last line's beginning, "" for what is not text.
    """

    __tablename__ = "chats"
    __table_args__ = (
        UniqueConstraint("user_lo_id", "user_hi_id"),
        UniqueConstraint("id", "user_lo_id", "user_hi_id"),  # its messages repeat who the two are
        CheckConstraint("user_lo_id < user_hi_id", name="members_ordered"),
        CheckConstraint("last_seq >= 0 AND last_change >= 0", name="counters_not_negative"),
        CheckConstraint("(last_message_at IS NULL) = (last_seq = 0)", name="last_message_known"),
        Index("ix_chats_user_hi_id", "user_hi_id"),
        NEVER_REUSE_IDS,
    )

    user_lo_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    user_hi_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    last_seq: Mapped[int] = mapped_column(default=0)
    last_change: Mapped[int] = mapped_column(default=0)
    last_message_at: Mapped[datetime | None]
    last_excerpt: Mapped[str] = mapped_column(String(LONGEST_EXCERPT), default="")

    def other_of(self, user_id: int) -> int:
        return self.user_hi_id if user_id == self.user_lo_id else self.user_lo_id


class ChatMember(Model):
    """What one of the two keeps about a chat.

    Lines up to `last_read_seq` are read, lines below `hidden_before_seq` are hidden; a chat without a line that is
    shown stands in no list. `last_seq` and `last_message_at` repeat the chat's, so that a member's list and count of
    unread chats are one walk along an index. `draft` is what was typed and not sent yet.
    """

    __tablename__ = "chat_members"
    __table_args__ = (
        CheckConstraint("last_read_seq BETWEEN 0 AND last_seq", name="read_what_exists"),
        CheckConstraint("hidden_before_seq BETWEEN 1 AND last_seq + 1", name="hidden_what_exists"),
        CheckConstraint(f"length(draft) <= {LONGEST_BODY}", name="draft_length"),
        Index("ix_chat_members_user_id_last_message_at_chat_id", "user_id", "last_message_at", "chat_id"),
        Index(
            "ix_chat_members_listed",
            "user_id",
            "last_message_at",
            "chat_id",
            postgresql_where=LISTED,
            sqlite_where=LISTED,
        ),
        Index(
            "ix_chat_members_archived",
            "user_id",
            "last_message_at",
            "chat_id",
            postgresql_where=ARCHIVED,
            sqlite_where=ARCHIVED,
        ),
        Index("ix_chat_members_unread", "user_id", "chat_id", postgresql_where=UNREAD, sqlite_where=UNREAD),
    )

    chat_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"), primary_key=True)
    last_seq: Mapped[int] = mapped_column(default=0)
    last_message_at: Mapped[datetime | None]
    last_read_seq: Mapped[int] = mapped_column(default=0)
    hidden_before_seq: Mapped[int] = mapped_column(default=1)
    archived_at: Mapped[datetime | None]
    muted_until: Mapped[datetime | None]
    show_receipts: Mapped[bool] = mapped_column(default=True, server_default=true())
    draft: Mapped[str] = mapped_column(Text, default="")


class Message(Identified, Created, Model):
    """A line. One without a sender is the site's own: `kind` and `params` say it in the reader's language, `url` leads
    to what it is about.

    `client_token` makes a repeated send the same message. `change` is 0 until the line is edited or deleted; a deleted
    one keeps its place and nothing else. `body_key` is folded, for search. `user_lo_id` and `user_hi_id` repeat the
    chat's, so that all lines of a member stand in an index one after another.
    """

    __tablename__ = "messages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["chat_id", "user_lo_id", "user_hi_id"],
            ["chats.id", "chats.user_lo_id", "chats.user_hi_id"],
            ondelete="CASCADE",
            onupdate="CASCADE",
        ),
        UniqueConstraint("chat_id", "seq"),
        UniqueConstraint("sender_id", "client_token"),
        CheckConstraint("seq > 0", name="seq_positive"),
        CheckConstraint(f"length(body) <= {LONGEST_BODY}", name="body_length"),
        CheckConstraint("(sender_id IS NOT NULL) = (kind = 'text')", name="members_write_text"),
        CheckConstraint("(sender_id IS NULL) = (client_token IS NULL)", name="token_of_sender"),
        CheckConstraint("deleted_at IS NULL OR (body = '' AND body_key = '')", name="deleted_is_empty"),
        CheckConstraint("(edited_at IS NULL AND deleted_at IS NULL) = (change = 0)", name="changes_are_numbered"),
        Index("ix_messages_user_lo_id_id", "user_lo_id", "id"),
        Index("ix_messages_user_hi_id_id", "user_hi_id", "id"),
        Index("ix_messages_changed", "chat_id", "change", postgresql_where=CHANGED, sqlite_where=CHANGED),
        Index(
            "ix_messages_first_contacts",
            "sender_id",
            "created_at",
            postgresql_where=FIRST_CONTACT,
            sqlite_where=FIRST_CONTACT,
        ),
        NEVER_REUSE_IDS,
    )

    chat_id: Mapped[int] = mapped_column(BigInteger)
    user_lo_id: Mapped[int] = mapped_column(BigInteger)
    user_hi_id: Mapped[int] = mapped_column(BigInteger)
    seq: Mapped[int]
    sender_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(30), default=TEXT)
    body: Mapped[str] = mapped_column(Text, default="")
    body_key: Mapped[str] = mapped_column(Text, default="")
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    url: Mapped[str] = mapped_column(String(300), default="")
    client_token: Mapped[str | None] = mapped_column(String(40))
    is_first_contact: Mapped[bool] = mapped_column(default=False, server_default=false())
    change: Mapped[int] = mapped_column(default=0)
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]


class Attachment(Identified, Model):
    """A file of a message: `file` as it is downloaded, and for pictures a smaller `preview` of `width` × `height`."""

    __tablename__ = "attachments"
    __table_args__ = (
        UniqueConstraint("message_id", "position"),
        CheckConstraint("(preview_id IS NULL) = (width = 0 OR height = 0)", name="preview_has_size"),
        Index("ix_attachments_file_id", "file_id"),
        Index("ix_attachments_preview_id", "preview_id"),
        NEVER_REUSE_IDS,
    )

    message_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("messages.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    file_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("files.id", ondelete="CASCADE"))
    preview_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("files.id", ondelete="CASCADE"))
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
