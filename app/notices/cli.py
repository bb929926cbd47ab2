"""`flask notices`: mail that has not left, from the command line."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import func, select

from app.core import outbox
from app.core.db import db
from app.core.models import OutboxMail

notices_cli = AppGroup("notices", help="Notices and the mail about them.")


@notices_cli.command("mail")
def mail() -> None:
    """Say how much mail there is in which state, and why the last of it failed."""
    states = select(OutboxMail.state, func.count()).group_by(OutboxMail.state).order_by(OutboxMail.state)
    for state, count in db.session.execute(states):
        click.echo(f"{state}: {count}")
    refused = select(OutboxMail.last_error).where(OutboxMail.last_error != "", OutboxMail.state != "sent")
    error = db.session.scalar(refused.order_by(OutboxMail.updated_at.desc()).limit(1))
    if error:
        click.echo(f"last error: {error}")


@notices_cli.command("retry")
def retry() -> None:
    """Try all mail that failed again, at once."""
    count = outbox.try_again()
    db.session.commit()
    click.echo(f"{count} mails are tried again with the next tick")
