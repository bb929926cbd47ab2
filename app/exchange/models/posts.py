"""Requests and offers of the moment."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Model
from app.core.states import Stateful, Transition

REQUEST, OFFER = "request", "offer"
KINDS = (REQUEST, OFFER)
OPEN, FILLED, CLOSED = "open", "filled", "closed"
LONGEST_TITLE, LONGEST_TEXT, LONGEST_EXCERPT, LONGEST_PLACE = 100, 4000, 240, 80
MOST_MINUTES = 6000
MOST_SKILLS = 3
IS_OPEN = text("state = 'open'")


class Post(Stateful, Changed, Model):
    """Something that `author` needs or offers now.

    `text` is Markdown, `excerpt` its beginning without marks; `words_key` is all that everybody may search,
    folded. `starts_on` and `ends_on` are days where it happens; after `expires_at` the post closes by itself. `minutes`
    is what the author reckons it takes.
    """

    __tablename__ = "posts"
    __table_args__ = (
        CheckConstraint("kind IN ('request', 'offer')", name="kind_known"),
        CheckConstraint("state IN ('open', 'filled', 'closed')", name="state_known"),
        CheckConstraint("length(title) > 0 OR state = 'closed'", name="title_given"),
        CheckConstraint("minutes BETWEEN 1 AND 6000", name="minutes_range"),
        CheckConstraint("starts_on <= ends_on", name="days_order"),
        Index("ix_posts_open", "created_at", "id", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_posts_due", "expires_at", postgresql_where=IS_OPEN, sqlite_where=IS_OPEN),
        Index("ix_posts_author_id_created_at_id", "author_id", "created_at", "id"),
        Index("ix_posts_category_id", "category_id"),
        Index("ix_posts_picture_id", "picture_id"),
        NEVER_REUSE_IDS,
    )

    author_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(7))
    state: Mapped[str] = mapped_column(String(10), default=OPEN)
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    text: Mapped[str] = mapped_column(Text, default="")
    excerpt: Mapped[str] = mapped_column(String(LONGEST_EXCERPT), default="")
    words_key: Mapped[str] = mapped_column(Text, default="")
    category_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("skill_categories.id", ondelete="RESTRICT"))
    place: Mapped[str] = mapped_column(String(LONGEST_PLACE), default="")
    place_key: Mapped[str] = mapped_column(String(240), default="")
    starts_on: Mapped[date | None] = mapped_column(Date)
    ends_on: Mapped[date | None] = mapped_column(Date)
    minutes: Mapped[int | None]
    picture_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("files.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime]


class PostSkill(Model):
    __tablename__ = "post_skills"
    __table_args__ = (Index("ix_post_skills_skill_id_post_id", "skill_id", "post_id"),)

    post_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    skill_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("skills.id", ondelete="RESTRICT"), primary_key=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0)


class PostEvent(Transition, Model):
    __tablename__ = "post_events"
    __table_args__ = (Index("ix_post_events_row_id", "row_id"), NEVER_REUSE_IDS)

    row_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("posts.id", ondelete="RESTRICT"))
