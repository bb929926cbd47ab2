"""Wallets that several members share: organisations, and the one pot of the whole community."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model
from app.wallet import owners

ORGANISATION, POT = "organisation", "pot"
LONGEST_NAME, LONGEST_ABOUT = 60, 500
IS_POT = text("kind = 'pot'")


class Organisation(Identified, Changed, Model):
    """`name` is the one that the coordinators gave; the pot is called so in every language. `closed_at` ends it: its
    wallet stays and its members act no more."""

    __tablename__ = "organisations"
    __table_args__ = (
        UniqueConstraint("name_key"),
        CheckConstraint("kind IN ('organisation', 'pot')", name="kind_known"),
        CheckConstraint("length(name) > 0", name="name_given"),
        CheckConstraint("kind = 'organisation' OR closed_at IS NULL", name="pot_stays"),
        Index("uq_organisations_one_pot", "kind", unique=True, postgresql_where=IS_POT, sqlite_where=IS_POT),
        NEVER_REUSE_IDS,
    )

    kind: Mapped[str] = mapped_column(String(12), default=ORGANISATION)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    name_key: Mapped[str] = mapped_column(String(180))
    about: Mapped[str] = mapped_column(String(LONGEST_ABOUT), default="")
    closed_at: Mapped[datetime | None]


class OrganisationMember(Created, Model):
    """A member who may act for an organisation: sees its statement and gives in its name."""

    __tablename__ = "organisation_members"
    __table_args__ = (Index("ix_organisation_members_user_id", "user_id"),)

    organisation_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("organisations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    named_by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))


def owner_of(kind: str, organisation_id: int) -> str:
    """How the organisation's wallets name it."""
    return owners.COMMUNITY if kind == POT else owners.of_organisation(organisation_id)


def name_of(kind: str, name: str) -> str:
    """The pot's name in the reader's language, every other as it was given."""
    return _("Community pot") if kind == POT else name
