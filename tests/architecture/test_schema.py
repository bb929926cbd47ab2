"""The database holds what the code declares: tables, foreign keys, triggers."""

from __future__ import annotations

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import Connection, MetaData, inspect, select, text
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.core import audit, triggers
from app.core.db import Base, db, dialect_name
from tests.world import World


def test_migrations_make_what_the_models_declare(app: Flask) -> None:
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, Base.metadata) == []


def test_installed_foreign_keys_are_the_declared_ones(app: Flask) -> None:
    inspector = inspect(db.engine)
    installed = {
        (table, tuple(key["constrained_columns"]), key["referred_table"], key["options"].get("ondelete"))
        for table in Base.metadata.tables
        for key in inspector.get_foreign_keys(table)
    }
    assert installed == declared_foreign_keys(Base.metadata)


def test_installed_triggers_are_the_declared_ones(app: Flask) -> None:
    with db.engine.connect() as connection:
        assert installed_triggers(connection) == triggers.trigger_names(dialect_name())


def test_every_constraint_has_a_name(app: Flask) -> None:
    for table in Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, f"a constraint of {table.name} has no name"


def test_ids_are_never_reused(app: Flask) -> None:
    for table in Base.metadata.tables.values():
        if "id" in table.c and table.name != "community_settings":
            assert table.dialect_options["sqlite"]["autoincrement"], f"{table.name}: add NEVER_REUSE_IDS"


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"])
def test_the_audit_trail_cannot_be_changed(app: Flask, world: World, statement: str) -> None:
    audit.record("tested", actor_id=world.alice, subject_id=world.alice)
    db.session.commit()
    with pytest.raises(IntegrityError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_migrations_go_down_and_up_again(app: Flask, world: World) -> None:
    """On a database that holds the whole world: nothing is in the way of the way down."""
    db.session.remove()
    downgrade(revision="base")
    with db.engine.connect() as connection:
        left = set(inspect(connection).get_table_names()) - {"alembic_version", "sqlite_sequence"}
    assert left == set()
    upgrade()
    assert db.session.scalars(select(User)).all() == []


def declared_foreign_keys(metadata: MetaData) -> set[Any]:
    return {
        (table.name, tuple(key.column_keys), key.referred_table.name, key.ondelete)
        for table in metadata.tables.values()
        for key in table.foreign_key_constraints
    }


def installed_triggers(connection: Connection) -> set[str]:
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.dialect.name == "sqlite"
        else "SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    return set(connection.scalars(text(query)))
