"""Tables of the core: mail that waits, files, leases of periodic work, events for open pages, and the audit trail.

They know members only by id; the foreign keys name the users table, nothing imports it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

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
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model
from app.core.types import Json

MAIL_STATES = ("waiting", "sent", "failed", "cancelled")


class OutboxMail(Identified, Changed, Model):
    """One mail to one member, written with the change that causes it and rendered when it is sent.

    `address` is empty for "the member's address at sending time"; `unique_key` makes a repeated cause harmless. What
    goes to many (`is_bulk`) waits until nothing is due that somebody waits for.
    """

    __tablename__ = "email_outbox"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'sent', 'failed', 'cancelled')", name="state_known"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        UniqueConstraint("unique_key"),
        Index("ix_email_outbox_due", "state", "is_bulk", "next_try_at"),
        Index("ix_email_outbox_user_id", "user_id"),
        NEVER_REUSE_IDS,
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    address: Mapped[str] = mapped_column(String(254), default="")
    kind: Mapped[str] = mapped_column(String(40))
    params: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    is_bulk: Mapped[bool] = mapped_column(default=False, server_default=false())
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    leased_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(300), default="")
    unique_key: Mapped[str] = mapped_column(String(120))


class StoredFile(Identified, Created, Model):
    """A file in UPLOADS, found by the hash of its content; reached only through the row that owns it."""

    __tablename__ = "files"
    __table_args__ = (
        CheckConstraint("size > 0", name="size_positive"),
        CheckConstraint("length(sha256) = 64", name="sha256_length"),
        Index("ix_files_sha256", "sha256"),
        Index("ix_files_owner_id", "owner_id"),
        NEVER_REUSE_IDS,
    )

    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class Lease(Model):
    """Periodic work by name: who holds it until when, and when it was last done."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    holder: Mapped[str] = mapped_column(String(40), default="")
    held_until: Mapped[datetime]
    done_at: Mapped[datetime]


class LiveEvent(Identified, Created, Model):
    """An event on its way to open pages, for as long as another process may need to notice it; used on SQLite only.

    PostgreSQL carries events itself, by NOTIFY. Ids are read upwards, so none may ever be used again.
    """

    __tablename__ = "live_events"
    __table_args__ = (Index("ix_live_events_created_at", "created_at"), NEVER_REUSE_IDS)

    user_ids: Mapped[list[int]] = mapped_column(Json)
    topic: Mapped[str] = mapped_column(String(60))
    seq: Mapped[int] = mapped_column(BigInteger)


class IdempotencyKey(Created, Model):
    """A request that was done: the same key again in the same `scope` (member and address) gets the same answer.

    `status` is 0 until the answer is known, which nobody else ever sees: the row is committed with what was done.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        CheckConstraint("length(scope) > 0 AND length(key) > 0", name="key_given"),
        CheckConstraint("status = 0 OR status BETWEEN 200 AND 399", name="status_good"),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )

    scope: Mapped[str] = mapped_column(String(120), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    body_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(SmallInteger, default=0)
    location: Mapped[str] = mapped_column(String(500), default="")


class AuditEvent(Identified, Created, Model):
    """Who did what security-relevant thing; rows are only ever added (a trigger refuses the rest)."""

    __tablename__ = "audit_events"
    __table_args__ = (Index("ix_audit_events_subject_id", "subject_id"), NEVER_REUSE_IDS)

    actor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    subject_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    action: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(45), default="")
    detail: Mapped[str] = mapped_column(Text, default="")
