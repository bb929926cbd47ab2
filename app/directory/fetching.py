"""Running the directory's statements with the values that they are run for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.core.db import AnyRow, AnySelect, db
from app.directory.filters import LEARN, TEACH
from app.directory.queries import matches
from app.directory.queries.binds import Values
from app.directory.queries.entries import AnyUnion


def rows_of(statement: AnySelect | AnyUnion, values: Values) -> Sequence[AnyRow]:
    return db.session.execute(statement, values).all()


def fetching(values: Values) -> Callable[[AnySelect], Sequence[AnyRow]]:
    """For app.core.paging, which adds its own conditions before it fetches."""
    return lambda statement: rows_of(statement, values)


def met_by(rows: Sequence[AnyRow], values: Values, direction: str = "") -> Sequence[AnyRow]:
    """The skills that meet between the viewer in `values` and the members in `rows`, in one direction or both."""
    directions = (direction,) if direction else (TEACH, LEARN)
    ids = [row.id for row in rows]
    return rows_of(matches.meetings(*directions), {**values, "member_ids": ids}) if ids else []
