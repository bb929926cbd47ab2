"""The database: the declarative base, how transactions begin, and small transactions beside the request's own.

A transaction is opened for reading or for writing, and which one is known before its first statement. SQLite answers
"database is locked" at once when a reader turns writer, so writers begin IMMEDIATE; readers are query-only on both
databases, so a GET cannot change anything by accident.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BindParameter, Connection, Engine, MetaData, Row, Select, bindparam, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.orm import registry as orm_registry
from sqlalchemy.pool import ConnectionPoolEntry

from app.core.clock import now
from app.core.turns import Turns
from app.core.types import BigKey, UTCDateTime

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
Intent = Literal["read", "write"]
RELEASES_EARLY, HAS_LOCKED, HAS_TURN = "releases_early", "has_locked", "has_turn"
# The second transaction writes a few bytes to the log, so its commit waits for the disk; the driver sends that COMMIT.
RELEASE_AND_WAIT = "COMMIT; BEGIN; SELECT pg_logical_emit_message(true, 'guildhall', '')"
_intent: ContextVar[Intent] = ContextVar("transaction_intent", default="write")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    registry = orm_registry(metadata=metadata, type_annotation_map={datetime: UTCDateTime})


db = SQLAlchemy(model_class=Base, engine_options={}, disable_autonaming=True)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model

# SQLAlchemy counts a statement's columns in its type; these are for statements of any columns.
AnySelect: TypeAlias = "Select[*tuple[Any, ...]]"
AnyRow: TypeAlias = "Row[*tuple[Any, ...]]"

# Ids are never reused, not even those of deleted rows, so that an old link cannot lead to a new thing.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}


class Identified:
    """An integer key, counted upwards."""

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)


class Created:
    created_at: Mapped[datetime] = mapped_column(default=now)


class Changed(Created):
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)


def init_app(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)
    app.before_request(_choose_intent)
    app.teardown_request(_forget_intent)


def prepare_engine(engine: Engine) -> None:
    """Makes `engine` keep the promises above; every engine of the application passes through here."""
    if engine.dialect.name == "sqlite":
        _let_writers_queue(engine)
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "commit", _commit_postgresql)


@contextmanager
def intending(intent: Intent) -> Iterator[None]:
    """Transactions that begin inside are for `intent`."""
    token = _intent.set(intent)
    try:
        yield
    finally:
        _intent.reset(token)


def at_the_time() -> BindParameter[datetime]:
    """`now()` for statements that are built once: asked whenever they run."""
    return bindparam(None, callable_=now, type_=UTCDateTime(), unique=True)


def end_reading() -> None:
    """Gives the connection back before slow work (hashing, pictures, the network) or before a write begins.

    Raises RuntimeError when something unsaved would be lost.
    """
    if db.session.new or db.session.dirty or db.session.deleted:
        raise RuntimeError("unsaved changes: the slow work has to come first")
    db.session.rollback()


def release_early(connection: Connection) -> None:
    """For a transaction on PostgreSQL with `synchronous_commit` off, whose locks others wait for: its commit gives them
    free before it is on disk, and returns when it is."""
    connection.info[RELEASES_EARLY] = True


def locks_first(connection: Connection) -> bool:
    """Whether nobody has asked this before in the transaction of `connection`, which is about to lock rows."""
    is_first = not connection.info.get(HAS_LOCKED)
    connection.info[HAS_LOCKED] = True
    return is_first


@contextmanager
def own_transaction() -> Iterator[Session]:
    """A small write transaction beside the request's own, for what must survive a refusal.

    It must not be opened while the request itself is writing: on SQLite the two would wait for each other.
    """
    with intending("write"), Session(db.engine) as session, session.begin():
        yield session


def is_writing() -> bool:
    """Whether transactions that begin now are for writing."""
    return _intent.get() == "write"


def dialect_name() -> str:
    return db.engine.dialect.name


def _choose_intent() -> None:
    _intent.set("read" if request.method in SAFE_METHODS else "write")


def _forget_intent(_error: BaseException | None) -> None:
    """What the same thread does next is no part of the request."""
    _intent.set("write")


def _open_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, so that DDL and SELECT are inside transactions too
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _let_writers_queue(engine: Engine) -> None:
    """A turn lasts until the connection is given back: only then its transaction is over in any case."""
    turns = Turns()

    def take(connection: Connection) -> None:
        if _intent.get() == "read" or connection.info.get(HAS_TURN):
            return
        if not turns.take():
            raise OperationalError("BEGIN IMMEDIATE", {}, TimeoutError("others write for too long"))
        connection.info[HAS_TURN] = True

    def pass_on(_raw: object, record: ConnectionPoolEntry, *_error: object) -> None:
        if record.info.pop(HAS_TURN, False):
            turns.pass_on()

    event.listen(engine, "begin", take)
    for over in ("checkin", "invalidate"):
        event.listen(engine, over, pass_on)


def _begin_sqlite(connection: Connection) -> None:
    # Straight to the driver: these are not statements of the page, and the pool's own begin must not be counted.
    raw = connection.connection.dbapi_connection
    assert raw is not None  # noqa: S101 a begun connection has a driver connection
    writing = _intent.get() == "write"
    cursor = raw.cursor()
    cursor.execute(f"PRAGMA query_only={'OFF' if writing else 'ON'}")
    try:
        cursor.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
    except sqlite3.OperationalError as error:  # nobody else translates what an event raises
        raise OperationalError("BEGIN", {}, error) from error
    cursor.close()


def _begin_postgresql(connection: Connection) -> None:
    for name in (RELEASES_EARLY, HAS_LOCKED):
        connection.info.pop(name, None)
    raw: Any = connection.connection.dbapi_connection
    reading = _intent.get() == "read"
    if bool(raw.readonly) is not reading:
        raw.readonly = reading  # psycopg2 sends it with its own BEGIN: no extra round trip


def _commit_postgresql(connection: Connection) -> None:
    """What stands later in the log is not on disk before what stands earlier: so behind a transaction that did not wait
    another one is committed that does."""
    if connection.info.pop(RELEASES_EARLY, False):
        connection.exec_driver_sql(RELEASE_AND_WAIT)
