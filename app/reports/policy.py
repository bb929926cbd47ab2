"""Who may report whom and who may settle what; templates ask the same functions before they draw a button."""

from __future__ import annotations

from app.accounts import policy
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
    return member.is_active and policy.can_disable(viewer, member)
