"""Members' numbers: short, never given twice, free to be brought along from another place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, table, update
from sqlalchemy import column as named

from app.community.models import CommunitySettings

# The largest that the column holds: nobody gets that far, and members who change numbers pass through it.
NOBODYS = 2**31 - 1


def next_number(context: Any) -> int:
    """The number of a member who is being added; a column's default. Whoever adds one at the same time waits."""
    taken = update(CommunitySettings).values(next_number=CommunitySettings.next_number + 1)
    number: int = context.connection.scalar(taken.returning(CommunitySettings.next_number)) - 1
    return number


def skip_taken(connection: Connection) -> None:
    """Go on above the highest number, after members came with numbers of their own."""
    highest = select(func.coalesce(func.max(named("number")), 0) + 1).select_from(table("users")).scalar_subquery()
    connection.execute(
        update(CommunitySettings).where(CommunitySettings.next_number < highest).values(next_number=highest)
    )
