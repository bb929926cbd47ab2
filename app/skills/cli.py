"""`flask skills`: the catalogue, from the command line."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.community.operations import settings
from app.core.db import db
from app.core.errors import DomainError
from app.core.i18n import LOCALES
from app.skills import operations
from app.skills.models import PROPOSED, Skill
from app.skills.operations import Imported

skills_cli = AppGroup("skills", help="The catalogue of skills.")


@skills_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=False)
@click.option("--language", type=click.Choice(list(LOCALES)), help="Of the shipped names; the community's by default.")
def import_file(file: Path | None, language: str | None) -> None:
    """Add what is in FILE (category,name,aliases) and not in the catalogue yet; the shipped one by default.

    Nothing is taken away, and a second import changes nothing. The shipped skills and categories get their names in
    the community's language, except those that coordinators have renamed.
    """
    if file and language:
        raise click.UsageError("A file of your own has its own language.")
    try:
        done = _read(file) if file else operations.speak(language or settings().locale)
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be read: {error.strerror}.") from error
    except DomainError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    for sentence in done.kept:
        click.echo(sentence)
    click.echo(f"New: {done.skills} skills, {done.categories} categories, {done.aliases} spellings.")
    if done.renamed:
        click.echo(f"{done.renamed} names are in the language of the community now.")
    if done.listed:
        click.echo(f"{done.listed} proposed skills are listed now.")


def _read(file: Path) -> Imported:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return operations.import_catalogue(operations.read_catalogue(opened))


@skills_cli.command("merge")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="INTO")
def merge(source: str, target: str) -> None:
    """Make the skill FROM part of the skill INTO (names, other spellings, or the names in their addresses)."""
    try:
        merged = operations.find(source)
        into = operations.merge(merged.id, operations.find(target).id)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"{merged.name} is part of {into.name} now.")


@skills_cli.command("accept")
@click.argument("skill")
@click.argument("category")
def accept(skill: str, category: str) -> None:
    """List a proposed SKILL for everybody, in a CATEGORY that exists."""
    try:
        found = operations.find(skill)
        operations.accept(found, category)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"{found.name} is listed now.")


@skills_cli.command("proposed")
def proposed() -> None:
    """Print the skills that members proposed and nobody has listed or merged yet."""
    for name in db.session.scalars(select(Skill.name).where(Skill.state == PROPOSED).order_by(Skill.name_key)):
        click.echo(name)
