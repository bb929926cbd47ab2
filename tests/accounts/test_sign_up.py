"""Joining: one form, one mail, one button."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import operations
from app.accounts.models import User
from app.core.db import db
from tests.accounts.mailbox import link, received
from tests.conftest import new_client
from tests.support.client import CheckedClient
from tests.world import World

GOOD = {
    "name": "Rosa Martínez",
    "email": "rosa@example.org",
    "password": "velvet otter umbrella",
    "timezone": "Europe/Madrid",
}


def member(email: str = "rosa@example.org") -> User | None:
    db.session.rollback()
    return db.session.scalar(select(User).where(User.email_key == email))


def test_the_whole_way_from_the_form_to_the_first_skills(client: CheckedClient, world: World) -> None:
    page = client.post("/sign-up", data=GOOD, follow_redirects=True)
    assert "rosa@example.org" in page.text
    token_page = client.get(link("verify_email"))
    assert "Confirm and go on" in token_page.text
    welcomed = client.post(link("verify_email"))
    assert welcomed.status_code == 303
    assert welcomed.location == "/settings/skills?welcome=1"
    user = member()
    assert user is not None
    assert (user.is_verified, user.timezone, user.is_visible) == (True, "Europe/Madrid", True)
    assert client.get("/settings").status_code == 200


def test_nobody_is_signed_in_before_the_address_is_confirmed(client: CheckedClient, world: World) -> None:
    client.post("/sign-up", data=GOOD)
    assert client.get("/settings").location.startswith("/sign-in")


def test_opening_the_link_changes_nothing(client: CheckedClient, world: World) -> None:
    client.post("/sign-up", data=GOOD)
    client.get(link("verify_email"))
    user = member()
    assert user is not None
    assert not user.is_verified


def test_a_link_opens_the_gate_once(client: CheckedClient, app: Flask, world: World) -> None:
    client.post("/sign-up", data=GOOD)
    path = link("verify_email")
    client.post(path)
    other = new_client(app)
    again = other.post(path)
    assert again.status_code == 200
    assert "done already" in again.text
    assert other.get("/settings").status_code == 303


def test_in_another_browser_the_password_is_asked(client: CheckedClient, app: Flask, world: World) -> None:
    client.post("/sign-up", data=GOOD)
    path, other = link("verify_email"), new_client(app)
    assert "another browser" in other.get(path).text
    assert other.post(path, data={"password": "something else"}).status_code == 422
    assert other.post(path, data={"password": GOOD["password"]}).status_code == 303


def test_who_signs_up_with_a_strange_address_does_not_get_an_account_from_its_owner(
    client: CheckedClient, app: Flask, world: World
) -> None:
    """The owner signs up too; the link of before is worthless then, and the thief's password with it."""
    thief = new_client(app)
    thief.post("/sign-up", data={**GOOD, "password": "thief's own password"})
    stale = link("verify_email")
    client.post("/sign-up", data=GOOD)
    assert client.post(stale).status_code == 410
    assert client.post(link("verify_email")).status_code == 303
    signed_in = thief.post("/sign-in", data={"email": GOOD["email"], "password": "thief's own password"})
    assert signed_in.status_code == 422


def test_an_existing_address_gets_the_same_answer_and_another_mail(
    client: CheckedClient, app: Flask, world: World
) -> None:
    new = client.post("/sign-up", data=GOOD)
    taken = new_client(app).post("/sign-up", data={**GOOD, "email": "Alice@Example.org"})
    assert (new.status_code, new.location) == (taken.status_code, taken.location)
    assert received("already_member")[-1].to == "alice@example.org"
    alice = db.session.get_one(User, world.alice)
    assert alice.name == "Alice Adeyemi"


def test_the_cookie_does_not_tell_new_from_taken(client: CheckedClient, app: Flask, world: World) -> None:
    other = new_client(app)
    client.post("/sign-up", data=GOOD)
    other.post("/sign-up", data={**GOOD, "email": "alice@example.org"})
    with client.session_transaction() as new, other.session_transaction() as taken:
        assert new.keys() == taken.keys()
        assert len(new["joining"]["mark"]) == len(taken["joining"]["mark"])


def test_signing_in_without_confirming_says_what_a_wrong_password_says(
    client: CheckedClient, app: Flask, world: World
) -> None:
    """Otherwise signing up and signing in would tell whether an address has an account."""
    client.post("/sign-up", data=GOOD)
    unverified = new_client(app).post("/sign-in", data={"email": GOOD["email"], "password": GOOD["password"]})
    wrong = new_client(app).post("/sign-in", data={"email": GOOD["email"], "password": "not this one"})
    unknown = new_client(app).post("/sign-in", data={"email": GOOD["email"].upper(), "password": "not this one"})
    assert unverified.status_code == wrong.status_code == unknown.status_code == 422
    assert "do not go together" in unverified.text
    assert len(received("verify_email")) == 2


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "Tell us the name"),
        ("name", "x" * 61, "At most 60"),
        ("name", "аdmin", "mixes alphabets"),
        ("name", "Administrator", "people who run this place"),
        ("name", "<b>Rosa</b>", "made of letters"),
        ("name", "Ro\u3164sa", "invisible character"),
        ("name", "Ro\x00sa", "cannot be stored"),
        ("email", "", "Type an e-mail address"),
        ("email", "rosa", "not an e-mail address"),
        ("email", "rosa@" + "x" * 260 + ".org", "At most 254"),
        ("email", "ro\x00sa@example.org", "cannot be stored"),
        ("password", "", "Choose a password"),
        ("password", "short", "At least 8"),
        ("password", "x" * 201, "At most 200"),
        ("password", "password1", "among the first"),
        ("password", "rosa@example.org", "among the first"),
        ("password", "velvet\x00otter umbrella", "cannot type again"),
        ("timezone", "Mars/Olympus", "time zone from the list"),
        ("timezone", "-1", "time zone from the list"),
    ],
)
def test_the_field_says_what_is_wrong_and_nothing_typed_is_lost(
    client: CheckedClient, world: World, field: str, value: str, message: str
) -> None:
    page = client.post("/sign-up", data={**GOOD, field: value})
    assert page.status_code == 422
    assert message in page.text
    kept = {"name": "Rosa Martínez", "email": "rosa@example.org"}
    kept.pop(field, None)
    assert all(f'value="{text}"' in page.text for text in kept.values())
    assert GOOD["password"] not in page.text
    assert member() is None


def test_every_field_may_be_missing_or_doubled(client: CheckedClient, world: World) -> None:
    assert client.post("/sign-up", data={}).status_code == 422
    assert client.post("/sign-up", data={**GOOD, "name": ["Rosa", "Admin"]}).status_code == 303


def test_no_other_column_can_be_sent_along(client: CheckedClient, world: World) -> None:
    extra = {"role": "admin", "is_verified": "1", "id": str(world.alice), "approved_at": "", "is_active": "0"}
    client.post("/sign-up", data={**GOOD, **extra})
    user = member()
    assert user is not None
    assert (user.role, user.is_verified, user.is_active) == ("member", False, True)


def test_two_at_once_make_one_member(app: Flask, world: World) -> None:
    """The loser of the race reads the winner's row."""

    def join(number: int) -> int:
        browser = new_client(app)
        return browser.post("/sign-up", data={**GOOD, "name": f"Rosa {'I' * (number + 1)}"}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(join, range(4))) == {303}
    count = db.session.scalar(select(func.count()).select_from(User).where(User.email_key == GOOD["email"]))
    assert count == 1


def test_a_race_lost_at_the_unique_constraint_is_no_error(app: Flask, world: World) -> None:
    newcomer = operations.Newcomer("Al Ice", "alice@example.org", "velvet otter umbrella", "UTC", "en")
    operations.sign_up(newcomer)
    db.session.commit()
    assert db.session.get_one(User, world.alice).name == "Alice Adeyemi"


def test_a_member_has_no_use_for_the_form(as_, world: World) -> None:
    assert as_("alice").get("/sign-up").location == "/"
