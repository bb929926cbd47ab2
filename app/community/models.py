"""The one row of settings that a community's coordinators decide."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Changed, Model

THE_ONE = 1


class CommunitySettings(Changed, Model):
    """Exactly one row, made by the migration that makes the table."""

    __tablename__ = "community_settings"
    __table_args__ = (
        CheckConstraint("id = 1", name="only_one"),
        CheckConstraint("length(name) > 0", name="name_given"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=THE_ONE)
    name: Mapped[str] = mapped_column(String(80), default="Guildhall")
    place: Mapped[str] = mapped_column(String(80), default="")
    locale: Mapped[str] = mapped_column(String(10), default="en")
    public_directory: Mapped[bool] = mapped_column(default=False, server_default=false())
