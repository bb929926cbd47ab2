"""`flask demo`: the demo community, for trying Guildhall out."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup

from app.community.presets import EVERYTHING, PRESETS
from app.core.errors import Conflict
from app.home import demo

demo_cli = AppGroup("demo", help="The demo community.")


@demo_cli.command("load")
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    default=EVERYTHING,
    show_default=True,
    help="What the community is.",
)
def load(preset: str) -> None:
    """Load the demo community into an empty database (not in production)."""
    if not current_app.config["DEVELOPMENT"]:
        raise click.ClickException("Production does not load the demo community: its passwords are known to all.")
    try:
        demo.load(preset)
    except Conflict as error:
        raise click.ClickException(error.message) from error
    click.echo("The demo community is loaded; sign in as alice@example.org with the password guildhall-demo.")
