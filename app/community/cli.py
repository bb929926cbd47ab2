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
    for name in operations.RULES:
        value = getattr(row, name)
        click.echo(f"{name}: {value if isinstance(value, str) else 'on' if value else 'off'}")


@community_cli.command("set")
@click.argument("name")
@click.argument("value")
def set_one(name: str, value: str) -> None:
    """Change one setting: those that `flask community show` names; what is on or off takes these words."""
    try:
        operations.change(name, value)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"{name} is now {value}")
