"""The skill catalogue, and who offers or wants what."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model

OFFER, WANT = "offer", "want"
KINDS = (OFFER, WANT)
LISTED, PROPOSED, MERGED = "listed", "proposed", "merged"
IS_PROPOSED = text("state = 'proposed'")


class SkillCategory(Identified, Model):
    __tablename__ = "skill_categories"
    __table_args__ = (UniqueConstraint("slug"), NEVER_REUSE_IDS)

    slug: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(60))


class Skill(Identified, Changed, Model):
    """One skill. A proposed one is used by its proposer at once and listed for all when a moderator accepts it.

    A merged one keeps its row, so that its old address can lead to the skill it became. `version` counts
    the moderators' changes: who acts on what is shown is refused when it has changed since.
    """

    __tablename__ = "skills"
    __table_args__ = (
        UniqueConstraint("slug"),
        CheckConstraint("state IN ('listed', 'proposed', 'merged')", name="state_known"),
        CheckConstraint("(state = 'merged') = (merged_into_id IS NOT NULL)", name="merged_has_target"),
        CheckConstraint("merged_into_id <> id", name="not_into_itself"),
        CheckConstraint("length(name) > 0", name="name_given"),
        Index("ix_skills_category_id_name_key", "category_id", "name_key"),
        Index("ix_skills_merged_into_id", "merged_into_id"),
        Index("ix_skills_proposed", "created_at", "id", postgresql_where=IS_PROPOSED, sqlite_where=IS_PROPOSED),
        NEVER_REUSE_IDS,
    )

    slug: Mapped[str] = mapped_column(String(120))
    name: Mapped[str] = mapped_column(String(50))
    name_key: Mapped[str] = mapped_column(String(150))
    category_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("skill_categories.id", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(String(10), default=LISTED)
    merged_into_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("skills.id", ondelete="RESTRICT"))
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    proposed_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="SET NULL"))


class SkillAlias(Model):
    """A spelling, folded, that means a skill; the skill's own name is one of them."""

    __tablename__ = "skill_aliases"
    __table_args__ = (
        CheckConstraint("length(alias_key) > 0", name="alias_given"),
        Index("ix_skill_aliases_skill_id", "skill_id"),
    )

    alias_key: Mapped[str] = mapped_column(String(150), primary_key=True)
    alias: Mapped[str] = mapped_column(String(50))
    skill_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("skills.id", ondelete="CASCADE"))


class UserSkill(Created, Model):
    """What a member offers to teach or do, or wants to learn or have done.

    `level` 1 to 5: of an offer how well, of a want where one stands now. `priority` 1 to 3: how much it matters.
    """

    __tablename__ = "user_skills"
    __table_args__ = (
        CheckConstraint("kind IN ('offer', 'want')", name="kind_known"),
        CheckConstraint("level BETWEEN 1 AND 5", name="level_range"),
        CheckConstraint("priority BETWEEN 1 AND 3", name="priority_range"),
        # All that matching asks of an entry, so that it reads the index alone.
        Index("ix_user_skills_matching", "skill_id", "kind", "user_id", "level", "priority", "paused_at", "expires_at"),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(5), primary_key=True)
    skill_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("skills.id", ondelete="RESTRICT"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger, default=3)
    priority: Mapped[int] = mapped_column(SmallInteger, default=2)
    note: Mapped[str] = mapped_column(String(200), default="")
    paused_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class PossibleSwap(Model):
    """One thing that a member would teach beside one that they would learn: every offer with every want.

    Two members fit both ways where one's row is the other's turned round, which an index answers at once. Triggers on
    user_skills keep these rows; nothing else writes here. Paused entries have none. `expires_at` is when the first of
    both runs out.
    """

    __tablename__ = "possible_swaps"
    __table_args__ = (
        Index(
            "ix_possible_swaps_matching",
            "offer_skill_id", "want_skill_id", "user_id", "offer_level", "want_level", "want_priority", "expires_at",
        ),
    )  # fmt: skip

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    offer_skill_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    want_skill_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    offer_level: Mapped[int] = mapped_column(SmallInteger)
    want_level: Mapped[int] = mapped_column(SmallInteger)
    want_priority: Mapped[int] = mapped_column(SmallInteger)
    expires_at: Mapped[datetime | None]
