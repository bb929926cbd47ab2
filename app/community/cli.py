"""`flask community`: what a coordinator decides, from the command line."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.community import operations
from app.core.db import db
from app.core.errors import DomainError

community_cli = AppGroup("community", help="The community's own settings.")


@community_cli.command("show")
def show() -> None:
    """Print the settings."""
    row = operations.settings()
    for name in ("name", "place", "locale"):
        click.echo(f"{name}: {getattr(row, name)}")
    click.echo(f"public_directory: {'on' if row.public_directory else 'off'}")


@community_cli.command("set")
@click.argument("name")
@click.argument("value")
def set_one(name: str, value: str) -> None:
    """Change one setting: name, place, locale or public_directory (on, off)."""
    try:
        operations.change(name, value)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"{name} is now {value}")
