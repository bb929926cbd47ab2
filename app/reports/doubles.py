"""Reports by and about a member who turned out to be another one."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, and_, exists, select, update
from sqlalchemy.orm import aliased

from app.core.db import db
from app.core.doubles import hand_over
from app.core.registry import Merger
from app.reports.models import MEMBER, WAITING, Report

REPORTS: Table = Report.__table__  # type: ignore[assignment]


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """Both sides change hands. What one said about the other stays, and what both were told by one and the same."""
    told = hand_over(REPORTS, "reporter_id", duplicate_id, kept_id, _told(kept_id, duplicate_id))
    about = _about(kept_id, duplicate_id)
    pages = list(db.session.scalars(select(Report.id).where(Report.id.in_(about), Report.subject_kind == MEMBER)))
    db.session.execute(update(REPORTS).where(REPORTS.c.id.in_(pages)).values(subject_id=kept_id))
    return {
        "told": told,
        "about": hand_over(REPORTS, "reported_id", duplicate_id, kept_id, about),
        "pages": pages,
        "handled": hand_over(REPORTS, "handled_by_id", duplicate_id, kept_id),
    }


def take_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    hand_over(REPORTS, "handled_by_id", kept_id, duplicate_id, done["handled"])
    db.session.execute(update(REPORTS).where(REPORTS.c.id.in_(done["pages"])).values(subject_id=duplicate_id))
    hand_over(REPORTS, "reported_id", kept_id, duplicate_id, done["about"])
    hand_over(REPORTS, "reporter_id", kept_id, duplicate_id, done["told"])


def _told(kept_id: int, duplicate_id: int) -> list[int]:
    """Reports by the duplicate that can be the kept member's: not about him, and no second one that waits."""
    own = aliased(Report)
    same = and_(own.subject_kind == Report.subject_kind, own.subject_id == Report.subject_id)
    twice = exists().where(own.reporter_id == kept_id, same, own.state.in_(WAITING), Report.state.in_(WAITING))
    mine = (Report.reporter_id == duplicate_id, Report.reported_id != kept_id, ~twice)
    return list(db.session.scalars(select(Report.id).where(*mine)))


def _about(kept_id: int, duplicate_id: int) -> list[int]:
    """Reports about the duplicate that can be about the kept member, by the same rules."""
    other = aliased(Report)
    same = and_(other.reporter_id == Report.reporter_id, other.subject_kind == MEMBER, Report.subject_kind == MEMBER)
    waiting = (other.state.in_(WAITING), Report.state.in_(WAITING))
    twice = exists().where(other.subject_id == kept_id, same, *waiting)
    theirs = (Report.reported_id == duplicate_id, Report.reporter_id != kept_id, ~twice)
    return list(db.session.scalars(select(Report.id).where(*theirs)))


MERGER = Merger(merge, take_apart)
