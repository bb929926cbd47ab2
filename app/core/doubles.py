"""What features need to make one member of two, and two of one again (see core.registry.Merger).

Rows that say something about a member are copied: those of the duplicate stay where they are, hidden with it, so that
nothing has to be rebuilt. Rows that others know by their id are handed over and back. All answers are JSON.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, RowMapping, Table, and_, delete, insert, select, update

from app.core.db import db

Values = dict[str, Any]


def copy_rows(
    table: Table, owner: str, kept_id: int, duplicate_id: int, *conditions: ColumnElement[bool]
) -> list[Values]:
    """Gives `kept` a copy of each of the duplicate's rows whose key (the primary one but for `owner`) he lacks."""
    column, keys = table.c[owner], _keys(table, owner)
    held = {tuple(row) for row in db.session.execute(select(*keys).where(column == kept_id))}
    theirs = db.session.execute(select(table).where(column == duplicate_id, *conditions)).mappings()
    rows: list[Values] = [_values(row) for row in theirs if tuple(row[key.name] for key in keys) not in held]
    if rows:
        copies: list[Values] = [{**row, owner: kept_id} for row in rows]
        db.session.execute(insert(table), copies)
    return [_plain(row, owner) for row in rows]


def take_back(table: Table, owner: str, kept_id: int, copies: Collection[Values]) -> None:
    """Takes copies away again; one that was changed since stays with whom it was changed by."""
    column, keys = table.c[owner], _keys(table, owner)
    for copy in copies:
        same = and_(column == kept_id, *(key == copy[key.name] for key in keys))
        row = db.session.execute(select(table).where(same)).mappings().one_or_none()
        if row is not None and _plain(_values(row), owner) == copy:
            db.session.execute(delete(table).where(same))


def hand_over(table: Table, owner: str, from_id: int, to_id: int, ids: Collection[int] | None = None) -> list[int]:
    """Rows of `from` become `to`'s, all of them or those with `ids`; returns which did."""
    mine = [table.c[owner] == from_id, *([] if ids is None else [table.c.id.in_(ids)])]
    unchanged = {"updated_at": table.c.updated_at} if "updated_at" in table.c else {}
    moved = update(table).where(*mine).values({owner: to_id, **unchanged}).returning(table.c.id)
    return sorted(db.session.scalars(moved))


def plain(value: object) -> object:
    """`value` as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else value


def moment_of(text: str | None) -> datetime | None:
    """The moment that `plain` wrote."""
    return datetime.fromisoformat(text) if text else None


def _keys(table: Table, owner: str) -> list[Column[Any]]:
    return [key for key in table.primary_key if key.name != owner]


def _values(row: RowMapping) -> Values:
    return {str(name): value for name, value in row.items()}


def _plain(row: Values, owner: str) -> Values:
    return {name: plain(value) for name, value in row.items() if name != owner}
