"""Invitations as rows: personal ones and links for many, who used them, and who would like to have one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Changed, Created, Identified, Model

NOTE_LONGEST = 500
LABEL_LONGEST = 80


class Invitation(Identified, Changed, Model):
    """A way in. A personal one has an `email`, goes there by mail and works once; the others are links for many.

    The token is made from `seed` and the site's secret when it is needed; stored is only its hash.
    `allowed_domains` are folded with a blank between two, empty for those of the community.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        CheckConstraint("(email IS NULL) = (email_key IS NULL)", name="email_has_key"),
        CheckConstraint("email IS NULL OR max_uses = 1", name="personal_once"),
        CheckConstraint("max_uses > 0", name="max_uses_positive"),
        CheckConstraint("uses BETWEEN 0 AND max_uses", name="uses_range"),
        Index("ix_invitations_inviter_id", "inviter_id"),
        Index("ix_invitations_email_key", "email_key"),
        NEVER_REUSE_IDS,
    )

    inviter_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    seed: Mapped[str] = mapped_column(String(32))
    token_hash: Mapped[str] = mapped_column(String(64))
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254))
    label: Mapped[str] = mapped_column(String(LABEL_LONGEST), default="")
    note: Mapped[str] = mapped_column(String(NOTE_LONGEST), default="")
    allowed_domains: Mapped[str] = mapped_column(String(1000), default="")
    max_uses: Mapped[int] = mapped_column(default=1)
    uses: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class InvitationUse(Created, Model):
    """Somebody came with this invitation; who tries twice, for want of the mail, has used it once."""

    __tablename__ = "invitation_uses"
    __table_args__ = (Index("ix_invitation_uses_user_id", "user_id"),)

    invitation_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("invitations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class InvitationRequest(Identified, Created, Model):
    """Somebody would like an invitation; the row goes when a coordinator has answered."""

    __tablename__ = "invitation_requests"
    __table_args__ = (UniqueConstraint("email_key"), NEVER_REUSE_IDS)

    name: Mapped[str] = mapped_column(String(60))
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(254))
    note: Mapped[str] = mapped_column(String(NOTE_LONGEST), default="")
    locale: Mapped[str] = mapped_column(String(10), default="en")


class TermsAcceptance(Created, Model):
    """A member has agreed to a version of the terms."""

    __tablename__ = "terms_acceptances"
    __table_args__ = (Index("ix_terms_acceptances_terms_version_id", "terms_version_id"),)

    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    terms_version_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("terms_versions.id", ondelete="RESTRICT"), primary_key=True
    )


def usable(moment: datetime) -> ColumnElement[bool]:
    """Invitations that still let somebody in at `moment`."""
    return and_(Invitation.revoked_at.is_(None), Invitation.expires_at > moment, Invitation.uses < Invitation.max_uses)
