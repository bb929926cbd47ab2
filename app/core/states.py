"""State machines: one table from (state, action) to state, and the one function that moves a row along it.

Two who act at once are put in order by the row's lock; the later one finds the row changed and gets a Conflict.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import BigInteger, ForeignKey, String, Text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import Identified, db
from app.core.errors import Conflict


class Stateful(Identified):
    """A row that a machine moves; `version` counts its changes."""

    state: Mapped[str] = mapped_column(String(10))
    version: Mapped[int] = mapped_column(default=1)


class Transition(Identified):
    """One line of a row's history; rows are only ever added (name the table in core.triggers).

    The table adds `row_id`, a foreign key. `actor_id` None is the site itself.
    """

    actor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(default=now)


@dataclass(frozen=True)
class Machine:
    """`rows` is a Stateful table, `events` its Transitions; what is not in `table` cannot be done."""

    rows: type[Any]
    events: type[Any]
    table: Mapping[tuple[str, str], str]

    @property
    def states(self) -> set[str]:
        return {state for state, _action in self.table} | set(self.table.values())

    @property
    def actions(self) -> set[str]:
        return {action for _state, action in self.table}

    def allows(self, state: str, action: str) -> bool:
        """For policies, and for templates that draw a button."""
        return (state, action) in self.table


def apply(
    machine: Machine, row_id: int, action: str, *, actor_id: int | None, version: int, reason: str = "", **values: Any
) -> Any:
    """Moves the row by `action`, sets `values` with it and writes its history; the row as it is then.

    `version` is the one that the actor was shown. Raises Conflict when the row has moved on or cannot do that now.
    """
    rows = machine.rows
    row = db.session.get_one(rows, row_id, with_for_update=True, populate_existing=True)
    state = row.state
    if row.version != version or not machine.allows(state, action):
        raise Conflict(_("Somebody was faster. Nothing was changed: look at it as it is now."))
    target = machine.table[state, action]
    unmoved = (rows.id == row_id, rows.state == state, rows.version == version)
    moving = update(rows).where(*unmoved).values(state=target, version=version + 1, **values).returning(rows.id)
    if db.session.scalar(moving) is None:
        raise Conflict(_("Somebody was faster. Nothing was changed: look at it as it is now."))
    db.session.add(
        machine.events(
            row_id=row_id, actor_id=actor_id, action=action, from_state=state, to_state=target, reason=reason
        )
    )
    db.session.flush()
    db.session.refresh(row)
    return row
