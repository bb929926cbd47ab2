"""The audit trail: one line for each security-relevant thing, in the same transaction as the thing itself."""

from __future__ import annotations

from flask import has_request_context, request

from app.core.db import db
from app.core.models import AuditEvent


def record(action: str, *, actor_id: int | None, subject_id: int | None, detail: str = "") -> None:
    """Adds a line; `actor_id` None is the command line."""
    address = (request.remote_addr or "")[:45] if has_request_context() else ""
    db.session.add(
        AuditEvent(actor_id=actor_id, subject_id=subject_id, action=action, address=address, detail=detail[:2000])
    )
