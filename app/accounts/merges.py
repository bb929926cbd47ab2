"""Double members as rows: who became part of whom, and what it takes to take them apart again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Identified, Model
from app.core.types import Json

IS_OPEN = text("undone_at IS NULL")


class MemberMerge(Identified, Changed, Model):
    """`duplicate` became part of `kept`. Until `expires_at` both can be restored from `snapshot`.

    The snapshot holds the fields of before and what each feature did (see core.registry.Merger); it is emptied when
    the two are taken apart, and for good at `purged_at`.
    """

    __tablename__ = "member_merges"
    __table_args__ = (
        CheckConstraint("kept_id <> duplicate_id", name="not_oneself"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
        CheckConstraint("undone_at IS NULL OR purged_at IS NULL", name="undone_or_purged"),
        Index("uq_member_merges_one_open", "duplicate_id", unique=True, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_member_merges_kept_id", "kept_id"),
        Index("ix_member_merges_expires_at", "expires_at"),
        NEVER_REUSE_IDS,
    )

    kept_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    duplicate_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    actor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    snapshot: Mapped[dict[str, Any]] = mapped_column(Json, default=dict)
    expires_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    purged_at: Mapped[datetime | None]
