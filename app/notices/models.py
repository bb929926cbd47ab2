"""Notices, how each member wants them, what was sent at which time, and announcements."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model
from app.core.states import Stateful, Transition
from app.core.types import Json

IN_APP, MAIL, DIGEST, OFF = "in_app", "mail", "digest", "off"
CHANNELS = (IN_APP, MAIL, DIGEST, OFF)
EVERY_KIND = "*"
DAILY, WEEKLY = "daily", "weekly"
DRAFT, SENDING, SENT, DISCARDED = "draft", "sending", "sent", "discarded"
PUBLISHED = (SENDING, SENT)
IS_UNREAD, IS_READ = text("read_at IS NULL"), text("read_at IS NOT NULL")
IS_HELD = text("read_at IS NULL AND shows_at > created_at")
OPENS_UNREAD_BURST = text("opens_burst AND read_at IS NULL")
WAITS_FOR_DIGEST = text("channel = 'digest' AND read_at IS NULL AND mailed_at IS NULL")


def group_of(chat_id: int | None) -> str:
    """What belongs to a conversation is read together and mailed together."""
    return f"chat-{chat_id}" if chat_id is not None else ""


class Notice(Identified, Created, Model):
    """One event, told to one member; `key` names the event, so that nobody is told twice.

    `params` are what the kind's sentence is made of, `from_id` is the other one of a conversation. Notices of one
    `group_key` (a conversation) are read together and share one mail for as long as they are unread: the one that
    `opens_burst` has promised it. `channel` is how the member wanted it when it was told. It is not counted before
    `shows_at`: who looks at the conversation in that moment reads it there, and only who does not is told. What waits
    for that is later than `created_at`, and no longer so once it shows.
    """

    __tablename__ = "notices"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        CheckConstraint("channel IN ('in_app', 'mail', 'digest')", name="channel_known"),
        CheckConstraint("url LIKE '/%'", name="url_local"),
        CheckConstraint("length(key) > 0 AND length(group_key) > 0", name="keys_given"),
        CheckConstraint("NOT opens_burst OR channel = 'mail'", name="burst_of_mail"),
        Index(
            "uq_notices_one_burst",
            "user_id",
            "group_key",
            unique=True,
            postgresql_where=OPENS_UNREAD_BURST,
            sqlite_where=OPENS_UNREAD_BURST,
        ),
        Index(
            "ix_notices_unread",
            "user_id",
            "group_key",
            "kind",
            "shows_at",
            postgresql_where=IS_UNREAD,
            sqlite_where=IS_UNREAD,
        ),
        Index("ix_notices_held", "shows_at", postgresql_where=IS_HELD, sqlite_where=IS_HELD),
        Index("ix_notices_user_id_created_at_id", "user_id", "created_at", "id"),
        Index("ix_notices_key", "key"),
        Index("ix_notices_read_at", "read_at", postgresql_where=IS_READ, sqlite_where=IS_READ),
        Index(
            "ix_notices_digest",
            "user_id",
            postgresql_where=WAITS_FOR_DIGEST,
            sqlite_where=WAITS_FOR_DIGEST,
        ),
        NEVER_REUSE_IDS,
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    from_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    url: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = mapped_column(String(120))
    group_key: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(8), default=IN_APP)
    opens_burst: Mapped[bool] = mapped_column(default=False, server_default=false())
    shows_at: Mapped[datetime] = mapped_column(default=now)
    read_at: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]


class NoticePreference(Model):
    """How a member wants to hear of a kind. The kind "*" is for all that have no row of their own."""

    __tablename__ = "notice_preferences"
    __table_args__ = (CheckConstraint("channel IN ('in_app', 'mail', 'digest', 'off')", name="channel_known"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))


class LookingAt(Model):
    """A member has a conversation on the screen, until `until` unless the page says so again."""

    __tablename__ = "looking_at"
    __table_args__ = (Index("ix_looking_at_until", "until"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    group_key: Mapped[str] = mapped_column(String(120), primary_key=True)
    until: Mapped[datetime]


class Digest(Created, Model):
    """A digest that was promised: each member gets one of a kind per period (a local day or ISO week), never two."""

    __tablename__ = "notice_digests"
    __table_args__ = (
        CheckConstraint("kind IN ('daily', 'weekly')", name="kind_known"),
        Index("ix_notice_digests_created_at", "created_at"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(6), primary_key=True)
    period: Mapped[str] = mapped_column(String(10), primary_key=True)


class Announcement(Stateful, Changed, Model):
    """What coordinators tell all members, or those of a category, a language, a place and a role; "" is any.

    While it is being sent, members up to the id `reached_id` have been told, `told` of them.
    """

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'sending', 'sent', 'discarded')", name="state_known"),
        CheckConstraint("role IN ('', 'member', 'moderator', 'admin')", name="role_known"),
        CheckConstraint("length(title) > 0 AND length(body) > 0", name="words_given"),
        CheckConstraint("told >= 0 AND reached_id >= 0", name="progress_range"),
        CheckConstraint("(state IN ('sending', 'sent')) = (published_at IS NOT NULL)", name="published_has_time"),
        Index("ix_announcements_state", "state"),
        Index("ix_announcements_created_at_id", "created_at", "id"),
        NEVER_REUSE_IDS,
    )

    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(String(5000))
    category: Mapped[str] = mapped_column(String(60), default="")
    language: Mapped[str] = mapped_column(String(8), default="")
    place_key: Mapped[str] = mapped_column(String(240), default="")
    role: Mapped[str] = mapped_column(String(10), default="")
    state: Mapped[str] = mapped_column(String(10), default=DRAFT)
    reached_id: Mapped[int] = mapped_column(BigInteger, default=0)
    told: Mapped[int] = mapped_column(default=0)
    published_at: Mapped[datetime | None]


class AnnouncementEvent(Transition, Model):
    __tablename__ = "announcement_events"
    __table_args__ = (Index("ix_announcement_events_row_id", "row_id"), NEVER_REUSE_IDS)

    row_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("announcements.id", ondelete="RESTRICT"))
