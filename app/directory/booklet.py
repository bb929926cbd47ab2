"""The printed directory: its members under every skill that they offer or want, and once more by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from app.core.db import AnyRow, db
from app.directory.queries import printed
from app.skills.models import OFFER, WANT
from app.skills.spelling import plain_key


@dataclass(frozen=True)
class PrintedSkill:
    name: str
    offering: Sequence[AnyRow]
    wanting: Sequence[AnyRow]


@dataclass(frozen=True)
class PrintedCategory:
    name: str
    skills: Sequence[PrintedSkill]


@dataclass
class Listed:
    """A member in the index; offers and wants are names of skills."""

    member: AnyRow
    offers: list[str] = field(default_factory=list)
    wants: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Booklet:
    """`agreed` counts everybody who agreed; the rest is what the chosen category and place leave.

    `all_categories` and `all_places` are what can be chosen: key → name.
    """

    agreed: int
    categories: Sequence[PrintedCategory]
    index: Sequence[Listed]
    all_categories: dict[str, str]
    all_places: dict[str, str]


def booklet(category: str = "", place: str = "") -> Booklet:
    """The booklet of one category (its slug) and one place (its key), "" for all; two statements."""
    members = {row.id: row for row in db.session.execute(printed.members())}
    entries = db.session.execute(printed.entries()).all()
    shown = {key: row for key, row in members.items() if place in ("", row.place_key)}
    chosen = [row for row in entries if row.user_id in shown and category in ("", row.category_slug)]
    return Booklet(
        agreed=len(members),
        categories=_by_category(chosen, shown),
        index=_by_name(chosen, shown, everybody=not category),
        all_categories={row.category_slug: row.category for row in entries},
        all_places=dict(sorted((row.place_key, row.location) for row in members.values() if row.place_key)),
    )


def _by_category(entries: Sequence[AnyRow], members: dict[int, AnyRow]) -> list[PrintedCategory]:
    """`entries` are in the order of paper already."""
    return [
        PrintedCategory(category, [_skill(name, list(rows), members) for name, rows in groupby(of_it, _name)])
        for category, of_it in groupby(entries, lambda row: str(row.category))
    ]


def _skill(name: str, entries: Sequence[AnyRow], members: dict[int, AnyRow]) -> PrintedSkill:
    sides = ([members[row.user_id] for row in entries if row.kind == kind] for kind in (OFFER, WANT))
    return PrintedSkill(name, *sides)


def _by_name(entries: Sequence[AnyRow], members: dict[int, AnyRow], everybody: bool) -> list[Listed]:
    """`everybody`: also those who have no skill on paper."""
    skills: dict[tuple[int, str], list[str]] = defaultdict(list)
    for row in entries:
        skills[row.user_id, row.kind].append(row.name)
    listed = (Listed(row, skills[key, OFFER], skills[key, WANT]) for key, row in members.items())
    kept = [one for one in listed if everybody or one.offers or one.wants]
    return sorted(kept, key=lambda one: plain_key(one.member.name))


def _name(entry: AnyRow) -> str:
    return str(entry.name)
