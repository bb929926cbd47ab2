"""Milliseconds of repeated work, and what is told about them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

Input = TypeVar("Input")


@dataclass(frozen=True)
class Timing:
    """All figures in milliseconds."""

    name: str
    samples: list[float]

    def at(self, share: float) -> float:
        return sorted(self.samples)[min(len(self.samples) - 1, int(share * len(self.samples)))]

    @property
    def p50(self) -> float:
        return self.at(0.50)

    @property
    def p95(self) -> float:
        return self.at(0.95)

    @property
    def p99(self) -> float:
        return self.at(0.99)

    @property
    def worst(self) -> float:
        return max(self.samples)

    def as_json(self) -> dict[str, object]:
        figures = {"p50": self.p50, "p95": self.p95, "p99": self.p99, "max": self.worst}
        return {"name": self.name, "samples": len(self.samples), **{k: round(v, 3) for k, v in figures.items()}}


def timed(name: str, work: Callable[[Input], object], inputs: Iterable[Input]) -> Timing:
    """How long `work` takes for each of `inputs`, once: what a busy machine adds counts too."""
    return Timing(name, [_once(work, value) for value in inputs])


def _once(work: Callable[[Input], object], value: Input) -> float:
    start = time.perf_counter()
    work(value)
    return (time.perf_counter() - start) * 1000
