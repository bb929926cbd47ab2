"""Marked statements are planned once for each connection to PostgreSQL, and say the same as before."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import bindparam, literal, select, text
from sqlalchemy.exc import DBAPIError

import config
from app.accounts.models import User
from app.core.db import db, dialect_name
from app.core.planned import MARK, MOST_PLANNED, planned_once
from app.factory import create_app
from tests.support.ledger import assert_whole, balances, give_hours
from tests.world import World

KEPT = text("SELECT statement FROM pg_prepared_statements WHERE name LIKE 'guildhall_%' ORDER BY prepare_time")


@pytest.fixture
def on_postgresql(app: Flask) -> None:
    """What SQLite does is tested by every page: it has no plans to keep, and the mark is not even sent."""
    if dialect_name() == "sqlite":
        assert "planned" not in str(planned_once(select(User.id)).compile(db.engine))


def kept() -> list[str]:
    return list(db.session.scalars(KEPT)) if dialect_name() == "postgresql" else []


def test_the_plan_is_kept_and_the_values_are_new(on_postgresql: None, world: World) -> None:
    named = planned_once(select(User.name, User.created_at).where(User.id == bindparam("user_id")))
    before = len(kept())
    rows = [db.session.execute(named, {"user_id": user_id}).one() for user_id in (world.alice, world.bob, world.carol)]
    assert [row.name.split()[0] for row in rows] == ["Alice", "Bob", "Carol"]
    assert all(row.created_at.tzinfo is not None for row in rows)
    assert len(kept()) - before == (dialect_name() == "postgresql")
    db.session.rollback()
    assert db.session.execute(named, {"user_id": world.mod}).one()
    assert len(kept()) - before == (dialect_name() == "postgresql")


@pytest.mark.parametrize(
    "value", [7, 2**40, 1.5, "it's 100 % \\ 'q' $1 %(x)s", "", True, datetime(2026, 3, 29, 1, 30, tzinfo=UTC).date()]
)
def test_values_of_each_kind_arrive(on_postgresql: None, value: Any) -> None:
    asked = planned_once(select(literal(value).label("it"), text("'%' AS sign")))
    for _again in range(8):
        row = db.session.execute(asked).one()
        assert (row.it, row.sign) == (value, "%")


def test_what_has_no_type_by_itself_is_sent_as_it_is(on_postgresql: None, world: World) -> None:
    asked = planned_once(select(User.id).where(User.location == bindparam("location"), User.id == world.alice))
    before = len(kept())
    assert db.session.scalar(asked, {"location": None}) is None
    assert len(kept()) == before
    assert db.session.scalar(asked, {"location": "Riverton"}) == world.alice


def test_a_place_that_says_its_type_takes_nothing_and_lists_in_one_plan(on_postgresql: None) -> None:
    if dialect_name() == "sqlite":
        return
    asked = f"SELECT %(some)s::bigint[], %(one)s::text || %(one)s, %(plain)s {MARK}"
    values: list[tuple[list[int] | None, str | None, int]] = [([1, 2**40], "it's", 3), (None, "", 4), ([], None, 5)]
    before = len(kept())
    connection = db.session.connection()
    told = [
        tuple(connection.exec_driver_sql(asked, {"some": some, "one": one, "plain": plain}).one())
        for some, one, plain in values
    ]
    assert told == [(some, one and one * 2, plain) for some, one, plain in values]
    assert len(kept()) - before == 1


def test_a_list_of_any_length_does_not_fill_the_memory(on_postgresql: None, world: World) -> None:
    for length in range(1, MOST_PLANNED + 20):
        asked = planned_once(select(User.id).where(User.id.in_([world.alice] * length)))
        assert db.session.scalar(asked) == world.alice
    assert len(kept()) <= MOST_PLANNED


def test_a_table_that_changes_beneath_its_plan_costs_one_answer(on_postgresql: None) -> None:
    db.session.execute(text("CREATE TEMPORARY TABLE beneath AS SELECT 1 AS one"))
    asked = planned_once(select(text("*")).select_from(text("beneath")).where(text("one = :one")))
    assert db.session.execute(asked, {"one": 1}).one() == (1,)
    db.session.execute(text("ALTER TABLE beneath ADD COLUMN two INTEGER"))
    db.session.commit()
    if dialect_name() == "postgresql":
        with pytest.raises(DBAPIError, match="cached plan"):
            db.session.execute(asked, {"one": 1})
        db.session.rollback()
    assert db.session.execute(asked, {"one": 1}).one() == (1, None)
    db.session.execute(text("DROP TABLE beneath"))
    db.session.commit()


def test_nothing_is_kept_behind_a_pooler(app: Flask, world: World) -> None:
    address = app.config["SQLALCHEMY_DATABASE_URI"]
    direct = f"{address}?application_name=direct" if dialect_name() == "postgresql" else address
    settings = {"SECRET_KEY": secrets.token_hex(24), "DATABASE_URL": address, "DATABASE_DIRECT_URL": direct}
    behind = create_app(config.load({**settings, "UPLOADS": str(app.config["UPLOADS"])}), TESTING=True)
    with behind.app_context():
        asked = planned_once(select(User.id).where(User.id == world.alice))
        assert db.session.scalar(asked) == world.alice
        assert balances(give_hours(world.alice, 60)) == [60]
        assert kept() == []
        assert_whole()
        db.session.rollback()
        db.engine.dispose()
