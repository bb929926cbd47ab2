"""The formulas: their ranges, and that the points that are shown sum to the score."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.directory import scoring
from app.directory.filters import LEARN, TEACH
from app.directory.reasons import reasons_for, skill_weights
from app.directory.scoring import Meeting

LEVELS = st.integers(1, 5)
MEETINGS = st.builds(Meeting, LEVELS, LEVELS, st.integers(1, 3))


@pytest.mark.parametrize(
    ("offered", "wanted", "percent"),
    [(5, 1, 100), (4, 2, 100), (3, 2, 90), (3, 3, 60), (2, 3, 25), (2, 4, 10), (1, 5, 10)],
)
def test_level_fit(offered: int, wanted: int, percent: int) -> None:
    assert scoring.level_fit(offered, wanted) == percent


@given(st.lists(MEETINGS, min_size=1, max_size=50))
def test_a_direction_stays_in_its_range(meetings: list[Meeting]) -> None:
    assert 2 <= scoring.direction_score(meetings) <= scoring.DIRECTION_MOST


@given(st.integers(2, 100), st.integers(2, 100))
def test_the_weaker_direction_decides(a: int, b: int) -> None:
    mean = scoring.harmonic_mean(a, b)
    assert min(a, b) <= mean <= min(2 * min(a, b), max(a, b))
    assert mean == scoring.harmonic_mean(b, a)


@given(st.integers(0, 168), st.booleans(), st.booleans(), st.booleans())
def test_bonuses_are_bounded(hours: int, place: bool, language: bool, style: bool) -> None:
    assert 0 <= scoring.bonuses(hours, place, language, style) <= scoring.SCORE_MOST - scoring.DIRECTION_MOST


@given(st.integers(0, 500), st.lists(st.integers(1, 100_000), max_size=60))
def test_shares_sum_to_the_whole(total: int, weights: list[int]) -> None:
    shares = scoring.allot(total, weights)
    assert sum(shares) == (total if weights else 0)
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - total * weight / sum(weights)) < 1


def test_equal_remainders_go_to_the_first() -> None:
    assert scoring.allot(10, [1, 1, 1]) == [4, 3, 3]


@given(
    teach=st.lists(MEETINGS, max_size=12),
    learn=st.lists(MEETINGS, max_size=12),
    hours=st.integers(0, 168),
    place=st.sampled_from(["", "riverton"]),
    language=st.sampled_from([None, "es"]),
    style=st.sampled_from(["", "doing", "reading", "talking", "watching"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_points_sum_to_the_score(
    in_request: None,
    teach: list[Meeting],
    learn: list[Meeting],
    hours: int,
    place: str,
    language: str | None,
    style: str,
) -> None:
    if not teach and not learn:
        return
    base = base_of(teach, learn)
    row = SimpleNamespace(
        name="Bob", location="Riverton", base=base, shared_hours=hours, same_place=place, shared_language=language,
        same_style=style,
    )  # fmt: skip
    reasons = reasons_for(row, [*rows(TEACH, teach), *rows(LEARN, learn)])
    assert sum(reason.points for reason in reasons) == base + scoring.bonuses(
        hours, bool(place), language is not None, bool(style)
    )
    assert all(reason.points >= 0 for reason in reasons)
    assert len({reason.text for reason in reasons}) == len(reasons)


@given(st.lists(MEETINGS, min_size=1, max_size=12), st.lists(MEETINGS, min_size=1, max_size=12))
def test_both_directions_weigh_the_same(teach: list[Meeting], learn: list[Meeting]) -> None:
    weights = skill_weights([*rows(TEACH, teach), *rows(LEARN, learn)])
    assert sum(weights[: len(teach)]) == sum(weights[len(teach) :])


@pytest.fixture
def in_request(shared_app: Flask) -> Any:
    with shared_app.test_request_context():
        yield


def base_of(teach: list[Meeting], learn: list[Meeting]) -> int:
    if teach and learn:
        return scoring.harmonic_mean(scoring.direction_score(teach), scoring.direction_score(learn))
    return scoring.direction_score(teach or learn)


def rows(direction: str, meetings: list[Meeting]) -> list[Any]:
    return [
        SimpleNamespace(direction=direction, name=f"Skill {n}", **vars(meeting)) for n, meeting in enumerate(meetings)
    ]
