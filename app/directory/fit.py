"""How one other member fits, for pages that show a pair instead of a list."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.queries import Looking
from app.core.clock import now
from app.core.db import AnyRow, db
from app.directory.filters import LEARN, TEACH, MatchFilters
from app.directory.queries import matches
from app.directory.reasons import Reason, reasons_for


@dataclass(frozen=True)
class Fit:
    """`mutual` is False where only one of the two has something for the other."""

    score: int
    mutual: bool
    reasons: list[Reason]


def fit_with(viewer: Looking, member_id: int) -> Fit | None:
    """Why the two fit, with the same points as among the matches; None where nothing meets or one takes a break."""
    moment = now()
    meetings = db.session.execute(matches.meetings(viewer, [member_id], (TEACH, LEARN), moment)).all()
    directions = {meeting.direction for meeting in meetings}
    if not directions:
        return None
    row = _scored(viewer, member_id, directions)
    return Fit(row.score, len(directions) > 1, reasons_for(row, meetings)) if row else None


def _scored(viewer: Looking, member_id: int, directions: set[str]) -> AnyRow | None:
    everybody, any_hour, moment = MatchFilters(), list[int](), now()
    if len(directions) > 1:
        statement = matches.mutual(viewer, everybody, any_hour, moment, only=member_id)
    else:
        (direction,) = directions
        statement = matches.one_way(viewer, direction, everybody, any_hour, moment, only=member_id)
    return db.session.execute(statement).one_or_none()
