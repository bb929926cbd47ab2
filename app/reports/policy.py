"""Who may report whom and who may settle what; templates ask the same functions before they draw a button."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.queries import Looking
from app.accounts.viewer import Viewer
from app.reports.models import Report
from app.reports.states import REPORTS


def can_report(viewer: Looking, member_id: int) -> bool:
    """Everybody but oneself."""
    return viewer.id not in (0, member_id)


def can_handle(viewer: Viewer, report: Report, action: str) -> bool:
    """Moderators, but never a report about themselves, and only what the report's state allows."""
    return viewer.is_moderator and report.reported_id != viewer.id and REPORTS.allows(report.state, action)


def can_disable(viewer: Viewer, member: User) -> bool:
    """Moderators switch members off; another moderator's or an administrator's account takes an administrator."""
    return member.is_active and member.id != viewer.id and (viewer.is_admin or member.role == "member")
