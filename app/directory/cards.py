"""What a card of the directory shows, put together from rows; addresses are made once, not in a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.accounts.viewer import picture_url
from app.core.templating import language_name
from app.directory.queries.entries import LANGUAGE
from app.directory.reasons import Reason, reasons_for
from app.skills.models import OFFER, WANT

CHIPS = 3
REASONS = 3


@dataclass(frozen=True)
class Chip:
    name: str
    url: str


@dataclass(frozen=True)
class Chips:
    """The first few, and how many there are beyond them."""

    shown: tuple[Chip, ...]
    more: int


@dataclass(frozen=True)
class MemberCard:
    """`asked_for` ones have no e-mail: they are reached through the coordinators."""

    id: int
    name: str
    url: str
    picture: str
    place: str
    asked_for: bool
    languages: str
    offers: Chips
    wants: Chips


@dataclass(frozen=True)
class MatchCard:
    id: int
    name: str
    url: str
    picture: str
    place: str
    asked_for: bool
    score: int
    reasons: tuple[Reason, ...]


def member_cards(
    rows: Sequence[Any],
    details: Iterable[Any],
    *,
    prefix: str,
    skill_prefix: str,
    signed_in: bool,
    sought: Callable[[Any], bool],
) -> list[MemberCard]:
    """`prefix` + id is a profile's address, `skill_prefix` + slug a search's; skills that are `sought` come first.

    Strangers are shown neither pictures nor places.
    """
    by_member = grouped(details)
    return [
        MemberCard(
            id=row.id,
            name=row.name,
            url=f"{prefix}{row.id}",
            picture=picture_url(row.id, row.picture_id) if signed_in else "",
            place=row.location if signed_in else "",
            asked_for=signed_in and row.asked_for,
            languages=", ".join(language_name(d.slug) for d in by_member.get(row.id, []) if d.kind == LANGUAGE),
            offers=_chips(by_member.get(row.id, []), OFFER, skill_prefix, sought),
            wants=_chips(by_member.get(row.id, []), WANT, skill_prefix, sought),
        )
        for row in rows
    ]


def match_cards(rows: Sequence[Any], meetings: Iterable[Any], prefix: str) -> list[MatchCard]:
    by_member = grouped(meetings)
    return [
        MatchCard(
            id=row.id,
            name=row.name,
            url=f"{prefix}{row.id}",
            picture=picture_url(row.id, row.picture_id),
            place=row.location,
            asked_for=row.asked_for,
            score=row.score,
            reasons=tuple(reasons_for(row, by_member[row.id])),
        )
        for row in rows
        if row.id in by_member
    ]


def grouped(rows: Iterable[Any]) -> dict[int, list[Any]]:
    by_member: dict[int, list[Any]] = {}
    for row in rows:
        by_member.setdefault(row.user_id, []).append(row)
    return by_member


def _chips(details: Sequence[Any], kind: str, skill_prefix: str, sought: Callable[[Any], bool]) -> Chips:
    entries = sorted((d for d in details if d.kind == kind), key=lambda d: not sought(d))
    shown = tuple(Chip(d.name, f"{skill_prefix}{d.slug}") for d in entries[:CHIPS])
    return Chips(shown, max(0, len(entries) - CHIPS))
