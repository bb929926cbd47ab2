"""Runs the migrations over a connection of their own, in one transaction, one process at a time.

The address is DATABASE_DIRECT_URL, never a transaction pooler: the lock on PostgreSQL belongs to the session.
A process that is killed in the middle leaves the schema as it was; the next upgrade starts again from there.
"""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.util import CommandError
from flask import current_app
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import NullPool

from app.core.types import UTCDateTime

ADVISORY_LOCK = int.from_bytes(b"guild", "big")
BUSY_SECONDS = 120


def run_migrations() -> None:
    engine = direct_engine(current_app.config["DATABASE_DIRECT_URL"])
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            prepare_sqlite(engine, connection)
        else:
            wait_for_other_upgrades(connection)
        context.configure(
            connection=connection,
            target_metadata=current_app.extensions["migrate"].db.metadata,
            transactional_ddl=True,
            transaction_per_migration=False,
            # Migrations are written once for both databases, so batch mode also where it is not needed.
            render_as_batch=True,
            compare_type=True,
            compare_server_default=True,
            render_item=in_plain_types,
        )
        with context.begin_transaction():
            context.run_migrations()
            if engine.dialect.name == "sqlite":
                refuse_orphans(connection)


def in_plain_types(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Migrations do not lean on the application's own types, which may change after they have landed."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, UTCDateTime) else False


def direct_engine(address: str) -> Engine:
    if make_url(address).get_backend_name() == "sqlite":
        # Python's sqlite3 would run DDL outside transactions; without its own BEGINs the ones below are real.
        options = {"timeout": BUSY_SECONDS, "isolation_level": None}
    else:
        options = {"connect_timeout": 5, "options": "-c statement_timeout=0 -c timezone=UTC"}
    return create_engine(address, poolclass=NullPool, connect_args=options)


def prepare_sqlite(engine: Engine, connection: Connection) -> None:
    """Make the upgrade start with BEGIN IMMEDIATE, which is also the lock between two upgrades.

    Before it, because neither works inside a transaction: foreign keys go off, as batch mode drops the old table
    and would delete the children of its rows by cascade; and renaming the new table must not look into the
    triggers and views of other tables, which name a table that is missing at that moment.
    """
    connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    connection.commit()
    event.listen(engine, "begin", lambda opened: opened.exec_driver_sql("BEGIN IMMEDIATE"))


def wait_for_other_upgrades(connection: Connection) -> None:
    """Take the session's lock, which the server gives back when this connection ends, however it ends."""
    connection.exec_driver_sql(f"SELECT pg_advisory_lock({ADVISORY_LOCK})")
    connection.commit()


def refuse_orphans(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if orphans:
        table, row, parent, _ = orphans[0]
        raise CommandError(
            f"The migration would leave {len(orphans)} rows without the row that they refer to, "
            f"the first in {table} (rowid {row}) to {parent}; nothing was changed."
        )


if context.is_offline_mode():
    raise CommandError("Migrations need the database itself, because some read its data; --sql is not offered.")
run_migrations()
