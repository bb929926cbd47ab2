"""How one other member fits, for pages that show a pair instead of a list."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.queries import Looking
from app.core.clock import now
from app.directory.fetching import rows_of
from app.directory.filters import LEARN, TEACH
from app.directory.queries import matches
from app.directory.queries.fits import ONLY
from app.directory.reasons import Reason, reasons_for


@dataclass(frozen=True)
class Fit:
    """`mutual` is False where only one of the two has something for the other."""

    score: int
    mutual: bool
    reasons: list[Reason]


def fit_with(viewer: Looking, member_id: int) -> Fit | None:
    """Why the two fit, with the same points as among the matches; None where nothing meets or one takes a break."""
    values = matches.values(viewer, now(), only=member_id)
    meetings = rows_of(matches.meetings(TEACH, LEARN), {**values, "member_ids": [member_id]})
    directions = {meeting.direction for meeting in meetings}
    if not directions:
        return None
    mutual = len(directions) > 1
    shape = matches.Shape("" if mutual else directions.pop(), frozenset({ONLY}))
    found = rows_of(matches.scored(shape), values)
    return Fit(found[0].score, mutual, reasons_for(found[0], meetings)) if found else None
