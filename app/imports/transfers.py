"""The transfers in an archive of TimeOverflow: read to see that they make the balances, and not kept."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from flask_babel import gettext as _

from app.core.errors import DomainError
from app.core.money import plain_amount
from app.core.text import clean, fold, printable
from app.imports import columns as c
from app.imports.tables import FIELD, decoded, records
from app.imports.values import Fault, Person, shown, whole_minutes

COLUMNS = 5
FROM, TO, QUANTITY = 1, 2, 4
MOST_ROWS = 300_000
MOST_OTHERS = 6
HOURS_AND_MINUTES = re.compile(r"(\d{1,6}):([0-5]\d)", re.ASCII)
MEMBER = re.compile(r"(.+) \((\d{1,9})\)")
# An amount is written without its seconds.
LOST = 59


@dataclass
class Moved:
    """In minutes by party, as the archive names it; how many transfers a party gave and got."""

    sums: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    got: Counter[str] = field(default_factory=Counter)
    count: int = 0


@dataclass(frozen=True)
class Compared:
    """`others` are the parties that are no members of the list, the largest first, with their minutes."""

    faults: list[Fault]
    others: list[tuple[str, int]]
    count: int


def read(content: bytes) -> Moved:
    """Raises DomainError (field "upload") for what is no list of transfers."""
    text, _encoding = decoded(content)
    moved = Moved()
    rows = records(text, ",")
    line, header = next(rows, (0, list[str]()))
    if header and len(header) != COLUMNS:
        raise _unreadable(line)
    for number, (line, row) in enumerate(rows, start=1):
        if number > MOST_ROWS or len(row) != COLUMNS:
            raise _unreadable(line)
        _add(moved, row, line)
    return moved


def compare(people: list[Person], moved: Moved, headers: dict[str, str]) -> Compared:
    """Each member's balance against the sum of the member's transfers.

    Where all balances are whole minutes they have to be equal. A bank that counts seconds writes its transfers
    without them, so there the balance has to be one that such transfers can make.
    """
    exact = all((person.balance or 0) % 60 == 0 for person in people)
    parties = {_key(party): party for party in moved.sums}
    faults, seen = list[Fault](), set[str | None]()
    for person in people:
        party = parties.get((person.name_key, person.number))
        minutes = moved.sums[party] if party else 0
        given, got = (moved.given[party], moved.got[party]) if party else (0, 0)
        seen.add(party)
        least, most = (0, 0) if exact else (-LOST * given, LOST * got)
        if not least <= (person.balance or 0) - minutes * 60 <= most:
            faults.append(_differs(person, minutes, headers))
    others = [(party, minutes) for party, minutes in moved.sums.most_common() if party not in seen and minutes]
    others.sort(key=lambda other: -abs(other[1]))
    return Compared(faults, others[:MOST_OTHERS], moved.count)


def _add(moved: Moved, row: list[str], line: int) -> None:
    quantity = row[QUANTITY].strip()
    known = HOURS_AND_MINUTES.fullmatch(quantity)
    if not known and quantity != "0":
        raise _unreadable(line)
    minutes = int(known[1]) * 60 + int(known[2]) if known else 0
    giver, getter = (clean(printable(row[place])) for place in (FROM, TO))
    moved.count += 1
    moved.sums[giver] -= minutes
    moved.sums[getter] += minutes
    moved.given[giver] += 1
    moved.got[getter] += 1


def _key(party: str) -> tuple[str, int | None]:
    """As a member is known by: "Ana Pérez (12)" is a name and a number, everything else a name."""
    named = MEMBER.fullmatch(party)
    return (fold(named[1]), int(named[2])) if named else (fold(party), None)


def _differs(person: Person, minutes: int, headers: dict[str, str]) -> Fault:
    listed = plain_amount(whole_minutes(person.balance or 0))
    reason = _(
        "%(name)s's transfers in this archive make %(sum)s, the list says %(listed)s.",
        name=person.name,
        sum=plain_amount(minutes),
        listed=listed,
    )
    return Fault(person.line, headers.get(c.BALANCE, c.BALANCE), shown(str(person.balance or 0)), reason)


def _unreadable(line: int) -> DomainError:
    text = _("The list of transfers in this archive cannot be read: line %(line)d is not as expected.", line=line)
    return DomainError(text, FIELD)
