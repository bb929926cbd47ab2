"""Inquiries and offers in an archive of TimeOverflow, for whoever takes them (core.registry.ImportTaker)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.core.errors import DomainError
from app.core.text import clean, fold, printable
from app.imports.tables import FIELD, decoded, records
from app.imports.transfers import MEMBER
from app.imports.values import DATES, Person, moment_of

COLUMNS = 5
HEAD, TITLE, TAGS, WHO, WHEN = range(COLUMNS)
MOST_ROWS = 50_000
REQUEST, OFFER = "request", "offer"
BETWEEN_TAGS = re.compile(r",")


@dataclass(frozen=True)
class Brought:
    """`author` is name and number as they are compared, `category` the heading above it."""

    kind: str
    title: str
    author: tuple[str, int]
    category: str = ""
    tags: tuple[str, ...] = ()
    created_at: datetime | None = None


def read(kind: str, content: bytes) -> list[Brought]:
    """Raises DomainError (field "upload") for what is no list of posts. What has no title or no author is left out."""
    text, _encoding = decoded(content)
    rows = records(text, ",")
    next(rows, None)
    category, found = "", list[Brought]()
    for number, (line, row) in enumerate(rows, start=1):
        if number > MOST_ROWS or len(row) > COLUMNS:
            raise DomainError(
                _("The list of posts in this archive cannot be read: line %(line)d is not as expected.", line=line),
                FIELD,
            )
        cells = [clean(printable(cell)) for cell in row] + [""] * (COLUMNS - len(row))
        named = MEMBER.fullmatch(cells[WHO])
        if not cells[HEAD] and not named:
            category = cells[TITLE] or category
        elif named and cells[TITLE]:
            author = (fold(named[1]), int(named[2]))
            found.append(Brought(kind, cells[TITLE], author, category, _tags(cells[TAGS]), _created(cells[WHEN])))
    return found


def by_author(posts: list[Brought], people: Mapping[int, Person]) -> Iterator[tuple[int, Brought]]:
    """With the ids of those among `people` (by id) who wrote them."""
    ids = {(person.name_key, person.number): user_id for user_id, person in people.items()}
    for post in posts:
        if post.author in ids:
            yield ids[post.author], post


def _tags(text: str) -> tuple[str, ...]:
    return tuple(tag for part in BETWEEN_TAGS.split(text) if (tag := clean(part)))


def _created(text: str) -> datetime | None:
    return next((found for pattern in DATES if (found := moment_of(text, pattern))), None)
