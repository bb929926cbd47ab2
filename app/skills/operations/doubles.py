"""Making one list of two members' lists, and two again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.orm import aliased

from app.core.db import db
from app.core.doubles import copy_rows, hand_over, moment_of, plain, take_back
from app.core.registry import Merger
from app.skills.models import Skill, UserSkill

LISTS: Table = UserSkill.__table__  # type: ignore[assignment]
SKILLS: Table = Skill.__table__  # type: ignore[assignment]
BETTER = ("level", "priority", "note", "paused_at")


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """What both have keeps the higher level and priority, and counts if it counted for one of them."""
    better = _join_doubles(kept_id, duplicate_id)
    return {
        "copied": copy_rows(LISTS, "user_id", kept_id, duplicate_id),
        "better": better,
        "proposed": hand_over(SKILLS, "proposed_by_id", duplicate_id, kept_id),
    }


def take_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    take_back(LISTS, "user_id", kept_id, done["copied"])
    for entry in done["better"]:
        row = db.session.get(UserSkill, (kept_id, entry["kind"], entry["skill_id"]), populate_existing=True)
        if row is not None and _told(row) == entry["after"]:
            row.level, row.priority, row.note = (entry["before"][name] for name in ("level", "priority", "note"))
            row.paused_at = moment_of(entry["before"]["paused_at"])
    hand_over(SKILLS, "proposed_by_id", kept_id, duplicate_id, done["proposed"])


def _join_doubles(kept_id: int, duplicate_id: int) -> list[dict[str, Any]]:
    kept, other = aliased(UserSkill), aliased(UserSkill)
    same = (kept.kind == other.kind) & (kept.skill_id == other.skill_id)
    pairs = select(kept, other).join(other, same).where(kept.user_id == kept_id, other.user_id == duplicate_id)
    changes = []
    for stays, goes in db.session.execute(pairs).all():
        before = _told(stays)
        stays.level, stays.priority = max(stays.level, goes.level), max(stays.priority, goes.priority)
        stays.note, stays.paused_at = stays.note or goes.note, stays.paused_at and goes.paused_at
        if (after := _told(stays)) != before:
            changes.append({"kind": stays.kind, "skill_id": stays.skill_id, "before": before, "after": after})
    db.session.flush()
    return changes


def _told(entry: UserSkill) -> dict[str, Any]:
    return {name: plain(getattr(entry, name)) for name in BETTER}


MERGER = Merger(merge, take_apart)
