"""The filters beside the results: facets with their counts, and what is filtered as chips that take it off again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from flask_babel import format_decimal, get_locale, ngettext
from flask_babel import gettext as _

from app.core.templating import language_name
from app.directory.filters import Arguments, MemberFilters
from app.directory.queries import facets as counted
from app.skills.levels import LEVELS

# Fields of one value: what was typed may have been cleaned, so they are known by their name alone.
SINGLE = ("q", "skill", "kind", "level", "part")
SEVERAL = ("category", "language", "place", "weekday")


@dataclass(frozen=True)
class Option:
    """`count_text` is exact, or a lower bound such as "1,000+"; `id` keeps the focus where it is after an update."""

    value: str
    label: str
    count_text: str
    checked: bool
    id: str


@dataclass(frozen=True)
class Chip:
    label: str
    url: str


@dataclass(frozen=True)
class Panel:
    total_text: str
    total: int
    category: list[Option]
    level: list[Option]
    language: list[Option]
    place: list[Option]
    weekday: list[Option]
    part: list[Option]
    chips: list[Chip]


class Counts:
    """The rows of queries.facets, by facet."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self.rows: dict[str, list[Any]] = {}
        for row in rows:
            self.rows.setdefault(row.facet, []).append(row)
        self.totals = {row.value: row.count for row in self.rows[counted.TOTAL]}

    @property
    def total(self) -> int:
        return self.totals[""]

    @property
    def skill_name(self) -> str:
        """The name of the skill that is looked for, "" when there is none."""
        return next((row.label for row in self.rows.get(counted.SKILL, [])), "")

    def full(self, facet: str) -> bool:
        """Whether the facet's candidates were cut off, so that its counts are lower bounds."""
        return self.totals.get(facet, self.total) >= counted.MOST

    def of(self, facet: str) -> dict[str, Any]:
        return {row.value: row for row in self.rows.get(facet, [])}


def panel(filters: MemberFilters, counts: Counts, arguments: Arguments, here: str) -> Panel:
    """`arguments` are the request's, `here` the page's path."""
    lists = {
        "category": _named(counts, "category", filters.category, by_size=False),
        "language": _named(counts, "language", filters.language, by_size=True),
        "place": _named(counts, "place", filters.place, by_size=True),
        "level": _levels(filters, counts),
        "weekday": _weekdays(filters, counts),
        "part": _parts(filters),
    }
    labels = {name: {option.value: option.label for option in options} for name, options in lists.items()}
    labels["skill"] = {filters.skill: counts.skill_name or filters.skill} if filters.skill else {}
    labels["kind"] = {"offer": _("Offers something"), "want": _("Wants something")}
    active = [(name, value, _chip_label(name, value, labels)) for name, value in active_values(filters)]
    chips = chips_of(active, arguments, here)
    return Panel(total_text=total_text(counts.total), total=counts.total, chips=chips, **lists)


def total_text(total: int) -> str:
    if total >= counted.MOST:
        return _("%(count)s+ members", count=format_decimal(counted.MOST - 1))
    return ngettext("%(num)d member", "%(num)d members", total)


def active_values(filters: MemberFilters) -> list[tuple[str, str]]:
    """(field, value) of everything that is filtered, as the address has it."""
    active = [(name, str(getattr(filters, name))) for name in SINGLE if getattr(filters, name)]
    return active + [(name, str(value)) for name in SEVERAL for value in getattr(filters, name)]


def chips_of(active: Sequence[tuple[str, str, str]], arguments: Arguments, here: str) -> list[Chip]:
    """A chip for each (field, value, label); its address is this page without it and from the first page on."""
    given = [(k, v) for k, v in arguments.items(multi=True) if k not in {"after", "before"} and v]
    return [
        Chip(label, _address(here, [pair for pair in given if not _is(pair, name, value)]))
        for name, value, label in active
    ]


def _is(pair: tuple[str, str], name: str, value: str) -> bool:
    return pair[0] == name and (pair[1] == value or name in SINGLE)


def _address(here: str, pairs: Sequence[tuple[str, str]]) -> str:
    return f"{here}?{urlencode(pairs)}" if pairs else here


def _chip_label(name: str, value: str, labels: dict[str, dict[str, str]]) -> str:
    if name == "q":
        return _("“%(text)s”", text=value)
    known = labels[name].get(value, value)
    return _("Level: %(level)s or more", level=LEVELS[int(value)]) if name == "level" else known


def _count_text(count: int, full: bool) -> str:
    shown = min(count, counted.MOST - 1)
    return format_decimal(shown) + ("+" if full or count >= counted.MOST else "")


def _named(counts: Counts, facet: str, chosen: Sequence[str], *, by_size: bool) -> list[Option]:
    """What is chosen stands first, even where nobody is left; then by size or by name."""
    rows, full = counts.of(facet), counts.full(facet)
    sizes = {**dict.fromkeys(chosen, 0), **{value: row.count for value, row in rows.items()}}
    options = [
        Option(value, _label(facet, value, rows), _count_text(size, full), value in chosen, "")
        for value, size in sizes.items()
    ]
    options.sort(key=lambda o: (not o.checked, -sizes[o.value] if by_size else 0, o.label.casefold()))
    return _with_ids(facet, options)


def _label(facet: str, value: str, rows: dict[str, Any]) -> str:
    if facet == "language":
        return language_name(value)
    return rows[value].label if value in rows else value


def _levels(filters: MemberFilters, counts: Counts) -> list[Option]:
    """Those who reach a level at least: the counts are summed from the top down."""
    rows, full = counts.of("level"), counts.full("level")
    reached = {n: sum(int(row.count) for value, row in rows.items() if int(value) >= n) for n in range(2, 6)}
    options = [Option("", _("Any level"), "", not filters.level, "")]
    for n in range(2, 6):
        name = str(LEVELS[n]) if n == 5 else _("%(level)s or more", level=LEVELS[n])
        options.append(Option(str(n), name, _count_text(reached[n], full), filters.level == n, ""))
    return options


def _weekdays(filters: MemberFilters, counts: Counts) -> list[Option]:
    rows, full = counts.of("weekday"), counts.full("weekday")
    options = []
    for n, name in enumerate(weekday_names()):
        count = rows[str(n)].count if str(n) in rows else 0
        options.append(Option(str(n), name, _count_text(count, full), n in filters.weekday, ""))
    return _with_ids("weekday", options)


def _parts(filters: MemberFilters) -> list[Option]:
    names = {
        "": _("Any time of day"),
        "morning": _("Morning, 6–12"),
        "afternoon": _("Afternoon, 12–18"),
        "evening": _("Evening, 18–24"),
    }
    return [Option(value, name, "", value == filters.part, "") for value, name in names.items()]


def weekday_names() -> list[str]:
    """Monday first, in the reader's language, as they stand alone."""
    names = (get_locale() or Locale("en")).days["stand-alone"]["wide"]
    return [names[n][:1].upper() + names[n][1:] for n in range(7)]


def _with_ids(facet: str, options: Sequence[Option]) -> list[Option]:
    """Ids from the values; what is no letter, digit or hyphen is spelled as its code point, so that none repeats."""
    return [
        Option(o.value, o.label, o.count_text, o.checked, f"{facet}-" + "".join(map(_id_letter, o.value)))
        for o in options
    ]


def _id_letter(letter: str) -> str:
    return letter if letter == "-" or (letter.isascii() and letter.isalnum()) else f"_{ord(letter):x}"
