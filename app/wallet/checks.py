"""What each look at the books found, so that coordinators see that somebody looked."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Created, Identified, Model
from app.core.types import Json


class LedgerCheck(Identified, Created, Model):
    """`count` findings in all; `findings` are the first of them, as sentences."""

    __tablename__ = "ledger_checks"
    __table_args__ = (
        CheckConstraint("count >= 0 AND milliseconds >= 0", name="not_negative"),
        Index("ix_ledger_checks_created_at", "created_at"),
        NEVER_REUSE_IDS,
    )

    milliseconds: Mapped[int]
    count: Mapped[int]
    findings: Mapped[list[str]] = mapped_column(Json)
