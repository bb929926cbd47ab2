"""`flask setup-link`: the way into the first set-up in the browser."""

from __future__ import annotations

import click
from flask import current_app

from app.accounts import operations
from app.community import setup
from app.core.db import db


@click.command("setup-link")
@click.option("--again", is_flag=True, help="Also when there is an administrator already.")
def setup_link(again: bool) -> None:
    """Print a link that sets the community up in the browser: it works once, within 24 hours."""
    if not again and operations.has_admin():
        raise click.ClickException(
            "There is an administrator already, who changes settings under /admin/settings; "
            "to make another one by a link: flask setup-link --again"
        )
    click.echo(new_link())


def new_link() -> str:
    """The address of a new link; commits."""
    token = setup.make_link()
    db.session.commit()
    return f"{current_app.config['PUBLIC_URL']}/setup/{token}"
