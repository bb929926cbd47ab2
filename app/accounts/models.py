"""Members and what belongs to them alone."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql import ColumnElement, and_, or_

from app.accounts.numbers import next_number
from app.core.clock import now
from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model

ROLES = ("member", "moderator", "admin")
TO_COORDINATORS, TO_MEMBERS = "coordinators", "members"
LEARNING_STYLES = ("talking", "watching", "doing", "reading")
MINUTES_A_DAY = 24 * 60
HOURS_A_WEEK = 7 * 24


class User(Identified, Changed, Model):
    """A member. Never deleted, only emptied: the other side of what they did keeps a name to point at.

    `closed_at` starts the 14 days in which an account can be reopened, `emptied_at` ends them. `number` is what a
    member is called by on paper, where two may have the same name. Who has no `email` cannot sign in; coordinators
    act for them. `languages_key` repeats the codes of their languages, each between spaces: triggers keep it, so that
    matches see it in the member's own row. `in_print` says that the member agreed to stand in the printed directory.
    `merged_into_id` makes this row a double of another member: nobody meets it any more, its address leads to that one.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("email_key"),
        UniqueConstraint("number"),
        CheckConstraint("number > 0", name="number_positive"),
        CheckConstraint("phone_visibility IN ('coordinators', 'members')", name="phone_visibility_known"),
        CheckConstraint("(email IS NULL) = (email_key IS NULL)", name="email_has_key"),
        CheckConstraint("role IN ('member', 'moderator', 'admin')", name="role_known"),
        CheckConstraint(
            "learning_style IN ('', 'talking', 'watching', 'doing', 'reading')", name="learning_style_known"
        ),
        CheckConstraint("length(name) > 0", name="name_given"),
        CheckConstraint("emptied_at IS NULL OR (email IS NULL AND closed_at IS NOT NULL)", name="emptied_is_empty"),
        CheckConstraint("merged_into_id <> id", name="not_into_oneself"),
        CheckConstraint("merged_into_id IS NULL OR (email IS NULL AND NOT is_active)", name="merged_is_hidden"),
        Index("ix_users_merged_into_id", "merged_into_id"),
        Index("ix_users_name_key_id", "name_key", "id"),
        Index("ix_users_created_at_id", "created_at", "id"),
        Index("ix_users_place_key", "place_key"),
        Index(
            "ix_users_waiting",
            "created_at",
            "id",
            postgresql_where=text("approved_at IS NULL"),
            sqlite_where=text("approved_at IS NULL"),
        ),
        NEVER_REUSE_IDS,
    )

    number: Mapped[int] = mapped_column(default=next_number)
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(180))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254))
    password_hash: Mapped[str] = mapped_column(String(255), default="")
    pronouns: Mapped[str] = mapped_column(String(40), default="")
    bio: Mapped[str] = mapped_column(String(1000), default="")
    location: Mapped[str] = mapped_column(String(80), default="")
    place_key: Mapped[str] = mapped_column(String(240), default="")
    languages_key: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    timezone: Mapped[str] = mapped_column(String(64), default="UTC")
    locale: Mapped[str] = mapped_column(String(10), default="en")
    learning_style: Mapped[str] = mapped_column(String(10), default="")
    phone: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    phone_visibility: Mapped[str] = mapped_column(
        String(12), default=TO_COORDINATORS, server_default=text("'coordinators'")
    )
    coordinators_note: Mapped[str] = mapped_column(String(2000), default="", server_default=text("''"))
    in_print: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Made after both tables, because a file names its owner too.
    picture_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("files.id", ondelete="SET NULL", use_alter=True, name="fk_users_picture_id_files")
    )
    role: Mapped[str] = mapped_column(String(10), default="member")
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_verified: Mapped[bool] = mapped_column(default=False, server_default=false())
    approved_at: Mapped[datetime | None]
    paused_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    emptied_at: Mapped[datetime | None]
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))

    @hybrid_property
    def is_visible(self) -> bool:
        """Whether other members may see this one at all: approved, active, not closing, the address verified."""
        known = self.email is None or self.is_verified
        return self.is_active and self.approved_at is not None and self.closed_at is None and known

    @is_visible.inplace.expression
    @classmethod
    def _is_visible(cls) -> ColumnElement[bool]:
        return and_(
            cls.is_active.is_(True),
            cls.approved_at.is_not(None),
            cls.closed_at.is_(None),
            or_(cls.email.is_(None), cls.is_verified.is_(True)),
        )


class UserLanguage(Model):
    """A language that a member speaks, as its ISO 639 code."""

    __tablename__ = "user_languages"
    __table_args__ = (Index("ix_user_languages_language_user_id", "language", "user_id"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)


class AvailabilitySlot(Identified, Model):
    """A stretch of a weekday (0 is Monday) in the member's own zone, in minutes from midnight; 1440 is its end."""

    __tablename__ = "availability_slots"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_range"),
        CheckConstraint("starts >= 0 AND starts < ends AND ends <= 1440", name="minutes_order"),
        UniqueConstraint("user_id", "weekday", "starts"),
        NEVER_REUSE_IDS,
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    weekday: Mapped[int] = mapped_column(SmallInteger)
    starts: Mapped[int] = mapped_column(SmallInteger)
    ends: Mapped[int] = mapped_column(SmallInteger)


class AvailabilityHour(Model):
    """The slots again, as hours of the UTC week (0 is Monday 00:00), so that members in two zones can be compared.

    Made anew whenever the slots or the zone change, and weekly for the sake of summer time.
    """

    __tablename__ = "availability_utc"
    __table_args__ = (
        CheckConstraint("hour BETWEEN 0 AND 167", name="hour_range"),
        Index("ix_availability_utc_hour_user_id", "hour", "user_id"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[int] = mapped_column(SmallInteger, primary_key=True)


class UserSession(Identified, Created, Model):
    """One sign-in on one device. The cookie holds a random token, this row only its SHA-256."""

    __tablename__ = "user_sessions"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_user_sessions_user_id", "user_id"),
        Index("ix_user_sessions_expires_at", "expires_at"),
        NEVER_REUSE_IDS,
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64))
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    address: Mapped[str] = mapped_column(String(45), default="")
    device: Mapped[str] = mapped_column(String(120), default="")
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInAttempt(Identified, Model):
    """A try that counts towards a limit: a failed sign-in, a sign-up, a mail asked for. `key` is a keyed hash."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index("ix_sign_in_attempts_kind_key_at", "kind", "key", "at"), NEVER_REUSE_IDS)

    kind: Mapped[str] = mapped_column(String(30))
    key: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(default=now)


class EmailChange(Identified, Created, Model):
    """A new address on its way: it counts once the old and the new one have both said yes."""

    __tablename__ = "email_changes"
    __table_args__ = (UniqueConstraint("user_id"), NEVER_REUSE_IDS)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    old_confirmed_at: Mapped[datetime | None]
    new_confirmed_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class Block(Created, Model):
    """`blocker` wants nothing to do with `blocked`; neither sees the other anywhere."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("blocker_id <> blocked_id", name="not_oneself"),
        Index("ix_blocks_blocked_id_blocker_id", "blocked_id", "blocker_id"),
    )

    blocker_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    blocked_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
