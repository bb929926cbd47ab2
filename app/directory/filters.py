"""What somebody looks for, read from the address; whatever makes no sense there is left out."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.core.text import clean, fold
from app.directory.week import PARTS
from app.skills.models import KINDS

SORTS = ("newest", "name")
LONGEST_TEXT = 100
MOST_WORDS = 6
MOST_VALUES = 20
LONGEST_VALUE = 240
TEACH, LEARN = "teach", "learn"

Arguments = MultiDict[str, str]


@dataclass(frozen=True)
class MemberFilters:
    """Within one field any of the values will do; the fields have to hold together.

    `level` is the least level. Skill, category, level and kind are about the same entry of a member; a level without
    a kind is about offers.
    """

    q: str = ""
    skill: str = ""
    kind: str = ""
    level: int = 0
    category: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    weekday: tuple[int, ...] = ()
    part: str = ""
    sort: str = SORTS[0]

    @property
    def words(self) -> list[str]:
        return fold(self.q).split()[:MOST_WORDS]

    @property
    def entry_kind(self) -> str:
        return self.kind or (KINDS[0] if self.level else "")


def member_filters(arguments: Arguments, signed_in: bool) -> MemberFilters:
    """Strangers look by text, skill, kind and category only: the rest would give away what they may not see."""
    open_to_all = MemberFilters(
        q=clean(arguments.get("q", ""))[:LONGEST_TEXT],
        skill=arguments.get("skill", "")[:LONGEST_VALUE],
        kind=_one_of(arguments, "kind", KINDS),
        category=_values(arguments, "category"),
        sort=_one_of(arguments, "sort", SORTS) or SORTS[0],
    )
    if not signed_in:
        return open_to_all
    return MemberFilters(
        q=open_to_all.q,
        skill=open_to_all.skill,
        kind=open_to_all.kind,
        category=open_to_all.category,
        sort=open_to_all.sort,
        level=_number(arguments, "level", 2, 5),
        language=_values(arguments, "language"),
        place=_values(arguments, "place"),
        weekday=_weekdays(arguments),
        part=_one_of(arguments, "part", tuple(PARTS)),
    )


@dataclass(frozen=True)
class MatchFilters:
    """`skill` is one of my own, `same_place` asks for members of my place."""

    skill: str = ""
    same_place: bool = False
    language: str = ""
    weekday: tuple[int, ...] = ()

    @property
    def active(self) -> int:
        return sum(map(bool, (self.skill, self.same_place, self.language, self.weekday)))


def match_filters(arguments: Arguments) -> MatchFilters:
    return MatchFilters(
        skill=arguments.get("skill", "")[:LONGEST_VALUE],
        same_place=arguments.get("place", "") == "mine",
        language=arguments.get("language", "")[:LONGEST_VALUE],
        weekday=_weekdays(arguments)[:1],
    )


def match_direction(arguments: Arguments) -> str:
    """Of the one-way matches: those who teach me, or those who want to learn from me."""
    return _one_of(arguments, "direction", (TEACH, LEARN)) or TEACH


def _one_of(arguments: Arguments, name: str, known: tuple[str, ...]) -> str:
    value = arguments.get(name, "")
    return value if value in known else ""


def _number(arguments: Arguments, name: str, least: int, most: int) -> int:
    value = arguments.get(name, "")
    return int(value) if value in {str(n) for n in range(least, most + 1)} else 0


def _values(arguments: Arguments, name: str) -> tuple[str, ...]:
    given = (value for value in arguments.getlist(name) if value and len(value) <= LONGEST_VALUE)
    return tuple(dict.fromkeys(given))[:MOST_VALUES]


def _weekdays(arguments: Arguments) -> tuple[int, ...]:
    return tuple(sorted({int(value) for value in arguments.getlist("weekday") if value in set("0123456")}))
