"""Geometry of charts: a value over time as the steps of a line, in a box that the page stretches as it likes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, count, pairwise

WIDTH, HEIGHT = 1000, 300
MOST_LEVELS = 5


@dataclass(frozen=True)
class Chart:
    """`line` and `area` are paths in a box of WIDTH × HEIGHT; `levels` stand beside it at equal distances, from top to
    bottom, `moments` below it, from left to right; `zero` is the height of the zero line; `summary` says it all."""

    line: str
    area: str
    zero: float
    levels: tuple[str, ...]
    moments: tuple[str, ...]
    summary: str
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def grid(self) -> list[float]:
        """The heights of the levels."""
        parts = max(1, len(self.levels) - 1)
        return [round(self.height * n / parts, 1) for n in range(len(self.levels))]


def step_chart(
    points: Sequence[tuple[float, int]],
    steps: Sequence[int],
    say: Callable[[int], str],
    moments: Sequence[str],
    summary: str,
) -> Chart:
    """`points` are (share of the time, 0 to 1; the value from then on), in order, the first at 0. The distance of
    two levels is one of `steps`, the smallest that needs few of them, or a power of ten of the last; `say(value)`
    writes it."""
    values = [value for _share, value in points]
    low, high = min(0, *values), max(0, *values)
    wider = (steps[-1] * 10**power for power in count(1))
    known = chain(steps, wider)
    step = next(step for step in known if _ceil(high, step) - _floor(low, step) <= (MOST_LEVELS - 1) * step)
    bottom, top = _floor(low, step), max(_ceil(high, step), _floor(low, step) + step)

    def y(value: int) -> float:
        return round(HEIGHT * (top - value) / (top - bottom), 1)

    spots = [(round(WIDTH * share, 1), y(value)) for share, value in points]
    corners = [f"M{spots[0][0]} {spots[0][1]}"]
    corners += [f"H{after[0]}V{after[1]}" for _before, after in pairwise(spots)]
    line = "".join(corners) + f"H{WIDTH}"
    levels = tuple(say(value) for value in range(top, bottom - 1, -step))
    return Chart(line, f"{line}V{y(0)}H{spots[0][0]}Z", y(0), levels, tuple(moments), summary)


def _floor(value: int, step: int) -> int:
    return value // step * step


def _ceil(value: int, step: int) -> int:
    return -(-value // step) * step
