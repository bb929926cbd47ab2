"""How well two members fit, in integers, once as SQL and once in Python so that a test can hold one against the other.

A *want* meets an *offer* of the same skill. The offer should stand above the learner's own level:

    offered level - learner's level   2 or more    1    0   -1   -2 or less
    level fit in percent                    100   90   60   25           10

    points of one skill    = priority of the want (1..3) x level fit                           10..300
    score of a direction   = min(100, sum of the points / 4)                                   2..100
    base                   = harmonic mean of both directions, 2ab / (a + b)                   2..100
                             (of a one-way match: its direction's score)
    bonuses                = shared hours of the week, 1 each, at most 8
                             + same place 5 + a shared language 4 + same learning style 3      0..20
    score                  = base + bonuses                                                    2..120

Divisions drop the remainder. The harmonic mean lets one-sided matches sink: 100 and 2 give 3, 50 and 50 give 50.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Integer, case, literal
from sqlalchemy.orm import InstrumentedAttribute

# (offered level - learner's level at least, percent), the best first
LEVEL_FIT = ((2, 100), (1, 90), (0, 60), (-1, 25))
FAR_BELOW = 10
POINTS_A_STEP = 4
DIRECTION_MOST = 100
HOURS_MOST = 8
PLACE_BONUS = 5
LANGUAGE_BONUS = 4
STYLE_BONUS = 3
BONUSES_MOST = HOURS_MOST + PLACE_BONUS + LANGUAGE_BONUS + STYLE_BONUS
SCORE_MOST = DIRECTION_MOST + BONUSES_MOST

Number = ColumnElement[int] | InstrumentedAttribute[int]


@dataclass(frozen=True)
class Meeting:
    """One offer that meets one want: the levels of both and how much it matters to the learner."""

    offered: int
    wanted: int
    priority: int


def level_fit(offered: int, wanted: int) -> int:
    return next((percent for least, percent in LEVEL_FIT if offered - wanted >= least), FAR_BELOW)


def skill_points(meeting: Meeting) -> int:
    return meeting.priority * level_fit(meeting.offered, meeting.wanted)


def direction_score(meetings: Iterable[Meeting]) -> int:
    return min(DIRECTION_MOST, sum(map(skill_points, meetings)) // POINTS_A_STEP)


def harmonic_mean(a: int, b: int) -> int:
    """Rounded down; `a` and `b` are positive."""
    return 2 * a * b // (a + b)


def bonuses(shared_hours: int, same_place: bool, shared_language: bool, same_style: bool) -> int:
    fixed = PLACE_BONUS * same_place + LANGUAGE_BONUS * shared_language + STYLE_BONUS * same_style
    return min(HOURS_MOST, shared_hours) + fixed


def allot(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole shares after `weights` that sum to exactly `total`: largest remainders, the earlier one first.

    The Hamilton method of apportionment. Weights are positive; none of them gives no shares.
    """
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda n: (-(total * weights[n] % whole), n))
    for n in by_remainder[: total - sum(shares)]:
        shares[n] += 1
    return shares


def skill_points_sql(offered: Number, wanted: Number, priority: Number) -> ColumnElement[int]:
    fit = case(*((offered - wanted >= least, percent) for least, percent in LEVEL_FIT), else_=FAR_BELOW)
    return priority * fit


def direction_score_sql(points: Number) -> ColumnElement[int]:
    """`points`: the sum over a direction's skills."""
    return at_most_sql(points // literal(POINTS_A_STEP, Integer), DIRECTION_MOST)


def harmonic_mean_sql(a: Number, b: Number) -> ColumnElement[int]:
    return (2 * a * b) // (a + b)


def at_most_sql(value: Number, most: int) -> ColumnElement[int]:
    """min(value, most); the function's name differs between databases."""
    return case((value > most, most), else_=value)


def bonus_if_sql(condition: ColumnElement[bool], points: int) -> ColumnElement[int]:
    return case((condition, points), else_=0)
