"""Reading imports: files that wait, what was taken in, who of it has not been invited yet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User, UserSession
from app.core.clock import now
from app.core.db import AnySelect, db
from app.imports.models import Import, ImportedMember, ImportUpload

UNDO_WITHIN = timedelta(hours=24)


def upload_of(uploader_id: int, upload_id: int) -> Select[ImportUpload]:
    """A file that waits for its uploader; nobody else's."""
    living = ImportUpload.expires_at > now()
    return select(ImportUpload).where(ImportUpload.id == upload_id, ImportUpload.uploader_id == uploader_id, living)


def waiting_uploads(uploader_id: int) -> AnySelect:
    """The files of this member that wait, the newest first: id, name, expires_at."""
    columns = select(ImportUpload.id, ImportUpload.name, ImportUpload.expires_at)
    living = (ImportUpload.uploader_id == uploader_id, ImportUpload.expires_at > now())
    return columns.where(*living).order_by(ImportUpload.id.desc())


def history() -> AnySelect:
    """Every import: id, name, kind, added, known, opened, created_at, actor, undone_at, undone_by, arrived (how many).

    The caller sorts and pages.
    """
    actor, undoer = aliased(User), aliased(User)
    arrived = (
        select(func.count())
        .select_from(ImportedMember)
        .join(User, User.id == ImportedMember.user_id)
        .where(ImportedMember.import_id == Import.id, ImportedMember.is_new.is_(True), has_arrived())
        .correlate(Import)
        .scalar_subquery()
    )
    told = (Import.id, Import.name, Import.kind, Import.added, Import.known, Import.opened, Import.created_at)
    named = select(
        *told, Import.undone_at, actor.name.label("actor"), undoer.name.label("undone_by"), arrived.label("arrived")
    )
    return named.join(actor, actor.id == Import.actor_id).outerjoin(undoer, undoer.id == Import.undone_by_id)


def has_arrived() -> ColumnElement[bool]:
    """Members who have been here themselves: with a password, a proven address or a session."""
    session = exists().where(UserSession.user_id == User.id)
    return or_(User.password_hash != "", User.is_verified.is_(True), User.last_login_at.is_not(None), session)


def uninvited() -> Select[int]:
    """The ids of imported members who have an address, and neither a password nor an invitation yet."""
    imported = exists().where(
        ImportedMember.user_id == User.id, ImportedMember.is_new.is_(True), ImportedMember.invited_at.is_(None)
    )
    waiting = and_(
        User.email.is_not(None), User.is_active.is_(True), User.closed_at.is_(None), User.approved_at.is_not(None)
    )
    return select(User.id).where(imported, waiting, ~has_arrived())


def uninvited_count() -> Select[int]:
    return select(func.count()).select_from(uninvited().subquery())


def export(user_id: int) -> dict[str, Any]:
    """What an import has noted about the member, as JSON-ready values."""
    columns = select(Import.created_at, ImportedMember.line, ImportedMember.balance_seconds, ImportedMember.invited_at)
    mine = columns.join(Import, Import.id == ImportedMember.import_id).where(ImportedMember.user_id == user_id)
    return {
        "imported": [
            {
                "at": row.created_at.isoformat(),
                "line": row.line,
                "balance_seconds": row.balance_seconds,
                "invited_at": row.invited_at.isoformat() if row.invited_at else None,
            }
            for row in db.session.execute(mine.order_by(Import.id))
        ]
    }
