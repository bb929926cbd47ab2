"""`flask users`, the mails as they read, and the outbox for developers."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import operations
from app.accounts.models import User
from app.core import outbox
from app.core.db import db
from app.core.models import AuditEvent
from tests.accounts.mailbox import received
from tests.support.client import CheckedClient
from tests.world import World

STRONG = "velvet otter umbrella"


@pytest.fixture
def run(app: Flask):
    """`run("list")` is `flask users list`; `typed` are the lines typed at its prompts."""

    def invoke(*arguments: str, typed: str = "", **environment: str):
        db.session.rollback()
        result = app.test_cli_runner().invoke(args=["users", *arguments], input=typed, env=environment)
        db.session.rollback()
        return result

    return invoke


def found(email: str) -> User | None:
    return db.session.scalar(select(User).where(User.email_key == email))


def test_an_administrator_is_made_with_a_typed_password(run, world: World) -> None:
    result = run("create-admin", "rosa@example.org", "--name", "Rosa", typed=f"{STRONG}\n{STRONG}\n")
    assert result.exit_code == 0
    assert "administrator" in result.output
    assert STRONG not in result.output
    rosa = found("rosa@example.org")
    assert rosa is not None
    assert (rosa.role, rosa.is_verified, rosa.is_visible) == ("admin", True, True)


def test_or_with_one_from_the_environment(run, world: World) -> None:
    result = run("create-admin", "rosa@example.org", "--name", "Rosa", GUILDHALL_ADMIN_PASSWORD=STRONG)
    assert result.exit_code == 0
    role = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "role")).one()
    assert (role.actor_id, role.detail) == (None, "admin")


@pytest.mark.parametrize(
    ("email", "name", "password", "message"),
    [
        ("nonsense", "Rosa", STRONG, "not an e-mail address"),
        ("rosa@example.org", "Rosa", "short", "At least 8"),
        ("rosa@example.org", "аdmin", STRONG, "mixes alphabets"),
    ],
)
def test_what_cannot_be_taken_is_one_sentence(
    run, world: World, email: str, name: str, password: str, message: str
) -> None:
    result = run("create-admin", email, "--name", name, GUILDHALL_ADMIN_PASSWORD=password)
    assert result.exit_code == 1
    assert message in result.output
    assert found("rosa@example.org") is None


def test_a_member_becomes_an_administrator_and_keeps_the_password(run, as_, world: World) -> None:
    before = db.session.get_one(User, world.carol).password_hash
    result = run("create-admin", "carol@example.org", "--name", "Whoever")
    carol = db.session.get_one(User, world.carol)
    assert "was a member already" in result.output
    assert (carol.role, carol.name, carol.password_hash) == ("admin", "Carol Castillo", before)
    assert as_("carol").get("/settings").status_code == 303


def test_the_list_names_everybody(run, world: World) -> None:
    lines = run("list").output.splitlines()
    assert len(lines) == 5
    assert "alice@example.org" in lines[0]
    assert "active" in lines[0]


def test_a_disabled_member_is_out_at_once_and_can_come_back(run, as_, world: World) -> None:
    assert run("disable", "alice@example.org").exit_code == 0
    assert as_("alice").get("/settings").status_code == 303
    assert "disabled" in run("list").output
    assert run("enable", str(world.alice)).exit_code == 0
    assert db.session.get_one(User, world.alice).is_visible


def test_the_last_administrator_stays(run, world: World) -> None:
    result = run("disable", "admin@example.org")
    assert result.exit_code == 1
    assert "only administrator" in result.output


def test_erasing_asks_first(run, world: World) -> None:
    assert run("erase", "alice@example.org", typed="n\n").exit_code == 1
    assert found("alice@example.org") is not None
    assert run("erase", "alice@example.org", typed="y\n").exit_code == 0
    assert found("alice@example.org") is None
    assert db.session.get_one(User, world.alice).name == "Former member"
    assert "emptied already" in run("erase", str(world.alice), "--yes").output


def test_an_unknown_member_is_named(run, world: World) -> None:
    for command in ("disable", "enable", "erase"):
        result = run(command, "nobody@example.org")
        assert result.exit_code == 1
        assert "There is no account nobody@example.org" in result.output


def test_a_mail_reads_well_as_text_and_as_html(client: CheckedClient, world: World) -> None:
    client.post("/sign-up", data={"name": "Rosa O'Neil & Co", "email": "rosa@example.org", "password": STRONG})
    mail = received("verify_email")[-1]
    assert mail.subject == "Confirm your address for Guildhall"
    assert mail.text.startswith("Hello Rosa O'Neil & Co,\n\nyou wanted to join")
    assert "\n\n\n" not in mail.text
    assert "&amp;" not in mail.text
    assert "Rosa O&#39;Neil &amp; Co" in mail.html
    assert mail.html.lstrip().startswith("<!DOCTYPE html>")


# Those two go to people who are no members, on behalf of one who is.
# These go to an address, not to the member they name.
TO_OTHERS = {"invitation", "member_refused", "accounts_merged"}


@pytest.mark.parametrize("kind", sorted(operations.MAIL_CONTEXTS.keys() - TO_OTHERS))
def test_every_mail_is_cancelled_for_somebody_who_is_gone(app: Flask, world: World, kind: str) -> None:
    operations.empty(world.alice)
    db.session.commit()
    assert operations.MAIL_CONTEXTS[kind](world.alice, {"change_id": 1}) is None
    assert operations.recipient(world.alice) is None


def test_a_confirmed_address_is_not_asked_for_again(client: CheckedClient, world: World) -> None:
    client.post("/sign-up", data={"name": "Rosa", "email": "rosa@example.org", "password": STRONG})
    rosa = found("rosa@example.org")
    assert rosa is not None
    rosa.is_verified = True
    db.session.commit()
    assert outbox.send_due() == 0


def test_developers_read_the_mail_in_the_browser(client: CheckedClient, world: World) -> None:
    assert "No mail yet" in client.get("/dev/mail").text
    client.post("/forgot-password", data={"email": "alice@example.org"})
    assert "/dev/mail/1" in client.get("/dev/mail").text
    page = client.get("/dev/mail/1").text
    assert page.count('href="http://127.0.0.1:8000/reset-password/') == 2
    assert client.get("/dev/mail/2").status_code == 404
