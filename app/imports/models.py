"""A file that waits for a yes, what was taken in, and which members came with it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Created, Identified, Model
from app.core.types import Json

CSV, TIMEOVERFLOW = "csv", "timeoverflow"


class ImportUpload(Identified, Created, Model):
    """A file that was looked at and not taken in; only its uploader sees it, and it goes at `expires_at`.

    `content` is the CSV, of an archive the one with the members; `archive` is the whole of it, None for a single file.
    `moves_numbers`: members who are here already and have a number of the file get another one.
    """

    __tablename__ = "import_uploads"
    __table_args__ = (
        CheckConstraint("kind IN ('csv', 'timeoverflow')", name="kind_known"),
        UniqueConstraint("uploader_id", "sha256"),
        Index("ix_import_uploads_expires_at", "expires_at"),
        NEVER_REUSE_IDS,
    )

    uploader_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    archive: Mapped[bytes | None] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))
    moves_numbers: Mapped[bool] = mapped_column(default=False, server_default=false())
    expires_at: Mapped[datetime]


class Import(Identified, Created, Model):
    """A file whose members were taken in, and by whom; `proposed_skills` are the ids of skills that it brought.

    `opened` counts the members who brought a balance. `brought` holds what upper features took of it, as JSON by their
    names.
    """

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("kind IN ('csv', 'timeoverflow')", name="kind_known"),
        CheckConstraint("added >= 0 AND known >= 0 AND opened >= 0 AND added + opened > 0", name="counts_range"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_by_somebody"),
        Index("ix_imports_created_at_id", "created_at", "id"),
        NEVER_REUSE_IDS,
    )

    actor_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(12))
    sha256: Mapped[str] = mapped_column(String(64))
    added: Mapped[int]
    known: Mapped[int]
    opened: Mapped[int] = mapped_column(default=0, server_default="0")
    proposed_skills: Mapped[list[int]] = mapped_column(Json, default=list)
    brought: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=text("'{}'"))
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))


class ImportedMember(Model):
    """A member who stood in an imported file, in which line. `is_new` ones came with it, the others were here.

    `balance_seconds` is what the file said the member had, `opening_id` the transfer that it became; None where there
    was nothing, where hours are not counted, and where an earlier import had opened the member's books.
    """

    __tablename__ = "imported_members"
    __table_args__ = (
        CheckConstraint("line > 0", name="line_positive"),
        UniqueConstraint("opening_id"),
        Index("ix_imported_members_user_id", "user_id"),
    )

    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int]
    is_new: Mapped[bool]
    balance_seconds: Mapped[int | None] = mapped_column(BigInteger)
    opening_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("transfers.id", ondelete="RESTRICT"))
    invited_at: Mapped[datetime | None]
