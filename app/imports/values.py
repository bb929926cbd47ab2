"""What stands in the cells: each is read into what a member is made of, or named as a fault. Knows no database."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import cache

from babel import Locale, UnknownLocaleError
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts import emails, languages, names, phones
from app.accounts.operations.offline import HIGHEST_NUMBER
from app.core.clock import now
from app.core.errors import DomainError
from app.core.money import parse_amount
from app.core.text import clean, clean_lines, fold, has_forbidden, printable, turns_the_line
from app.imports import columns as c
from app.imports.models import TIMEOVERFLOW
from app.imports.tables import Row, Table
from app.skills.operations import AT_MOST, name_problem
from app.skills.spelling import plain_key

# What is typed by mistake has more digits; 10,000 hours, in seconds.
LARGEST_BALANCE = 36_000_000
SECONDS_A_MINUTE = 60
LONGEST = {c.PLACE: 80, c.ABOUT: 1000, c.NOTE: 2000}
LONGEST_SHOWN = 80
# No cell needs more; and who has mended so many faults knows what the others are.
LONGEST_CELL = 5000
MOST_FAULTS = 10_000
DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S %z")
SHORTEST_YEAR = 1900
BETWEEN_SKILLS = re.compile(r"[,;|\n]")
BETWEEN_LANGUAGES = re.compile(r"[,;|/\n]")
# A spreadsheet shows what begins like a formula with an apostrophe before it; so do our own files.
APOSTROPHE = re.compile(r"^'(?=[=+\-@])")


NO_NUMBER = _l("A number is whole, from 1 to %(most)d.", most=HIGHEST_NUMBER)
NO_BALANCE = _l("A balance is a whole number of seconds.")
NO_HOURS = _l("Write hours and minutes as 3:30 or 3.5, in whole minutes, with a minus for what is owed.")


@dataclass(frozen=True)
class Fault:
    """One thing to mend: the line in the file, the column as the file calls it ("" for the row), what stands there."""

    line: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True)
class Person:
    """A row that can become a member. `balance` is in seconds; `email_key` and `email` are empty together."""

    line: int
    name: str = ""
    name_key: str = ""
    number: int | None = None
    email: str = ""
    email_key: str = ""
    phone: str = ""
    place: str = ""
    languages: tuple[str, ...] = ()
    joined: datetime | None = None
    offers: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    about: str = ""
    note: str = ""
    locale: str = ""
    balance: int | None = None


@dataclass(frozen=True)
class Checked:
    """Those rows that hold a name, an address and a number which can be compared, and all faults."""

    people: list[Person]
    faults: list[Fault]


def check(table: Table) -> Checked:
    """Every fault of every row, up to ten thousand; those of the file as a whole come last."""
    people: list[Person] = []
    faults: list[Fault] = []
    skill_problem = cache(name_problem)  # a few skills stand in most of the rows
    for row in table.rows:
        people.append(_Cells(row, table, faults, skill_problem).person())
        if len(faults) > MOST_FAULTS:
            break
    return Checked(people, faults + _doubles(people, table.headers))


def whole_minutes(seconds: int) -> int:
    """The nearest; half a minute away from zero, for what somebody has as for what somebody owes."""
    minutes = (abs(seconds) + SECONDS_A_MINUTE // 2) // SECONDS_A_MINUTE
    return minutes if seconds >= 0 else -minutes


def shown(value: str) -> str:
    """`value` as a page can show it."""
    text = clean(printable(value))
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


class _Cells:
    """One row while it is read; a cell that cannot be taken counts as empty and adds a fault."""

    def __init__(self, row: Row, table: Table, faults: list[Fault], skill_problem: Callable[[str], str]) -> None:
        self.row, self.kind, self.headers = row, table.kind, table.headers
        self.faults, self.skill_problem = faults, skill_problem

    def person(self) -> Person:
        if self.row.extra:
            self.refuse(c.WHOLE_ROW, "", _("More values than columns: put a text with a separator in quotation marks."))
        person = Person(
            line=self.row.line,
            name=self.taken(c.NAME, self._name),
            number=self._whole(c.NUMBER, 1, HIGHEST_NUMBER, NO_NUMBER),
            email=self.taken(c.EMAIL, lambda text: emails.normal(text) if text else ""),
            phone=self._phones(),
            place=self.taken(c.PLACE, lambda text: self._short(c.PLACE, text)),
            languages=self._languages(),
            joined=self._joined(),
            offers=self._skills(c.OFFERS),
            wants=self._skills(c.WANTS),
            about=self.taken(c.ABOUT, lambda text: self._short(c.ABOUT, text), clean_lines),
            note=self.taken(c.NOTE, lambda text: self._short(c.NOTE, text), clean_lines),
            locale=self.text(c.LOCALE, clean).lower()[:10],
            balance=self._balance(),
        )
        return replace(person, name_key=fold(person.name), email_key=emails.key(person.email) if person.email else "")

    def refuse(self, column: str, value: str, reason: str) -> None:
        self.faults.append(Fault(self.row.line, self.headers.get(column, column), shown(value), reason))

    def text(self, column: str, cleaner: Callable[[str], str]) -> str:
        """The cell, "" when it holds what no column takes."""
        raw = APOSTROPHE.sub("", self.row.cells.get(column, ""))
        if len(raw) > LONGEST_CELL:
            self.refuse(column, raw[:LONGEST_SHOWN], _too_long(len(raw), LONGEST_CELL))
            return ""
        if has_forbidden(raw) or turns_the_line(raw):
            self.refuse(column, raw, _("There is an invisible character in it that cannot be stored. Type it anew."))
            return ""
        return cleaner(raw)

    def taken(self, column: str, read: Callable[[str], str], cleaner: Callable[[str], str] = clean) -> str:
        raw_is_fine = len(self.faults)
        text = self.text(column, cleaner)
        if len(self.faults) > raw_is_fine:
            return ""
        try:
            return read(text)
        except DomainError as error:
            self.refuse(column, text, error.message)
            return ""

    def _name(self, text: str) -> str:
        if not text:
            raise DomainError(_("The name is missing."))
        names.require_good(text)
        return text

    def _short(self, column: str, text: str) -> str:
        if len(text) > LONGEST[column]:
            raise DomainError(_too_long(len(text), LONGEST[column]))
        return text

    def _whole(self, column: str, least: int, most: int, reason: LazyString) -> int | None:
        text = self.text(column, clean)
        if not text:
            return None
        number = int(text) if re.fullmatch(r"-?\d{1,17}", text, re.ASCII) else None
        if number is None or not least <= number <= most:
            self.refuse(column, text, str(reason))
            return None
        return number

    def _balance(self) -> int | None:
        """TimeOverflow writes seconds, a person hours."""
        if self.kind == TIMEOVERFLOW:
            seconds = self._whole(c.BALANCE, -(2**53), 2**53, NO_BALANCE)
        else:
            text = self.text(c.BALANCE, clean)
            try:
                seconds = parse_amount(text) * SECONDS_A_MINUTE if text else None
            except DomainError:
                self.refuse(c.BALANCE, text, str(NO_HOURS))
                return None
        if seconds is not None and abs(seconds) > LARGEST_BALANCE:
            self.refuse(c.BALANCE, self.text(c.BALANCE, clean), _("More than 10,000 hours are not brought along."))
            return None
        return seconds

    def _phones(self) -> str:
        """TimeOverflow knows two; where both do not fit, the first one stays."""
        first, other = (self.taken(column, self._phone) for column in (c.PHONE, c.OTHER_PHONE))
        both = " / ".join(dict.fromkeys(text for text in (first, other) if text))
        return both if len(both) <= phones.LONGEST else first or other

    def _phone(self, text: str) -> str:
        phones.require_good(text)
        return text

    def _joined(self) -> datetime | None:
        text = self.text(c.JOINED, clean)
        if not text:
            return None
        moment = next((found for pattern in DATES if (found := moment_of(text, pattern))), None)
        if moment is None or moment.year < SHORTEST_YEAR:
            self.refuse(c.JOINED, text, _("There is no such day. Write it as 2019-03-01."))
        elif moment.date() > now().date():
            self.refuse(c.JOINED, text, _("This day has not come yet."))
        else:
            return min(moment, now())
        return None

    def _languages(self) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for part in self._parts(c.LANGUAGES, BETWEEN_LANGUAGES, languages.MOST):
            code = _language_codes().get(plain_key(part))
            if code is None:
                self.refuse(c.LANGUAGES, part, _("This language is not known here."))
            else:
                found[code] = None
        return tuple(found)

    def _skills(self, column: str) -> tuple[str, ...]:
        found: dict[str, str] = {}
        for part in self._parts(column, BETWEEN_SKILLS, AT_MOST):
            if problem := self.skill_problem(part):
                self.refuse(column, part, problem)
            else:
                found.setdefault(fold(part), part)
        return tuple(found.values())

    def _parts(self, column: str, between: re.Pattern[str], most: int) -> list[str]:
        parts = [part for piece in between.split(self.text(column, clean_lines)) if (part := clean(piece))]
        if len(parts) > most:
            self.refuse(
                column, "", _("There is room for %(max)d here, and it names %(found)d.", max=most, found=len(parts))
            )
        return parts[:most]


def moment_of(text: str, pattern: str) -> datetime | None:
    """A day without a time counts as its noon, so that it is the same day everywhere."""
    try:
        found = datetime.strptime(text, pattern)  # noqa: DTZ007 the zone follows
    except (ValueError, OverflowError):
        return None
    if "%H" not in pattern:
        found = datetime.combine(found.date(), time(12))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _too_long(found: int, most: int) -> str:
    return _("%(found)d characters; at most %(max)d, please.", found=found, max=most)


_codes: dict[str, str] = {}


def _language_codes() -> dict[str, str]:
    """Code and names in English, in Spanish and in the language itself → code."""
    if not _codes:
        spoken = sorted(languages.codes(), key=lambda code: (code in languages.COMMON, code))
        for code in spoken:
            named = [Locale("en").languages.get(code), Locale("es").languages.get(code), _own_name(code), code]
            _codes.update({plain_key(name): code for name in named if name})
    return _codes


def _own_name(code: str) -> str | None:
    try:
        return Locale(code).languages.get(code)
    except UnknownLocaleError:
        return None


def _doubles(people: list[Person], headers: dict[str, str]) -> list[Fault]:
    """What stands in the file twice: an address, a number, or somebody who can be told by the name alone."""
    reasons: list[tuple[str, Callable[[Person], object], Callable[[int], str]]] = [
        (c.EMAIL, lambda person: person.email_key, lambda line: _("The same address as in line %(line)d.", line=line)),
        (c.NUMBER, lambda person: person.number, lambda line: _("The same number as in line %(line)d.", line=line)),
        (
            c.NAME,
            lambda person: person.name_key if not person.email and not person.number else "",
            lambda line: _("The same name as in line %(line)d: give one of them a number.", line=line),
        ),
    ]
    found: list[Fault] = []
    for column, key_of, reason in reasons:
        first: dict[object, int] = {}
        for person in people:
            key = key_of(person)
            if key and first.setdefault(key, person.line) != person.line:
                value = str({c.EMAIL: person.email, c.NUMBER: person.number, c.NAME: person.name}[column])
                found.append(Fault(person.line, headers.get(column, column), shown(value), reason(first[key])))
    return found
