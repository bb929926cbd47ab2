"""Spellings of skills: the keys under which they are found, and the names for addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable

from app.core.text import fold, slugify

LONGEST_NAME = 50
LONGEST_KEY = 150
LONGEST_SLUG = 100
# Addresses below /skills that are pages of their own.
TAKEN_SLUGS = frozenset({"suggestions"})


def plain_key(text: str) -> str:
    """The folded form of `text` with the accents of Latin letters taken off: "Café" and "cafe" are found by either."""
    decomposed = unicodedata.normalize("NFD", fold(text))
    return unicodedata.normalize("NFC", re.sub(r"([a-z])[\u0300-\u036f]+", r"\1", decomposed))


def spellings(texts: Iterable[str]) -> dict[str, str]:
    """Key → spelling of every text, and of its form without accents; the first spelling of a key stays."""
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(fold(text), text)
    for text in list(found.values()):
        found.setdefault(plain_key(text), plain_key(text))
    return found


def told_spellings(aliases: Iterable[str], name: str) -> list[str]:
    """The aliases worth showing beside `name`: without its own spellings and without those that only lost an accent."""
    listed = list(aliases)
    derived = {plain_key(text) for text in [name, *listed] if plain_key(text) != fold(text)}
    return [text for text in listed if fold(text) not in derived | {fold(name)}]


def free_slug(name: str, taken: Container[str]) -> str:
    """The address name of a skill; a number follows where another skill has it already."""
    base = slugify(name)[:LONGEST_SLUG].strip("-")
    slug, number = base, 1
    while slug in taken or slug in TAKEN_SLUGS:
        number += 1
        slug = f"{base}-{number}"
    return slug
