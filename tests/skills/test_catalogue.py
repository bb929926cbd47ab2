"""The seed catalogue keeps the rules that its import relies on: a broken row would show up as a failed first start."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from app.core.text import clean, fold, has_forbidden, slugify

CATALOGUE = Path(__file__).resolve().parents[2] / "app" / "skills" / "catalogue.csv"
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class Entry(NamedTuple):
    category: str
    name: str
    aliases: list[str]

    @property
    def spellings(self) -> list[str]:
        return [self.name, *self.aliases]


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, strict=True)
    assert header == ["category", "name", "aliases"]
    assert {len(row) for row in rows} == {3}, "Every row has three columns; quote a comma inside a name"
    return [Entry(category, name, aliases.split("|") if aliases else []) for category, name, aliases in rows]


def test_size(entries: list[Entry]) -> None:
    assert 600 <= len(entries) <= 660


def test_categories_have_similar_depth(entries: list[Entry]) -> None:
    sizes = Counter(entry.category for entry in entries)
    assert 20 <= len(sizes) <= 21
    assert {name: size for name, size in sizes.items() if not 15 <= size <= 50} == {}


def test_category_names_are_short_and_distinct(entries: list[Entry]) -> None:
    categories = {entry.category for entry in entries}
    assert [name for name in categories if not 1 <= len(name) <= 30 or clean(name) != name] == []
    assert len({slugify(name) for name in categories}) == len(categories)


def test_at_most_six_aliases(entries: list[Entry]) -> None:
    assert [entry.name for entry in entries if len(entry.aliases) > 6] == []


def test_spellings_are_stored_as_the_database_stores_them(entries: list[Entry]) -> None:
    spellings = [spelling for entry in entries for spelling in entry.spellings]
    assert [text for text in spellings if not 1 <= len(text) <= 50 or not 1 <= len(fold(text)) <= 50] == []
    assert [text for text in spellings if clean(text) != text or has_forbidden(text)] == []
    assert [text for text in spellings if not unicodedata.is_normalized("NFC", text)] == []


def test_every_spelling_means_one_skill(entries: list[Entry]) -> None:
    uses = [(fold(spelling), entry.name) for entry in entries for spelling in entry.spellings]
    times = Counter(key for key, _ in uses)
    assert [use for use in uses if times[use[0]] > 1] == [], "A spelling stands twice: keep it with the likelier skill"


def test_slugs_are_unique_and_readable(entries: list[Entry]) -> None:
    slugs = Counter(slugify(entry.name) for entry in entries)
    assert [slug for slug, times in slugs.items() if times > 1 or not SLUG.fullmatch(slug)] == []


def test_names_are_in_latin_letters(entries: list[Entry]) -> None:
    # A name in another script would get a slug made of code points; such spellings belong among the aliases.
    assert [entry.name for entry in entries if not re.search(r"[A-Za-z]", entry.name)] == []


def test_c_and_its_relatives_are_three_skills(entries: list[Entry]) -> None:
    slugs = {entry.name: slugify(entry.name) for entry in entries}
    assert (slugs["C"], slugs["C++"], slugs["C#"]) == ("c", "c-plus-plus", "c-sharp")


def test_ordered_by_category_then_name(entries: list[Entry]) -> None:
    assert entries == sorted(entries, key=lambda entry: (fold(entry.category), fold(entry.name)))
