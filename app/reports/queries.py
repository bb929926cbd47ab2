"""Reading reports: one's own, and the moderators' queue. A report about oneself is in nobody's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import Looking, moderators_count
from app.accounts.viewer import Viewer
from app.core.db import AnySelect, db
from app.reports.models import WAITING, Report, ReportEvent


def reports_by(viewer: Looking) -> AnySelect:
    """What `viewer` has reported: id, reason, words, state, created_at, updated_at, name of the reported."""
    reported = aliased(User)
    return (
        select(
            Report.id,
            Report.reason,
            Report.words,
            Report.state,
            Report.created_at,
            Report.updated_at,
            reported.name,
        )
        .join(reported, reported.id == Report.reported_id)
        .where(Report.reporter_id == viewer.id)
    )


def waiting_report_by(viewer_id: int, subject_kind: str, subject_id: int) -> Select[Report]:
    """The viewer's own report about this that nobody has settled yet; at most one."""
    return select(Report).where(
        Report.reporter_id == viewer_id,
        Report.subject_kind == subject_kind,
        Report.subject_id == subject_id,
        Report.state.in_(WAITING),
    )


def report_for(viewer: Viewer, report_id: int) -> Select[Report]:
    return select(Report).where(Report.id == report_id, _handled_by(viewer))


def queue_for(viewer: Viewer, states: tuple[str, ...], reason: str = "", mine: bool = False) -> AnySelect:
    """The reports in one of `states`: id, reason, state, created_at, reported, reporter, handler (names); the caller
    sorts them. `mine` are those that `viewer` handles."""
    reported, reporter, handler = aliased(User), aliased(User), aliased(User)
    statement = (
        select(
            Report.id,
            Report.reason,
            Report.state,
            Report.created_at,
            reported.name.label("reported"),
            reporter.name.label("reporter"),
            handler.name.label("handler"),
        )
        .join(reported, reported.id == Report.reported_id)
        .join(reporter, reporter.id == Report.reporter_id)
        .outerjoin(handler, handler.id == Report.handled_by_id)
        .where(Report.state.in_(states), _handled_by(viewer))
    )
    if reason:
        statement = statement.where(Report.reason == reason)
    if mine:
        statement = statement.where(Report.handled_by_id == viewer.id)
    return statement


def others_about(viewer: Viewer, report: Report, limit: int) -> AnySelect:
    """Further reports about the same member, the latest first: id, reason, state, created_at."""
    return (
        select(Report.id, Report.reason, Report.state, Report.created_at)
        .where(Report.reported_id == report.reported_id, Report.id != report.id, _handled_by(viewer))
        .order_by(Report.created_at.desc(), Report.id.desc())
        .limit(limit)
    )


def history_of(report_id: int) -> AnySelect:
    """What was done, the latest first: action, reason, at, actor (a name)."""
    return (
        select(ReportEvent.action, ReportEvent.reason, ReportEvent.at, User.name.label("actor"))
        .outerjoin(User, User.id == ReportEvent.actor_id)
        .where(ReportEvent.row_id == report_id)
        .order_by(ReportEvent.id.desc())
    )


def waiting_count(user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many reports wait for this moderator, 0 for members; rides along with the viewer's statement."""
    waiting = select(func.count(Report.id)).where(Report.state.in_(WAITING), Report.reported_id != user_id)
    return moderators_count(waiting.scalar_subquery())


def export(user_id: int) -> dict[str, Any]:
    """What the member reported, as JSON-ready values; what others reported about the member stays theirs."""
    mine = select(Report.reason, Report.words, Report.state, Report.created_at, Report.reported_id)
    rows = db.session.execute(mine.where(Report.reporter_id == user_id).order_by(Report.id))
    return {
        "reports": [
            {
                "member": row.reported_id,
                "reason": row.reason,
                "words": row.words,
                "state": row.state,
                "created_at": row.created_at.isoformat(),
            }
            for row in rows
        ]
    }


def _handled_by(viewer: Viewer) -> ColumnElement[bool]:
    return Report.reported_id != viewer.id if viewer.is_moderator else false()
