"""No page of the directory reads a large table from end to end."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event, select, text

from app.accounts.models import User
from app.core.clock import now
from app.core.db import AnySelect, db, dialect_name
from app.directory.filters import LEARN, TEACH, MatchFilters, MemberFilters
from app.directory.queries import entries, facets, matches, members
from app.directory.queries.binds import Values
from app.directory.queries.entries import AnyUnion

LARGE = ("users", "user_skills", "possible_swaps", "user_languages", "availability_utc", "blocks")
EVERYTHING = MemberFilters(
    q="bob", skill="spanish", kind="offer", level=2, category=("languages",), language=("en",), place=("riverton",),
    weekday=(0,), part="evening",
)  # fmt: skip
FILTERED = MatchFilters(skill="spanish", same_place=True, language="en", weekday=(0,))
HOURS = [18, 19]


@pytest.mark.parametrize("direction", ["", TEACH, LEARN])
@pytest.mark.parametrize("filters", [MatchFilters(), FILTERED])
@pytest.mark.parametrize("best", [0, 25])
def test_matches(app: Any, world: Any, direction: str, filters: MatchFilters, best: int) -> None:
    statement = matches.scored(matches.shape_of(direction, filters, best, fair=True))
    values = matches.values(SimpleNamespace(id=world.alice), now(), filters, HOURS)
    refuse_scans(statement.order_by(*(key.sorting for key in matches.order(statement))).limit(25), values)


def test_the_skills_that_meet(app: Any, world: Any) -> None:
    values = {**matches.values(SimpleNamespace(id=world.alice), now()), "member_ids": [world.bob, world.carol]}
    refuse_scans(matches.meetings(TEACH, LEARN), values)
    refuse_scans(entries.own_facts(), values)
    refuse_scans(entries.own_facts(unlocking=True), values)
    refuse_scans(entries.card_details(languages=True), values)


@pytest.mark.parametrize("filters", [MemberFilters(), EVERYTHING])
@pytest.mark.parametrize("order", ["newest", "name"])
def test_members(app: Any, world: Any, filters: MemberFilters, order: str) -> None:
    """In the order of an index, so that a page ends as soon as it is full."""
    keys = members.ORDERS[order]
    ordered = members.members(members.shape_of(filters, True)).order_by(*(key.sorting for key in keys))
    refuse_scans(ordered.limit(25), members_values(world, filters))


@pytest.mark.parametrize("filters", [MemberFilters(), EVERYTHING])
def test_facets(app: Any, world: Any, filters: MemberFilters) -> None:
    """Of each set only the newest 1,001 are read, in the order of the key."""
    values = {**members_values(world, filters), **facets.values(filters, 0)}
    refuse_scans(facets.facets(members.shape_of(filters, True)), values, newest_first=True)


def members_values(world: Any, filters: MemberFilters) -> Values:
    return members.values(SimpleNamespace(id=world.alice), filters, HOURS, now())


def refuse_scans(statement: AnySelect | AnyUnion, values: Values, newest_first: bool = False) -> None:
    """`newest_first` allows SQLite's walk down the primary key of users, which its plans call a scan."""
    steps = plan_of(statement, values)
    scanned = [step for step in steps if re.search(rf"(?:SCAN|Seq Scan on) (?:{'|'.join(LARGE)})(?:_\d+)?\b", step)]
    if dialect_name() == "sqlite":
        allowed = "SCAN users" if newest_first else ""
        scanned = [step for step in scanned if " USING " not in step and step != allowed]
        scanned += [step for step in steps if "AUTOMATIC" in step and "users" in step]
    assert not scanned, "\n".join(steps)


def plan_of(statement: AnySelect | AnyUnion, values: Values) -> list[str]:
    """The steps of the plan. PostgreSQL may read these few rows from end to end only where no index would do."""
    sent: list[Any] = []
    connection = db.session.connection()

    def note(_connection: Any, _cursor: Any, text_: str, parameters: Any, *_rest: Any) -> None:
        sent.append((text_, parameters))

    event.listen(connection, "before_cursor_execute", note)
    db.session.execute(statement, values).all()
    event.remove(connection, "before_cursor_execute", note)
    cursor = connection.connection.cursor()
    if dialect_name() == "sqlite":
        return [row[3] for row in cursor.execute(f"EXPLAIN QUERY PLAN {sent[0][0]}", sent[0][1])]
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    cursor.execute(f"EXPLAIN {sent[0][0]}", sent[0][1])
    return [row[0].strip() for row in cursor.fetchall()]


def test_a_scan_is_noticed(app: Any, world: Any) -> None:
    with pytest.raises(AssertionError):
        refuse_scans(select(User.id).where(User.bio == "x"), {})
