"""What two members agree on, and when two agreements are the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.core.text import fold
from app.exchange.models.exchanges import GIFT


class Step(Protocol):
    """A leg as far as hours are counted."""

    @property
    def teacher_id(self) -> int: ...

    @property
    def learner_id(self) -> int: ...


@dataclass(frozen=True)
class Leg:
    """`teacher` does for `learner` what `about` says, for `minutes`."""

    teacher_id: int
    learner_id: int
    about: str
    minutes: int
    skill_id: int | None = None


@dataclass(frozen=True)
class Terms:
    """`starts_at` is a first time to meet that is proposed along, `zone` the proposer's."""

    kind: str
    legs: Sequence[Leg]
    place: str = ""
    link: str = ""
    starts_at: datetime | None = None
    zone: str = ""
    note: str = ""
    post_id: int | None = None

    @property
    def fingerprint(self) -> str:
        """The same for the same agreement, whoever proposes it; the legs name all who take part."""
        legs = sorted([leg.teacher_id, leg.learner_id, fold(leg.about), leg.minutes] for leg in self.legs)
        moment = self.starts_at.isoformat() if self.starts_at else ""
        told = json.dumps([self.kind, legs, fold(self.place), self.link, moment], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()


def owed(kind: str, legs: Iterable[tuple[Step, int]]) -> dict[int, int]:
    """Minutes that each one who takes part gets more than he gives, less than nothing for who gives more.

    Each leg with the minutes that count. The sum is nothing; of a gift and of a swap of equal hours so is each.
    """
    balance: dict[int, int] = {}
    for leg, minutes in legs:
        counted = 0 if kind == GIFT else minutes
        balance[leg.learner_id] = balance.get(leg.learner_id, 0) + counted
        balance[leg.teacher_id] = balance.get(leg.teacher_id, 0) - counted
    return balance
