"""What the first page shows: to a stranger why to join, to a member what waits."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from app.accounts.models import User
from app.accounts.viewer import Viewer
from app.core.db import db
from app.skills import queries as skill_queries

MANY = 1000


def for_stranger() -> dict[str, Any]:
    """`skill_names`: popular skills; `member_count_text`: how many are here, exact up to 1,000."""
    few = select(User.id).where(User.is_visible).limit(MANY + 1).subquery()
    count = db.session.scalar(select(func.count()).select_from(few)) or 0
    names = [row.name for row in db.session.execute(skill_queries.popular(12))]
    return {"skill_names": names, "member_count": count, "member_count_text": "1,000+" if count > MANY else str(count)}


def for_member(viewer: Viewer) -> dict[str, Any]:
    return {"viewer": viewer}
