"""What every page asks about notices is answered by an index, however many there are."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from app.accounts.models import User
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import AnySelect, db, dialect_name
from app.notices import queries
from app.notices.kinds import ANNOUNCEMENT
from app.notices.models import DIGEST, Notice
from tests.world import World


@pytest.fixture
def many(world: World) -> None:
    """Three thousand notices of Bob's, most of them read, and a few of Alice's."""
    moment = now()
    rows = [
        {
            "user_id": world.alice if n % 300 == 0 else world.bob,
            "kind": ANNOUNCEMENT,
            "url": "/members",
            "key": f"n{n}",
            "group_key": f"n{n}",
            "params": {},
            "read_at": None if n % 30 == 0 else moment,
        }
        for n in range(3000)
    ]
    db.session.execute(insert(Notice), rows)
    db.session.execute(text("ANALYZE"))
    db.session.commit()


def plan_of(statement: AnySelect) -> str:
    compiled = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if dialect_name() == "sqlite" else "EXPLAIN"
    return "\n".join(str(row[-1]) for row in db.session.execute(text(f"{explain} {compiled}".replace(":", r"\:"))))


def uses(statement: AnySelect, index: str) -> None:
    plan = plan_of(statement)
    assert index in plan, plan
    assert not re.search(r"SCAN notices$|Seq Scan on notices", plan, re.MULTILINE), plan


def test_the_number_beside_the_bell(many: None, world: World) -> None:
    counted = select(queries.unread_count(User.id.expression)).select_from(CommunitySettings)
    uses(counted.join(User, User.id == world.alice), "ix_notices_unread")


def test_the_list(many: None, world: World) -> None:
    viewer: Any = SimpleNamespace(id=world.alice)
    ordered = queries.notices_of(viewer, [ANNOUNCEMENT]).order_by(Notice.created_at.desc(), Notice.id.desc()).limit(25)
    uses(ordered, "ix_notices_user_id_created_at_id")


def test_what_waits_for_a_digest(many: None, world: World) -> None:
    waiting = (Notice.channel == DIGEST, Notice.read_at.is_(None), Notice.mailed_at.is_(None))
    # SQLite does not see that a value which is bound later fits the narrower one.
    uses(
        select(Notice.user_id).where(*waiting),
        "ix_notices_unread" if dialect_name() == "sqlite" else "ix_notices_digest",
    )


def test_taking_back(many: None, world: World) -> None:
    uses(select(Notice.id).where(Notice.key == "n7"), "ix_notices_key")


def test_taking_old_ones_away(many: None, world: World) -> None:
    uses(select(Notice.id).where(Notice.read_at < now() - timedelta(days=90)), "ix_notices_read_at")


def test_what_was_kept_back(many: None, world: World) -> None:
    held = (Notice.read_at.is_(None), Notice.shows_at > Notice.created_at, Notice.shows_at <= now())
    uses(select(Notice.id).where(*held), "ix_notices_held")
