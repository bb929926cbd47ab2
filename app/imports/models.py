"""A file that waits for a yes, what was taken in, and which members came with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Created, Identified, Model
from app.core.types import Json

CSV, TIMEOVERFLOW = "csv", "timeoverflow"


class ImportUpload(Identified, Created, Model):
    """A file that was looked at and not taken in; only its uploader sees it, and it goes at `expires_at`.

    `content` is the CSV, of an archive the one with the members. `moves_numbers`: members who are here already and
    have a number of the file get another one.
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
    sha256: Mapped[str] = mapped_column(String(64))
    moves_numbers: Mapped[bool] = mapped_column(default=False, server_default=false())
    expires_at: Mapped[datetime]


class Import(Identified, Created, Model):
    """A file whose members were taken in, and by whom; `proposed_skills` are the ids of skills that it brought."""

    __tablename__ = "imports"
    __table_args__ = (
        CheckConstraint("kind IN ('csv', 'timeoverflow')", name="kind_known"),
        CheckConstraint("added > 0 AND known >= 0", name="counts_range"),
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
    proposed_skills: Mapped[list[int]] = mapped_column(Json, default=list)
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))


class ImportedMember(Model):
    """A member who stood in an imported file, in which line. `is_new` ones came with it, the others were here.

    `balance_seconds` is what TimeOverflow said the member had, to be taken over once there is a ledger.
    """

    __tablename__ = "imported_members"
    __table_args__ = (
        CheckConstraint("line > 0", name="line_positive"),
        Index("ix_imported_members_user_id", "user_id"),
    )

    import_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    line: Mapped[int]
    is_new: Mapped[bool]
    balance_seconds: Mapped[int | None] = mapped_column(BigInteger)
    invited_at: Mapped[datetime | None]
