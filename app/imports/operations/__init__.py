"""Putting a file aside, taking its members in, taking that back, and inviting them. Nothing here looks at a request."""

from __future__ import annotations

from sqlalchemy import delete

from app.core.db import db
from app.imports.models import ImportedMember, ImportUpload
from app.imports.operations.inviting import INVITATION, invitation_context, invite_all, preview
from app.imports.operations.opening import are_counted, check, unopened
from app.imports.operations.staging import choose_numbers, discard, purge_uploads, stage
from app.imports.operations.taking import Importer, Outcome, take_in
from app.imports.operations.undoing import undo

__all__ = [
    "INVITATION",
    "Importer",
    "Outcome",
    "are_counted",
    "check",
    "choose_numbers",
    "discard",
    "forget_member",
    "invitation_context",
    "invite_all",
    "preview",
    "purge_uploads",
    "stage",
    "take_in",
    "undo",
    "unopened",
]


def forget_member(user_id: int) -> None:
    """Takes away what an import has noted about somebody whose account is emptied, and the files that wait for them."""
    db.session.execute(delete(ImportedMember).where(ImportedMember.user_id == user_id))
    db.session.execute(delete(ImportUpload).where(ImportUpload.uploader_id == user_id))
