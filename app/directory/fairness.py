"""Who is shown early although others have more points, and who late: newcomers, and members without a common language.

Every match has a standing, which goes before the score. Two newcomers, the best of them, have their places reserved
among the first twelve; on the page they stand where their points put them, or at the reserved place where that is
further up. Members who share no language with the viewer come after all who do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

APART, ORDINARY, RESERVED = 0, 1, 2
# A newcomer for so long after joining.
NEW_FOR = timedelta(days=30)
# How many of those who fit, the last by number, are looked at for newcomers.
LATEST = 100
# The sixth and the twelfth.
PLACES = (5, 11)


def arranged(rows: Sequence[Any]) -> list[Any]:
    """`rows` in the order of queries.matches.order, with those of RESERVED standing moved to where they are shown."""
    shown = [row for row in rows if row.standing != RESERVED]
    for row, place in zip([row for row in rows if row.standing == RESERVED], PLACES, strict=False):
        ahead = sum(other.standing != APART and _sorting(other) < _sorting(row) for other in shown)
        shown.insert(min(ahead, place), row)
    return shown


def _sorting(row: Any) -> tuple[int, int]:
    return -row.score, row.id
