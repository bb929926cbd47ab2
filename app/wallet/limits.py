"""What single members may go below zero, where it is not what everybody may, and why."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Changed, Model

LONGEST_REASON = 300
LARGEST_LIMIT = 600_000


class PersonalLimit(Changed, Model):
    """The member's wallet in hours may fall to −`minutes`, whatever the community's credit limit is."""

    __tablename__ = "personal_limits"
    __table_args__ = (
        CheckConstraint("minutes BETWEEN 0 AND 600000", name="minutes_range"),
        CheckConstraint("length(reason) > 0", name="reason_given"),
    )

    user_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    minutes: Mapped[int]
    reason: Mapped[str] = mapped_column(String(LONGEST_REASON))
    set_by_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
