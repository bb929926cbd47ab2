"""Statements that PostgreSQL plans once for each connection.

Planning the statement about who is looking takes longer than running it, and every page sends it. psycopg2 has no
prepared statements of its own, so a cursor sends PREPARE with the first of such statements and EXECUTE from then on.
A place has the type of its value, or the one that the statement casts it to.
Behind a transaction pooler a connection is another one with each transaction, and nothing is prepared there.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from flask import Flask
from psycopg2 import errors, extensions
from sqlalchemy import event

from app.core.db import AnySelect, db

MARK = "/* planned once */"
# A list that has as many places as values makes a statement of each length.
MOST_PLANNED = 100
TYPES: dict[type, str] = {
    bool: "boolean",
    int: "bigint",
    float: "double precision",
    str: "text",
    datetime: "timestamptz",
    date: "date",
}
PLACE = re.compile(r"%\((\w+)\)s(::\w+(?:\[\])?)?|%%")

_Shape = tuple[str, tuple[tuple[str, type], ...]]


def planned_once(statement: AnySelect) -> AnySelect:
    """Marks a statement whose text is the same for everybody, and whose plan is as good for one as for another."""
    return statement.suffix_with(MARK, dialect="postgresql")


def init_app(app: Flask) -> None:
    """Connections to PostgreSQL keep the plans of marked statements, unless a pooler stands in between."""
    if app.config["DATABASE_DIRECT_URL"] == app.config["SQLALCHEMY_DATABASE_URI"]:
        with app.app_context():
            if db.engine.dialect.name == "postgresql":
                event.listen(db.engine, "do_connect", _choose_classes)


def _choose_classes(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
    options.update(connection_factory=PlanningConnection, cursor_factory=PlanningCursor)


class PlanningConnection(extensions.connection):
    """`plans` holds the command that runs each statement; None on a connection that forgets what it was told."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.plans: dict[_Shape, str] | None = {}


class PlanningCursor(extensions.cursor):
    connection: PlanningConnection

    def execute(self, query: Any, vars: Any = None) -> None:
        run = self._planned(query, vars) if _is_marked(query) and isinstance(vars, dict) and not self.name else None
        try:
            super().execute(run or query, vars)
        except (errors.InvalidSqlStatementName, errors.FeatureNotSupported):
            # A pooler that nobody told us about, or a table that has changed beneath its plan.
            if run:
                self.connection.plans = None
            raise

    def _planned(self, query: str, values: dict[str, Any]) -> str | None:
        """EXECUTE for `query`, which is prepared when it comes for the first time; None when it is sent as it is."""
        plans, typed = self.connection.plans, _typed(query)
        shape = (query, tuple((name, type(value)) for name, value in values.items() if name not in typed))
        if plans is None or (shape not in plans and len(plans) >= MOST_PLANNED):
            return None
        if shape not in plans and all(kind in TYPES for _name, kind in shape[1]):
            plans[shape] = self._prepare(query, typed | {name: f"::{TYPES[kind]}" for name, kind in shape[1]})
        return plans.get(shape)

    def _prepare(self, query: str, types: dict[str, str]) -> str:
        places = {name: f"${number}" for number, name in enumerate(types, 1)}
        body = PLACE.sub(lambda found: places[found[1]] + (found[2] or types[found[1]]) if found[1] else "%", query)
        # The name says what it stands for: one that another process prepared can only be the same.
        name = f"guildhall_{hashlib.sha256(body.encode()).hexdigest()[:24]}"
        super().execute(f"PREPARE {name} AS {body}")
        return f"EXECUTE {name} ({', '.join(f'%({value})s' for value in places)})"


@lru_cache(maxsize=MOST_PLANNED)
def _typed(query: str) -> dict[str, str]:
    """The types of those places of `query` that say it, as `%(wallets)s::bigint[]`: they may be NULL or a list."""
    return {found[1]: found[2] for found in PLACE.finditer(query) if found[2]}


def _is_marked(query: Any) -> bool:
    """Also a statement that is only to be explained ends with the mark, and cannot be prepared."""
    return isinstance(query, str) and query.startswith(("SELECT", "WITH")) and query.rstrip().endswith(MARK)
