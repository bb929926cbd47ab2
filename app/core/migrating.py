"""The database against what this code needs: can it be reached, does it keep what it confirms, is its schema ours?

Every refusal is a SchemaError with one sentence for the operator, which never holds a password.
"""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from flask import Flask, current_app, g
from flask_migrate import Migrate
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from app.core.db import db, intending

SchemaState = Literal["current", "older", "newer", "empty"]
DURABILITY = ("fsync", "full_page_writes", "synchronous_commit")


class Migrations(Migrate):
    """flask-migrate that also works in a folder with "%" in its name: Alembic reads its options as patterns, in which
    that begins the name of another option, and has to be given two of them."""

    def get_config(self, directory: Any = None, x_arg: Any = None, opts: Any = None) -> Any:
        folder = str(directory or self.directory)
        made = Config(Path(folder) / "alembic.ini")
        made.set_main_option("script_location", folder.replace("%", "%%"))
        given = [x_arg] if isinstance(x_arg, str) else x_arg or ()
        made.cmd_opts = Namespace(x=[*getattr(g, "x_arg", ()), *given], **dict.fromkeys(opts or (), True))
        return made


class SchemaError(Exception):
    """The database cannot be used as it is; the message is one sentence for the operator."""


def ensure_schema(app: Flask) -> None:
    """Called before `app` serves: upgrades an older schema where AUTO_MIGRATE allows it.

    Raises SchemaError when the database cannot be reached, is unsafe in production, is older, or is newer.
    """
    with app.app_context():
        migrating = bool(app.config["AUTO_MIGRATE"])
        refuse_unusable_file(db.engine, creating=migrating)
        reach(db.engine)
        if app.config["GUILDHALL_ENV"] == "production":
            refuse_forgetful_server(db.engine)
        bring_up_to_date(db.engine, {"older", "empty"} if migrating else set())


def bring_up_to_date(engine: Engine, upgradable: set[SchemaState]) -> SchemaState:
    """Upgrade the schema if its state is one of `upgradable`; returns the state that was found.

    Raises SchemaError when the state is neither current nor upgradable, or when a migration refuses the data.
    """
    state = schema_state(engine)
    if state == "newer":
        raise SchemaError(
            "The database belongs to a newer version of Guildhall; install that version, or restore an older backup."
        )
    if state in upgradable:
        upgrade()
    elif state == "empty":
        raise SchemaError("The database is empty; make its tables with: flask prepare")
    elif state == "older":
        raise SchemaError("The database is older than this version of Guildhall; upgrade it with: flask db upgrade")
    return state


def schema_state(engine: Engine) -> SchemaState:
    """How the installed schema stands to the migrations that this code knows."""
    script = ScriptDirectory.from_config(alembic_config())
    with intending("read"), engine.connect() as connection:
        installed = set(MigrationContext.configure(connection).get_current_heads())
    if not installed:
        return "empty"
    if installed == set(script.get_heads()):
        return "current"
    known = {revision.revision for revision in script.walk_revisions()}
    return "older" if installed <= known else "newer"


def upgrade(revision: str = "head") -> None:
    """Run the migrations up to `revision`; another process that does the same is waited for (migrations/env.py)."""
    try:
        command.upgrade(alembic_config(), revision)
    except CommandError as error:
        raise SchemaError(str(error)) from error
    except DBAPIError as error:
        raise SchemaError(f"The database refused a migration, nothing was changed: {reason_of(error)}.") from error


def alembic_config() -> Config:
    config: Config = current_app.extensions["migrate"].migrate.get_config()
    return config


def refuse_unusable_file(engine: Engine, creating: bool) -> None:
    """An SQLite database that is not there is made only where that is wanted, never because of a mistyped address.

    SQLite opens a file that it may only read without a word, and fails at the first change.
    """
    if engine.dialect.name != "sqlite":
        return
    path = Path(engine.url.database or "")
    if not creating and not path.exists():
        raise SchemaError(f"There is no database at {path}; make it with: flask prepare")
    if path.exists() and not os.access(path, os.W_OK):
        raise SchemaError(f"The database {path} cannot be written by this user.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SchemaError(f"The folder {path.parent} cannot be made: {error.strerror}.") from error


def reach(engine: Engine) -> None:
    """Raises SchemaError when the database does not answer."""
    try:
        with intending("read"), engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except DBAPIError as error:
        address = engine.url.render_as_string(hide_password=True)
        raise SchemaError(f"The database {address} cannot be used: {reason_of(error)}.") from error


def refuse_forgetful_server(engine: Engine) -> None:
    """Raises SchemaError when PostgreSQL would confirm what is not on disk yet; SQLite is told at each opening."""
    if engine.dialect.name != "postgresql":
        return
    with intending("read"), engine.connect() as connection:
        off = [name for name in DURABILITY if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"]
    if off:
        raise SchemaError(
            f"PostgreSQL has {' and '.join(off)} off and may lose what it confirmed; production needs it on."
        )


def reason_of(error: DBAPIError) -> str:
    """What the driver says, in its first line, without the address that it repeats."""
    lines = str(error.orig).strip().splitlines() or [type(error.orig).__name__]
    return lines[0].rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
