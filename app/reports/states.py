"""How a report moves: looked at first, then resolved or dismissed, and that is the end."""

from __future__ import annotations

from app.core.states import Machine
from app.reports.models import DISMISSED, IN_REVIEW, OPEN, RESOLVED, Report, ReportEvent

REVIEW, RESOLVE, DISMISS = "review", "resolve", "dismiss"

REPORTS = Machine(
    Report,
    ReportEvent,
    {
        (OPEN, REVIEW): IN_REVIEW,
        (IN_REVIEW, RESOLVE): RESOLVED,
        (IN_REVIEW, DISMISS): DISMISSED,
    },
)
