"""Getting back in: a link that lasts an hour and works once."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from tests.accounts.mailbox import link, received
from tests.conftest import new_client
from tests.support.client import CheckedClient
from tests.world import PASSWORD, World

NEW = "velvet otter umbrella"


def ask(client: CheckedClient, email: str = "alice@example.org") -> str:
    client.post("/forgot-password", data={"email": email})
    return link("reset_password")


def test_a_link_sets_a_new_password(client: CheckedClient, world: World) -> None:
    path = ask(client)
    assert client.get(path).status_code == 200
    assert client.post(path, data={"password": NEW}).location == "/sign-in"
    assert client.post("/sign-in", data={"email": "alice@example.org", "password": PASSWORD}).status_code == 422
    assert client.post("/sign-in", data={"email": "alice@example.org", "password": NEW}).status_code == 303
    assert received("password_changed")[-1].to == "alice@example.org"


def test_it_works_once(client: CheckedClient, world: World) -> None:
    path = ask(client)
    client.post(path, data={"password": NEW})
    assert client.post(path, data={"password": "another otter umbrella"}).status_code == 410
    assert client.get(path).status_code == 410


def test_it_lasts_an_hour(client: CheckedClient, world: World) -> None:
    path = ask(client)
    with time_machine.travel(now() + timedelta(minutes=61)):
        gone = client.get(path)
        assert gone.status_code == 410
        assert "/forgot-password" in gone.text


def test_opening_it_changes_nothing(client: CheckedClient, world: World) -> None:
    path = ask(client)
    client.get(path)
    client.get(path)
    assert client.post(path, data={"password": NEW}).status_code == 303


def test_it_ends_all_sessions(client: CheckedClient, as_, world: World) -> None:
    alice = as_("alice")
    client.post(ask(client), data={"password": NEW})
    assert alice.get("/settings").status_code == 303


def test_it_opens_an_account_that_was_tried_too_often(client: CheckedClient, world: World) -> None:
    for _try in range(10):
        client.post("/sign-in", data={"email": "alice@example.org", "password": "wrong"})
    client.post(ask(client), data={"password": NEW})
    assert client.post("/sign-in", data={"email": "alice@example.org", "password": NEW}).status_code == 303


def test_it_confirms_an_address_that_was_not_yet(client: CheckedClient, world: World) -> None:
    db.session.execute(update(User).where(User.id == world.alice).values(is_verified=False))
    db.session.commit()
    client.post(ask(client), data={"password": NEW})
    assert db.session.get_one(User, world.alice).is_verified


def test_a_weak_password_leaves_the_link_good(client: CheckedClient, world: World) -> None:
    path = ask(client)
    assert client.post(path, data={"password": "alice1234"}).status_code == 422
    assert client.post(path, data={"password": "short"}).status_code == 422
    assert client.post(path, data={}).status_code == 422
    assert client.post(path, data={"password": NEW}).status_code == 303


def test_a_link_for_something_else_is_worthless_here(client: CheckedClient, app: Flask, world: World) -> None:
    joining = {"name": "Rosa", "email": "rosa@example.org", "password": NEW, "timezone": "UTC"}
    new_client(app).post("/sign-up", data=joining)
    token = link("verify_email").rpartition("/")[2]
    assert client.get(f"/reset-password/{token}").status_code == 410
    assert client.post(f"/reset-password/{token}", data={"password": "other otter umbrella"}).status_code == 410


def test_unknown_and_known_addresses_get_one_answer(client: CheckedClient, app: Flask, world: World) -> None:
    known = client.post("/forgot-password", data={"email": "alice@example.org"})
    unknown = new_client(app).post("/forgot-password", data={"email": "nobody@example.org"})
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("alice", "nobody").count("nobody@example.org") == unknown.text.count("nobody@example.org")
    assert [mail.to for mail in received("reset_password")] == ["alice@example.org"]


def test_mails_are_limited_for_known_and_unknown_alike(client: CheckedClient, world: World) -> None:
    for email in ("alice@example.org", "nobody@example.org"):
        codes = [client.post("/forgot-password", data={"email": email}).status_code for _try in range(6)]
        assert codes == [200] * 5 + [429]


def test_no_link_rests_in_the_database(client: CheckedClient, world: World) -> None:
    token = ask(client).rpartition("/")[2]
    rows = db.session.scalars(select(OutboxMail)).all()
    assert all(token not in str(row.params) for row in rows)


def test_the_host_of_a_request_never_gets_into_a_mail(client: CheckedClient, world: World) -> None:
    assert (
        client.post(
            "/forgot-password", data={"email": "alice@example.org"}, headers={"Host": "evil.example"}
        ).status_code
        == 400
    )
    ask(client)
    assert "http://127.0.0.1:8000/" in received("reset_password")[-1].text


def test_an_expired_confirmation_offers_a_new_one(client: CheckedClient, world: World) -> None:
    joining = {"name": "Rosa", "email": "rosa@example.org", "password": NEW, "timezone": "UTC"}
    client.post("/sign-up", data=joining)
    path = link("verify_email")
    with time_machine.travel(now() + timedelta(days=3, minutes=1)):
        gone = client.get(path)
        assert gone.status_code == 410
        assert 'action="/verify-email"' in gone.text
        client.post("/verify-email", data={"email": "rosa@example.org"})
        assert client.post(link("verify_email")).status_code == 303


def test_asking_for_the_confirmation_again_tells_nothing_and_is_limited(client: CheckedClient, world: World) -> None:
    codes = [client.post("/verify-email", data={"email": "alice@example.org"}).status_code for _try in range(6)]
    assert codes == [200] * 5 + [429]
    assert received() == []
