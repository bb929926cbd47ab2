"""What somebody looks for among the posts, read from the address, and what can be chosen there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from flask_babel import pgettext
from werkzeug.datastructures import MultiDict

from app.core.db import AnyRow
from app.core.text import clean, fold
from app.exchange.models.posts import KINDS, OFFER, REQUEST
from app.exchange.queries.posts import CATEGORY, PLACE, PostFilters

LONGEST_TEXT, LONGEST_VALUE, MOST_WORDS = 100, 240, 6


@dataclass(frozen=True)
class Asked(PostFilters):
    """With the text as it was typed."""

    q: str = ""


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count_text: str
    checked: bool


@dataclass(frozen=True)
class FilterChip:
    label: str
    url: str


@dataclass(frozen=True)
class PostPanel:
    """What can be chosen, and `chips` of what is chosen, each with the address without it."""

    categories: list[Option] = field(default_factory=list)
    places: list[Option] = field(default_factory=list)
    chips: list[FilterChip] = field(default_factory=list)


def filters_of(arguments: MultiDict[str, str]) -> Asked:
    """Whatever makes no sense is left out."""
    q = clean(arguments.get("q", ""))[:LONGEST_TEXT]
    kind = arguments.get("kind", "")
    return Asked(
        kind=kind if kind in KINDS else "",
        category=arguments.get("category", "")[:LONGEST_VALUE],
        skill=arguments.get("skill", "")[:LONGEST_VALUE],
        place=arguments.get("place", "")[:LONGEST_VALUE],
        words=tuple(fold(q).split()[:MOST_WORDS]),
        q=q,
    )


def panel_of(filters: Asked, arguments: MultiDict[str, str], rows: Sequence[AnyRow]) -> PostPanel:
    """`rows` of queries.posts.options."""
    categories = _options(rows, CATEGORY, filters.category, _("Every category"))
    places = _options(rows, PLACE, filters.place, _("Every place"))
    return PostPanel(categories, places, _chips(filters, arguments, [*categories, *places]))


def _options(rows: Sequence[Any], what: str, chosen: str, everything: str) -> list[Option]:
    found = [Option(row.value, row.label, str(row.count), row.value == chosen) for row in rows if row.what == what]
    if chosen and not any(option.checked for option in found):
        found.append(Option(chosen, chosen, "0", True))
    return [Option("", everything, "", not chosen), *found]


def _chips(filters: Asked, arguments: MultiDict[str, str], options: Sequence[Option]) -> list[FilterChip]:
    labels = {option.value: option.label for option in options}
    kinds = {REQUEST: _("Requests"), OFFER: pgettext("posts", "Offers")}
    chosen = {
        "q": f"“{filters.q}”" if filters.q else "",
        "kind": kinds.get(filters.kind, ""),
        "category": labels.get(filters.category, filters.category) if filters.category else "",
        "skill": filters.skill,
        "place": labels.get(filters.place, filters.place) if filters.place else "",
    }
    return [FilterChip(label, _without(arguments, name)) for name, label in chosen.items() if label]


def _without(arguments: MultiDict[str, str], name: str) -> str:
    kept = [
        (key, value) for key, value in arguments.items(multi=True) if key not in {name, "after", "before"} and value
    ]
    here = url_for("posts.index")
    return f"{here}?{urlencode(kept)}" if kept else here
