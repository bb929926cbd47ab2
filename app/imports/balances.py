"""Balances as they are brought along: seconds or hours become whole minutes, and add up to what somebody owes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from app.imports.values import Person, whole_minutes


@dataclass(frozen=True)
class Rounded:
    """A balance that was no whole number of minutes; `seconds` as it stands in the file."""

    name: str
    seconds: int
    minutes: int


@dataclass(frozen=True)
class Totals:
    """Of those who bring a balance: how many, what they have and owe together, in minutes, and what was rounded.

    The community itself holds the rest, which makes the books sum to zero: −`total`.
    """

    count: int = 0
    had: int = 0
    owed: int = 0
    rounded: list[Rounded] = field(default_factory=list)

    @property
    def total(self) -> int:
        return self.had - self.owed

    @property
    def rounded_by(self) -> int:
        """Seconds that rounding has added, less those that it has taken away."""
        return sum(each.minutes * 60 - each.seconds for each in self.rounded)


def totals_of(people: Iterable[Person]) -> Totals:
    opened = [(person, whole_minutes(person.balance or 0)) for person in people]
    rounded = [
        Rounded(person.name, person.balance or 0, minutes) for person, minutes in opened if (person.balance or 0) % 60
    ]
    amounts = [minutes for _person, minutes in opened if minutes]
    return Totals(len(amounts), sum(a for a in amounts if a > 0), -sum(a for a in amounts if a < 0), rounded)
