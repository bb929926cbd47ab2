"""Recorded hours: help that was already given, written down by one who was there or by a coordinator."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model
from app.core.states import Stateful, Transition

WAITING, POSTED, DECLINED = "waiting", "posted", "declined"
EXPIRED, WITHDRAWN, REVERSED = "expired", "withdrawn", "reversed"
EACH, SHARED = "each", "shared"
IS_WAITING = text("state = 'waiting'")


class HourRecord(Identified, Created, Model):
    """What was written down at once. `minutes` is how long it took on the day `done_on`, the recorder's own day.

    With several people `sharing` says whether each pays all of it or all share it. `idempotency_key` is the form's
    own: sent twice, it is the same record.
    """

    __tablename__ = "hour_records"
    __table_args__ = (
        UniqueConstraint("recorded_by_id", "idempotency_key"),
        CheckConstraint("minutes BETWEEN 1 AND 6000", name="minutes_range"),
        CheckConstraint("sharing IN ('each', 'shared')", name="sharing_known"),
        CheckConstraint("length(idempotency_key) > 0", name="key_given"),
        Index("ix_hour_records_category_id", "category_id"),
        NEVER_REUSE_IDS,
    )

    recorded_by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    minutes: Mapped[int]
    done_on: Mapped[date] = mapped_column(Date)
    sharing: Mapped[str] = mapped_column(String(6), default=EACH)
    category_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("skill_categories.id", ondelete="RESTRICT"))
    note: Mapped[str] = mapped_column(String(500), default="")
    idempotency_key: Mapped[str] = mapped_column(String(64))


class HourRecordPerson(Stateful, Changed, Model):
    """One `helper` and one who was `helped` in a record, and the minutes that pass between these two.

    It is posted, with its transfer, when the helped one wrote it down, agreed, or a coordinator did; until then it
    waits for `asked_id`, who can decline, None for any coordinator where the helped one does not sign in. Reversed is
    what was posted and taken back: its transfer is the one of before, which another one reverses.
    """

    __tablename__ = "hour_record_people"
    __table_args__ = (
        UniqueConstraint("record_id", "helper_id", "helped_id"),
        UniqueConstraint("transfer_id"),
        CheckConstraint("helper_id <> helped_id", name="not_oneself"),
        CheckConstraint("minutes BETWEEN 1 AND 6000", name="minutes_range"),
        CheckConstraint(
            "state IN ('waiting', 'posted', 'declined', 'expired', 'withdrawn', 'reversed')", name="state_known"
        ),
        CheckConstraint("(state IN ('posted', 'reversed')) = (transfer_id IS NOT NULL)", name="posted_has_transfer"),
        CheckConstraint("(state = 'waiting') = (answered_at IS NULL)", name="answered_when"),
        Index("ix_hour_record_people_helper_id", "helper_id"),
        Index("ix_hour_record_people_helped_id", "helped_id"),
        Index("ix_hour_record_people_waiting", "asked_id", postgresql_where=IS_WAITING, sqlite_where=IS_WAITING),
        NEVER_REUSE_IDS,
    )

    record_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("hour_records.id", ondelete="RESTRICT"))
    helper_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    helped_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    asked_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    minutes: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=WAITING)
    answered_at: Mapped[datetime | None]
    transfer_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("transfers.id", ondelete="RESTRICT"))


class HourRecordEvent(Transition, Model):
    __tablename__ = "hour_record_events"
    __table_args__ = (Index("ix_hour_record_events_row_id", "row_id"), NEVER_REUSE_IDS)

    row_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("hour_record_people.id", ondelete="RESTRICT"))
