"""Notices and wishes of a member who turned out to be another one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.core.doubles import copy_rows, hand_over, take_back
from app.core.registry import Merger
from app.notices.models import Announcement, Notice, NoticePreference

NOTICES: Table = Notice.__table__  # type: ignore[assignment]
PREFERENCES: Table = NoticePreference.__table__  # type: ignore[assignment]
ANNOUNCEMENTS: Table = Announcement.__table__  # type: ignore[assignment]


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """What only the duplicate was told changes hands; of how to be told, the kept member's own answers count."""
    return {
        "notices": hand_over(NOTICES, "user_id", duplicate_id, kept_id, _new_to(kept_id, duplicate_id)),
        "notices_from": hand_over(NOTICES, "from_id", duplicate_id, kept_id),
        "preferences": copy_rows(PREFERENCES, "user_id", kept_id, duplicate_id),
        "announcements": hand_over(ANNOUNCEMENTS, "author_id", duplicate_id, kept_id),
    }


def take_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(ANNOUNCEMENTS, "author_id", kept_id, duplicate_id, done["announcements"])
    take_back(PREFERENCES, "user_id", kept_id, done["preferences"])
    hand_over(NOTICES, "from_id", kept_id, duplicate_id, done["notices_from"])
    hand_over(NOTICES, "user_id", kept_id, duplicate_id, done["notices"])


def _new_to(kept_id: int, duplicate_id: int) -> list[int]:
    """But for events that the kept member was told of too, and bursts of a conversation that both have open."""
    own = aliased(Notice)
    same_event = select(own.id).where(own.user_id == kept_id, own.key == Notice.key).exists()
    same_burst = select(own.id).where(
        own.user_id == kept_id, own.group_key == Notice.group_key, own.opens_burst, own.read_at.is_(None)
    )
    both_open = Notice.opens_burst & Notice.read_at.is_(None) & same_burst.exists()
    return list(db.session.scalars(select(Notice.id).where(Notice.user_id == duplicate_id, ~same_event, ~both_open)))


MERGER = Merger(merge, take_apart)
