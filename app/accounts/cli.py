"""`flask users`: what operators do with accounts."""

from __future__ import annotations

import os
from typing import Any

import click
from flask.cli import AppGroup

from app.accounts import operations, queries
from app.accounts.models import User
from app.core.db import db
from app.core.errors import DomainError

PASSWORD_VARIABLE = "GUILDHALL_ADMIN_PASSWORD"  # noqa: S105 the variable's name

users_cli = AppGroup("users", help="Accounts of members.")


@users_cli.command("create-admin")
@click.argument("email")
@click.option("--name", prompt="Name", help="The name that others see.")
def create_admin(email: str, name: str) -> None:
    """Make an administrator, or make the member with this EMAIL one.

    The password is asked for, or taken from GUILDHALL_ADMIN_PASSWORD; it is never an argument, which others could read.
    """
    try:
        member = operations.member_of(email)
        if member is None:
            db.session.rollback()
            member = operations.create_admin(name, email, _password())
            done = f"{member.email} is an administrator now, number {member.id}."
        else:
            operations.make_admin(member)
            done = f"{member.email} was a member already and is an administrator now; the password stays as it was."
    except DomainError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(done)


@users_cli.command("list")
def list_users() -> None:
    """Print all accounts: number, role, state, address, name."""
    for row in db.session.execute(queries.staff_list()):
        click.echo(f"{row.id:>6}  {row.role:<9}  {_state(row):<10}  {row.email or '-':<32}  {row.name}")


@users_cli.command("disable")
@click.argument("member")
def disable(member: str) -> None:
    """Switch off the account of MEMBER (an e-mail address or a number): no sign-in, seen by nobody."""
    user = _found(member)
    try:
        operations.disable(user)
    except DomainError as error:
        raise click.ClickException(f"{user.name} is the only administrator; make another one first.") from error
    db.session.commit()
    click.echo(f"{user.name} (number {user.id}) is switched off and signed out everywhere.")


@users_cli.command("enable")
@click.argument("member")
def enable(member: str) -> None:
    """Switch the account of MEMBER (an e-mail address or a number) on again."""
    user = _found(member)
    try:
        operations.enable(user)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    db.session.commit()
    click.echo(f"{user.name} (number {user.id}) is switched on.")


@users_cli.command("erase")
@click.argument("member")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--last-admin", is_flag=True, help="Even the only administrator.")
def erase(member: str, yes: bool, last_admin: bool) -> None:
    """Empty the account of MEMBER (an e-mail address or a number) now and for good."""
    user = _found(member)
    if user.emptied_at is not None:
        raise click.ClickException(f"Number {user.id} was emptied already.")
    user_id, name = user.id, user.name
    if not yes:
        db.session.rollback()
        click.confirm(f"Erase {name} (number {user_id})? This cannot be undone", abort=True)
    try:
        operations.erase(user_id, last_admin)
    except DomainError as error:
        raise click.ClickException(
            f"{name} is the only administrator. Make another one first, or say --last-admin."
        ) from error
    db.session.commit()
    click.echo(f"{name} is erased; what others need stays under the name of a former member (number {user_id}).")


def _password() -> str:
    given = os.environ.get(PASSWORD_VARIABLE)
    return given or click.prompt("Password", hide_input=True, confirmation_prompt=True)


def _found(member: str) -> User:
    user = operations.member_of(member)
    if user is None:
        raise click.ClickException(f"There is no account {member}; flask users list shows all.")
    return user


def _state(row: Any) -> str:
    if row.emptied_at:
        return "emptied"
    if row.closed_at:
        return "closing"
    if not row.is_active:
        return "disabled"
    return "active" if row.is_verified else "unverified"
