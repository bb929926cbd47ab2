"""A few members who fit best, for the pages of other packages."""

from __future__ import annotations

from flask import url_for

from app.accounts.viewer import Viewer
from app.core.clock import now
from app.core.db import db
from app.directory.cards import MatchCard, match_cards
from app.directory.filters import LEARN, TEACH, MatchFilters
from app.directory.queries import matches


def best_matches(viewer: Viewer, limit: int) -> list[MatchCard]:
    """The viewer's best mutual matches in two statements; none while taking a break."""
    if viewer.paused:
        return []
    moment = now()
    scored = matches.mutual(viewer, MatchFilters(), (), moment)
    columns = scored.selected_columns
    rows = db.session.execute(scored.order_by(columns.score.desc(), columns.id).limit(limit)).all()
    if not rows:
        return []
    met = db.session.execute(matches.meetings(viewer, [row.id for row in rows], (TEACH, LEARN), moment)).all()
    return match_cards(rows, met, prefix=f"{url_for('directory.members')}/")
