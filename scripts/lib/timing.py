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
    limit: float | None = None  # for p95

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

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        return "kept" if self.p95 <= self.limit else f"over {self.limit:g} ms"

    def as_json(self) -> dict[str, object]:
        figures = {"p50": self.p50, "p95": self.p95, "p99": self.p99, "max": self.worst}
        rounded = {name: round(figure, 3) for name, figure in figures.items()}
        judged = {} if self.limit is None else {"limit": self.limit, "verdict": self.verdict}
        return {"name": self.name, "samples": len(self.samples), **rounded, **judged}


def timed(name: str, work: Callable[[Input], object], inputs: Iterable[Input]) -> Timing:
    """How long `work` takes for each of `inputs`, once: what a busy machine adds counts too."""
    return Timing(name, [_once(work, value) for value in inputs])


def _once(work: Callable[[Input], object], value: Input) -> float:
    start = time.perf_counter()
    work(value)
    return (time.perf_counter() - start) * 1000
