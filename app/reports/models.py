"""What was reported, as it was then, and what became of the report."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Model
from app.core.states import Stateful, Transition
from app.core.types import Json

MEMBER, MESSAGE, POST = "member", "message", "post"
OPEN, IN_REVIEW, RESOLVED, DISMISSED = "open", "in_review", "resolved", "dismissed"
WAITING = (OPEN, IN_REVIEW)
SETTLED = (RESOLVED, DISMISSED)
REASONS = ("harassment", "spam", "dishonest", "unsafe", "other")
NOTHING, WARNED, DISABLED = "nothing", "warned", "disabled"
OUTCOMES = (WARNED, DISABLED, NOTHING)
IS_WAITING = text("state IN ('open', 'in_review')")


class Report(Stateful, Changed, Model):
    """What `reporter` says about something of `reported`'s: the row `subject_id` of the kind `subject_kind`.

    `snapshot` holds its texts as they were, each a pair of what it is ("bio") and what it said. `words` are the
    reporter's, `note` the moderators' own. The reported member never learns who reported.
    """

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("subject_kind IN ('member', 'message', 'post')", name="subject_kind_known"),
        CheckConstraint("reason IN ('harassment', 'spam', 'dishonest', 'unsafe', 'other')", name="reason_known"),
        CheckConstraint("state IN ('open', 'in_review', 'resolved', 'dismissed')", name="state_known"),
        CheckConstraint("outcome IN ('', 'nothing', 'warned', 'disabled')", name="outcome_known"),
        CheckConstraint("(outcome <> '') = (state = 'resolved')", name="outcome_of_resolved"),
        CheckConstraint("reporter_id <> reported_id", name="not_oneself"),
        Index(
            "uq_reports_one_waiting",
            "reporter_id",
            "subject_kind",
            "subject_id",
            unique=True,
            postgresql_where=IS_WAITING,
            sqlite_where=IS_WAITING,
        ),
        Index("ix_reports_state_created_at_id", "state", "created_at", "id"),
        Index("ix_reports_reporter_id_created_at", "reporter_id", "created_at"),
        Index("ix_reports_reported_id", "reported_id"),
        NEVER_REUSE_IDS,
    )

    reporter_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    reported_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    subject_kind: Mapped[str] = mapped_column(String(10), default=MEMBER)
    subject_id: Mapped[int] = mapped_column(BigInteger)
    snapshot: Mapped[list[list[str]]] = mapped_column(Json, default=list)
    reason: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    outcome: Mapped[str] = mapped_column(String(10), default="")
    note: Mapped[str] = mapped_column(String(2000), default="")
    handled_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))


class ReportEvent(Transition, Model):
    __tablename__ = "report_events"
    __table_args__ = (Index("ix_report_events_row_id", "row_id"), NEVER_REUSE_IDS)

    row_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("reports.id", ondelete="RESTRICT"))
