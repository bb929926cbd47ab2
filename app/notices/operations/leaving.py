"""An account is emptied: what its member was told goes with it."""

from __future__ import annotations

from sqlalchemy import delete

from app.core.db import db
from app.notices.models import Digest, LookingAt, Notice, NoticePreference


def forget_member(user_id: int) -> None:
    """Announcements that the member wrote for the community stay; so does nothing else."""
    for model in (Notice, NoticePreference, LookingAt, Digest):
        db.session.execute(delete(model).where(model.user_id == user_id))
