"""A chart has few levels, however large what it shows."""

from __future__ import annotations

import pytest

from app.core.charts import MOST_LEVELS, step_chart


@pytest.mark.parametrize("value", [0, 7, -7, 100, 401, 10**9, -(10**15), 4 * 10**18])
def test_levels_are_few(value: int) -> None:
    chart = step_chart([(0.0, 0), (0.5, value)], (5, 100), str, ["then", "now"], "")
    assert 2 <= len(chart.levels) <= MOST_LEVELS
    assert int(chart.levels[-1]) <= value <= int(chart.levels[0])
