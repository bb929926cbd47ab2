"""Exchanges: who does what for whom, how long, when, and what came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Identified, Model
from app.core.states import Stateful, Transition

SWAP, TIME_CREDIT, GIFT = "swap", "time_credit", "gift"
KINDS = (SWAP, TIME_CREDIT, GIFT)
PROPOSED, ACCEPTED, ACTIVE, COMPLETED = "proposed", "accepted", "active", "completed"
DECLINED, CANCELLED, EXPIRED = "declined", "cancelled", "expired"
OPEN_STATES = (PROPOSED, ACCEPTED, ACTIVE)
ANSWER, CONFIRM = "answer", "confirm"
DONE, NOT_DONE = "done", "not_done"
LONGEST_ABOUT, LONGEST_PLACE, LONGEST_LINK, LONGEST_NOTE, LONGEST_UID = 100, 120, 300, 1000, 80
LEAST_MINUTES, MOST_MINUTES = 5, 1440
IS_OPEN = text("state IN ('proposed', 'accepted', 'active')")
WAITS = text("waits_for <> ''")
IS_DUE = text("due_at IS NOT NULL")
IS_ASKED_ABOUT = text("asked_at IS NULL AND cancelled_at IS NULL")


class Exchange(Stateful, Changed, Model):
    """An agreement between two members, or three who teach each other in a ring (then without a chat).

    The terms (kind, legs, place, link, the time that was proposed) never change: another proposal is another row that
    `replaces` this one. `terms_hash` is made of them and of who takes part, so that the same is agreed once at a time.
    `due_at` is when the site acts if nobody does: a proposal expires, silence confirms, what was never planned lapses.
    """

    __tablename__ = "exchanges"
    __table_args__ = (
        CheckConstraint("kind IN ('swap', 'time_credit', 'gift')", name="kind_known"),
        CheckConstraint(
            "state IN ('proposed', 'accepted', 'active', 'completed', 'declined', 'cancelled', 'expired')",
            name="state_known",
        ),
        CheckConstraint(
            "(due_at IS NOT NULL) = (state IN ('proposed', 'accepted', 'active'))", name="open_ones_are_due"
        ),
        CheckConstraint("(completed_at IS NOT NULL) = (state = 'completed')", name="completed_when"),
        CheckConstraint("(rate_until IS NOT NULL) = (state = 'completed')", name="rated_when_completed"),
        CheckConstraint("(starts_at IS NULL) = (zone = '')", name="time_has_zone"),
        CheckConstraint("replaces_id <> id", name="not_instead_of_itself"),
        Index("uq_exchanges_terms", "terms_hash", unique=True, postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_exchanges_due", "due_at", postgresql_where=IS_DUE, sqlite_where=IS_DUE),
        Index("ix_exchanges_chat_id", "chat_id"),
        UniqueConstraint("replaces_id"),
        Index("ix_exchanges_proposer_id", "proposer_id"),
        Index("ix_exchanges_post_id", "post_id"),
        NEVER_REUSE_IDS,
    )

    chat_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("chats.id", ondelete="SET NULL"))
    proposer_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    post_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="SET NULL"))
    replaces_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("exchanges.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(11))
    state: Mapped[str] = mapped_column(String(10), default=PROPOSED)
    terms_hash: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(LONGEST_PLACE), default="")
    link: Mapped[str] = mapped_column(String(LONGEST_LINK), default="")
    starts_at: Mapped[datetime | None]
    zone: Mapped[str] = mapped_column(String(64), default="")
    note: Mapped[str] = mapped_column(String(LONGEST_NOTE), default="")
    due_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    rate_until: Mapped[datetime | None]


class ExchangeSide(Model):
    """One of those who take part. `waits_for` is what the others wait for: an answer or a confirmation, "" for nothing.

    `outcome` is what this one says became of it, "" for nothing yet; `held` are the minutes that were taken from the
    wallet when it was accepted.
    """

    __tablename__ = "exchange_sides"
    __table_args__ = (
        CheckConstraint("waits_for IN ('', 'answer', 'confirm')", name="waits_for_known"),
        CheckConstraint("outcome IN ('', 'done', 'not_done')", name="outcome_known"),
        CheckConstraint("(outcome = '') = (said_at IS NULL)", name="said_when"),
        CheckConstraint("held >= 0", name="held_not_negative"),
        Index("ix_exchange_sides_user_id_exchange_id", "user_id", "exchange_id"),
        Index("ix_exchange_sides_waiting", "user_id", "exchange_id", postgresql_where=WAITS, sqlite_where=WAITS),
    )

    exchange_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("exchanges.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"), primary_key=True)
    accepted_at: Mapped[datetime | None]
    waits_for: Mapped[str] = mapped_column(String(8), default="")
    outcome: Mapped[str] = mapped_column(String(8), default="")
    said_at: Mapped[datetime | None]
    held: Mapped[int] = mapped_column(default=0)


class ExchangeLeg(Identified, Model):
    """What `teacher` does for `learner`: a skill, or what `about` says; `minutes` were agreed.

    What each of the two says that it took, and `minutes_done` once it is settled: the smaller of both.
    """

    __tablename__ = "exchange_legs"
    __table_args__ = (
        CheckConstraint("teacher_id <> learner_id", name="not_oneself"),
        CheckConstraint("minutes BETWEEN 5 AND 1440", name="minutes_range"),
        CheckConstraint("teacher_minutes BETWEEN 0 AND minutes", name="teacher_minutes_range"),
        CheckConstraint("learner_minutes BETWEEN 0 AND minutes", name="learner_minutes_range"),
        CheckConstraint("minutes_done BETWEEN 0 AND minutes", name="minutes_done_range"),
        CheckConstraint("length(about) > 0", name="about_given"),
        UniqueConstraint("exchange_id", "position"),
        Index("ix_exchange_legs_teacher_id", "teacher_id"),
        Index("ix_exchange_legs_learner_id", "learner_id"),
        Index("ix_exchange_legs_skill_id", "skill_id"),
        NEVER_REUSE_IDS,
    )

    exchange_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("exchanges.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(SmallInteger)
    teacher_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    learner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    skill_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("skills.id", ondelete="RESTRICT"))
    about: Mapped[str] = mapped_column(String(LONGEST_ABOUT))
    minutes: Mapped[int]
    teacher_minutes: Mapped[int | None]
    learner_minutes: Mapped[int | None]
    minutes_done: Mapped[int | None]


class ExchangeSession(Identified, Changed, Model):
    """A time to meet, of one leg or (without) of all of them; `uid` and `sequence` are what calendars know it by.

    `asked_at` is when both were asked how it went.
    """

    __tablename__ = "exchange_sessions"
    __table_args__ = (
        UniqueConstraint("uid"),
        CheckConstraint("starts_at < ends_at", name="times_order"),
        CheckConstraint("sequence >= 0", name="sequence_not_negative"),
        CheckConstraint("length(zone) > 0", name="zone_given"),
        Index("ix_exchange_sessions_exchange_id_starts_at", "exchange_id", "starts_at"),
        Index("ix_exchange_sessions_leg_id", "leg_id"),
        Index("ix_exchange_sessions_over", "ends_at", postgresql_where=IS_ASKED_ABOUT, sqlite_where=IS_ASKED_ABOUT),
        NEVER_REUSE_IDS,
    )

    exchange_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("exchanges.id", ondelete="CASCADE"))
    leg_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("exchange_legs.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    zone: Mapped[str] = mapped_column(String(64))
    place: Mapped[str] = mapped_column(String(LONGEST_PLACE), default="")
    link: Mapped[str] = mapped_column(String(LONGEST_LINK), default="")
    uid: Mapped[str] = mapped_column(String(LONGEST_UID))
    sequence: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]


class ExchangeEvent(Transition, Model):
    """Also what changes no state: a time was planned, somebody confirmed."""

    __tablename__ = "exchange_events"
    __table_args__ = (Index("ix_exchange_events_row_id", "row_id"), NEVER_REUSE_IDS)

    row_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("exchanges.id", ondelete="RESTRICT"))
