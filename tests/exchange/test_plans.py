"""What pages and ticks ask about posts and exchanges is answered by an index, however many there are."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Integer, insert, literal, select, text

from app.core.clock import now
from app.core.db import AnySelect, db, dialect_name
from app.exchange.models import Exchange, ExchangeLeg, ExchangeSession, ExchangeSide, Post
from app.exchange.models.exchanges import OPEN_STATES
from app.exchange.operations.proposing import open_with_terms
from app.exchange.queries import exchanges, posts
from tests.world import World

COUNT = 3000


@pytest.fixture
def many(world: World) -> None:
    """Thousands of both, most of them over."""
    moment = now()
    stands = [n % 100 == 0 for n in range(COUNT)]
    people = (world.alice, world.bob, world.carol, world.mod)
    db.session.execute(insert(Post), [a_post(n, people[n % 4], stands[n]) for n in range(COUNT)])
    db.session.execute(insert(Exchange), [an_exchange(n, people[n % 3], stands[n]) for n in range(1, COUNT)])
    sides, legs, sessions = [], [], []
    for n in range(1, COUNT):
        first, second = people[n % 3], people[n % 3 + 1]
        waits = ("answer", "") if stands[n] else ("", "")
        sides += [{"exchange_id": n, "user_id": u, "waits_for": w} for u, w in zip((first, second), waits, strict=True)]
        leg = {"exchange_id": n, "position": 0, "teacher_id": first, "learner_id": second, "about": "Chess"}
        legs.append({**leg, "minutes": 60})
        times = {"starts_at": moment - timedelta(hours=2), "ends_at": moment - timedelta(hours=1), "zone": "UTC"}
        sessions.append({"exchange_id": n, "uid": f"s{n}", "asked_at": None if stands[n] else moment, **times})
    for table, rows in ((ExchangeSide, sides), (ExchangeLeg, legs), (ExchangeSession, sessions)):
        db.session.execute(insert(table), rows)
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def a_post(n: int, author_id: int, stands: bool) -> dict[str, Any]:
    moment = now() - timedelta(minutes=n)
    state = "open" if stands else "closed"
    row = {"author_id": author_id, "kind": "offer", "title": f"Post {n}", "state": state, "created_at": moment}
    return {**row, "expires_at": now() + timedelta(days=1) if n % 200 else now() - timedelta(days=1)}


def an_exchange(n: int, proposer_id: int, stands: bool) -> dict[str, Any]:
    row = {"id": n, "proposer_id": proposer_id, "kind": "gift", "terms_hash": f"hash {n}"}
    due = now() + timedelta(days=n) if stands else None
    return {**row, "state": "proposed" if stands else "cancelled", "due_at": due}


def plan_of(statement: AnySelect) -> str:
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if dialect_name() == "sqlite" else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in db.session.execute(text(f"{explain} {compiled}".replace(":", r"\:"))))


def uses(statement: AnySelect, index: str, table: str) -> None:
    plan = plan_of(statement)
    assert index in plan, plan
    assert not re.search(rf"SCAN {table}$|Seq Scan on {table}\b", plan, re.MULTILINE), plan


def test_the_first_page_of_posts(many: None, world: World) -> None:
    viewer: Any = SimpleNamespace(id=world.alice)
    page = posts.open_posts(viewer).order_by(Post.created_at.desc(), Post.id.desc()).limit(25)
    # Of the two indexes of what is open PostgreSQL takes either, as long as little is.
    uses(page, "ix_posts_open" if dialect_name() == "sqlite" else "ix_posts_", "posts")


def test_own_posts(many: None, world: World) -> None:
    viewer: Any = SimpleNamespace(id=world.alice)
    page = posts.own_posts(viewer).order_by(Post.created_at.desc(), Post.id.desc()).limit(25)
    uses(page, "ix_posts_author_id_created_at_id", "posts")


def test_posts_that_run_out(many: None, world: World) -> None:
    uses(select(Post.id).where(Post.state == posts.STANDING, Post.expires_at <= now()), "ix_posts_", "posts")


def test_how_many_exchanges_wait(many: None, world: World) -> None:
    counted = select(exchanges.waiting_count(literal(world.alice, Integer)))
    uses(counted, "ix_exchange_sides_waiting", "exchange_sides")


def test_the_same_that_is_open(many: None, world: World) -> None:
    states = ", ".join(f"'{state}'" for state in OPEN_STATES)
    assert states in str(open_with_terms("hash 7").compile(compile_kwargs={"literal_binds": True}))
    uses(open_with_terms("hash 7"), "uq_exchanges_terms", "exchanges")


def test_what_is_due(many: None, world: World) -> None:
    uses(select(Exchange.id).where(Exchange.due_at <= now()), "ix_exchanges_due", "exchanges")


def test_meetings_that_are_over(many: None, world: World) -> None:
    over = (ExchangeSession.asked_at.is_(None), ExchangeSession.cancelled_at.is_(None))
    statement = select(ExchangeSession.id).where(ExchangeSession.ends_at <= now(), *over)
    uses(statement, "ix_exchange_sessions_over", "exchange_sessions")
