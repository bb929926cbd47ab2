"""`flask prepare`: from a checkout and a reachable database to a site that can be served, one line for each step."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import click
from flask import Flask, current_app
from sqlalchemy import exists, select

from app.core import assets, migrating
from app.core.db import db, intending
from app.core.errors import Conflict
from app.core.migrating import SchemaError

DEMO_PASSWORD = "guildhall-demo"  # noqa: S105 it is printed for everybody to use
DEMO_ACCOUNTS = ("alice", "bob", "carol", "mod", "admin")


def register_cli(app: Flask) -> None:
    app.cli.add_command(prepare)


@click.command()
def prepare() -> None:
    """Builds the assets, upgrades the database and, in development, loads the demo community."""
    try:
        build_assets()
        check_uploads()
        check_database()
        upgrade_schema()
    except SchemaError as error:
        raise click.ClickException(str(error)) from error
    if current_app.config["DEMO"]:
        offer_demo()
    elif not has_members():
        offer_setup()


def build_assets() -> None:
    try:
        files = assets.build()
    except OSError as error:
        raise click.ClickException(f"The folder {assets.DIST} cannot be written: {error.strerror}.") from error
    say("Style sheet and scripts", f"{len(files)} files")


def check_uploads() -> None:
    folder: Path = current_app.config["UPLOADS"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"The folder {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.ClickException(f"The folder {folder} cannot be written; UPLOADS names another one.")


def check_database() -> None:
    migrating.refuse_unusable_file(db.engine, creating=True)
    migrating.reach(db.engine)
    if current_app.config["GUILDHALL_ENV"] == "production":
        migrating.refuse_forgetful_server(db.engine)
    say("Database", db.engine.url.render_as_string(hide_password=True))


def upgrade_schema() -> None:
    """An empty database is filled in any case, one with data is upgraded only where AUTO_MIGRATE allows it."""
    found = migrating.bring_up_to_date(
        db.engine, {"empty", "older"} if current_app.config["AUTO_MIGRATE"] else {"empty"}
    )
    say("Tables", {"empty": "made", "older": "upgraded"}.get(found, "up to date"))


def offer_demo() -> None:
    if not has_members():
        click.echo("  Demo community …")
        load: Callable[[str], None] = current_app.extensions["guildhall.demo"]
        try:
            load(current_app.config["DEMO"])
            say("Demo community", f"{current_app.config['DEMO']}, loaded")
        except Conflict as error:
            say("Demo community", error.message)
    if is_demo():
        say("Demo accounts", ", ".join(f"{name}@example.org" for name in DEMO_ACCOUNTS))
        say("Their password", DEMO_PASSWORD)


def offer_setup() -> None:
    """An empty community is set up in the browser."""
    new_link: Callable[[], str] = current_app.extensions["guildhall.setup_link"]
    say("Set it up here, once and within 24 hours", new_link())


def has_members() -> bool:
    return _any_user()


def is_demo() -> bool:
    """Whether this is the demo community, and not one whose first members signed up by themselves."""
    return _any_user(email_key=f"{DEMO_ACCOUNTS[0]}@example.org")


def _any_user(**values: str) -> bool:
    """Members are of a higher package: their table is known by its name only, as foreign keys know it."""
    users = db.metadata.tables["users"]
    query = select(exists(select(users.c.id).filter_by(**values)))
    with intending("read"), db.engine.connect() as connection:
        return bool(connection.scalar(query))


def say(what: str, outcome: str) -> None:
    click.echo(f"  {what}: {outcome}")
