"""Keyset pages: "the next rows after this one", never OFFSET, so that page 1,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy import ColumnElement, and_, or_
from werkzeug.exceptions import BadRequest

from app.core.db import AnyRow, AnySelect
from app.core.text import has_forbidden

T = TypeVar("T")
PAGE_SIZE = 24
LONGEST_CURSOR = 600


@dataclass(frozen=True)
class Key:
    """One column of the order; the last one of an order must be unique."""

    column: ColumnElement[Any]
    descending: bool = False

    @property
    def sorting(self) -> ColumnElement[Any]:
        return self.column.desc() if self.descending else self.column.asc()


@dataclass(frozen=True)
class Page(Generic[T]):
    """`stopped` is the row behind which a bounded search (found_page) did not look, though the page is not full."""

    items: Sequence[T]
    next_url: str = ""
    previous_url: str = ""
    stopped: AnyRow | None = None


@dataclass(frozen=True)
class Stretch:
    """Rows with ids below `cursor`, the latest first; `backwards` those above, the oldest first. None is no bound."""

    cursor: int | None = None
    backwards: bool = False


def page_of(
    statement: AnySelect,
    keys: Sequence[Key],
    fetch: Callable[[AnySelect], Sequence[AnyRow]],
    size: int = PAGE_SIZE,
    first: AnySelect | None = None,
) -> Page[AnyRow]:
    """The page of `statement` that the request's `after` or `before` cursor asks for, in the order of `keys`.

    A cursor holds the key values of the row at the edge. `first` is what `first_of` made of the same, kept from before.
    Raises BadRequest for a cursor that is not one of ours.
    """
    cursor, backwards = _asked(keys)
    if cursor:
        order = [Key(k.column, k.descending is not backwards) for k in keys]
        asked = _in_order(statement.where(_beyond(order, cursor)), order, size)
    else:
        asked = first_of(statement, keys, size) if first is None else first
    rows = list(fetch(asked))
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (bool(cursor), more) if backwards else (more, bool(cursor))
    return Page(
        rows,
        _url(after=_encode(rows[-1], len(keys))) if rows and has_next else "",
        _url(before=_encode(rows[0], len(keys))) if rows and has_previous else "",
    )


def first_of(statement: AnySelect, keys: Sequence[Key], size: int = PAGE_SIZE) -> AnySelect:
    """What `page_of` fetches where no cursor is given; one row more tells whether there is a next page.

    Kept between requests it spares the work of building a large statement again and finding out that it is the same.
    """
    return _in_order(statement, keys, size)


def _in_order(statement: AnySelect, order: Sequence[Key], size: int) -> AnySelect:
    labelled = statement.add_columns(*(k.column.label(f"key_{n}") for n, k in enumerate(order)))
    return labelled.order_by(*(k.sorting for k in order)).limit(size + 1)


def found_page(
    key: Key,
    find: Callable[[Stretch, int], Sequence[AnyRow]],
    end_of: Callable[[Stretch], AnyRow | None],
    size: int = PAGE_SIZE,
) -> Page[AnyRow]:
    """The page of a search that looks at a bounded number of rows, in the order of their ids (`key`), latest first.

    `find` gives at most so many hits in a stretch, `end_of` the last row that it looks at, None when nothing is behind
    it: that is only asked when the page is not full. Raises BadRequest as page_of does.
    """
    cursor, backwards = _asked([key])
    stretch = Stretch(cursor[0] if cursor else None, backwards)
    rows = list(find(stretch, size + 1))
    full, rows = len(rows) > size, rows[:size]
    end = None if full else end_of(stretch)
    stopped = rows[-1] if full else end
    further = _packed([stopped.id]) if stopped is not None else ""
    back = _packed([rows[0].id if rows else stretch.cursor]) if cursor else ""
    if backwards:
        return Page(rows[::-1], _url(after=back), _url(before=further) if further else "", end)
    return Page(rows, _url(after=further) if further else "", _url(before=back) if back else "", end)


def _asked(keys: Sequence[Key]) -> tuple[list[Any], bool]:
    """The key values that the request's cursor names, none on the first page; whether it goes backwards."""
    after, before = request.args.get("after", ""), request.args.get("before", "")
    backwards = bool(before) and not after
    return _decode(before if backwards else after, keys), backwards


def _beyond(order: Sequence[Key], cursor: Sequence[Any]) -> ColumnElement[bool]:
    """Rows behind `cursor`; spelled out column by column because the directions may differ. That the first column is
    no less far goes without saying, but a database begins its walk along the index there only when it is said."""
    first = order[0]
    not_before = first.column <= cursor[0] if first.descending else first.column >= cursor[0]
    alternatives: list[ColumnElement[bool]] = []
    for n, key in enumerate(order):
        equal = [earlier.column == value for earlier, value in zip(order[:n], cursor[:n], strict=True)]
        further = key.column < cursor[n] if key.descending else key.column > cursor[n]
        alternatives.append(and_(*equal, further))
    return and_(not_before, or_(*alternatives))


def _encode(row: AnyRow, count: int) -> str:
    return _packed([row._mapping[f"key_{n}"] for n in range(count)])


def _packed(values: Sequence[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    text = json.dumps(plain, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(cursor: str, keys: Sequence[Key]) -> list[Any]:
    """The key values in `cursor`, each of its column's type."""
    if not cursor:
        return []
    if len(cursor) > LONGEST_CURSOR:
        raise BadRequest
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(keys):
            raise BadRequest
        return [_typed(value, key.column.type.python_type) for value, key in zip(values, keys, strict=True)]
    except (ValueError, OverflowError) as error:
        raise BadRequest from error


def _typed(value: object, kind: type) -> Any:
    if kind is datetime and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(UTC)
    if type(value) is not kind or (isinstance(value, str) and has_forbidden(value)):
        raise BadRequest
    if isinstance(value, int) and abs(value) >= 2**63:
        raise BadRequest
    return value


def _url(**cursor: str) -> str:
    """The address of this page with another cursor; put together by hand, as some names mean something to url_for."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name not in {"after", "before"}]
    return f"{request.path}?{urlencode([*kept, *cursor.items()])}"
