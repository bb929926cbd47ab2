"""A few members who fit best, for the pages of other packages."""

from __future__ import annotations

from flask import url_for

from app.accounts.viewer import Viewer
from app.core.clock import now
from app.directory.cards import MatchCard, match_cards
from app.directory.fetching import met_by, rows_of
from app.directory.queries import matches


def best_matches(viewer: Viewer, limit: int) -> list[MatchCard]:
    """The viewer's best mutual matches in two statements; none while taking a break."""
    if viewer.paused:
        return []
    scored, values = matches.scored(matches.Shape("", best=limit)), matches.values(viewer, now())
    best = scored.order_by(*(key.sorting for key in matches.order(scored))).limit(limit)
    rows = rows_of(best, values)
    return match_cards(rows, met_by(rows, values), f"{url_for('directory.members')}/")
