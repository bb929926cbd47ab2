"""Signing in and out, and what happens after too many tries."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts import passwords, throttle
from app.accounts.models import SignInAttempt, User, UserSession
from app.core.clock import now
from app.core.db import db
from app.core.models import AuditEvent
from tests.conftest import new_client
from tests.support.client import CheckedClient
from tests.world import PASSWORD, World

RIGHT = {"email": "alice@example.org", "password": PASSWORD}
WRONG = {"email": "alice@example.org", "password": "velvet otter umbrella"}


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)))


def test_the_right_password_opens(client: CheckedClient, world: World) -> None:
    answer = client.post("/sign-in", data=RIGHT)
    assert (answer.status_code, answer.location) == (303, "/")
    assert client.get("/settings").status_code == 200
    assert actions() == ["sign-in"]


def test_the_address_is_compared_without_regard_to_case(client: CheckedClient, world: World) -> None:
    assert client.post("/sign-in", data={**RIGHT, "email": " ALICE@Example.Org "}).status_code == 303


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org", "no address at all"])
def test_wrong_password_and_unknown_account_are_one_answer(client: CheckedClient, world: World, email: str) -> None:
    answer = client.post("/sign-in", data={"email": email, "password": "velvet otter umbrella"})
    assert answer.status_code == 422
    assert "do not go together" in answer.text
    assert f'value="{email}"' in answer.text
    assert "velvet otter umbrella" not in answer.text


@pytest.mark.parametrize(
    "sent", [{}, {"email": ""}, {"email": "\x00", "password": "\x00"}, {"password": "x" * 100_000}]
)
def test_what_is_missing_is_named(client: CheckedClient, world: World, sent: dict[str, str]) -> None:
    assert client.post("/sign-in", data=sent).status_code == 422


def test_signing_in_leads_back_to_where_one_wanted_to_go(client: CheckedClient, world: World) -> None:
    asked = client.get("/settings/sessions")
    assert asked.location == "/sign-in?next=/settings/sessions"
    assert 'value="/settings/sessions"' in client.get(asked.location).text
    assert client.post("/sign-in", data={**RIGHT, "next": "/settings/sessions"}).location == "/settings/sessions"


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_next_never_leads_away(client: CheckedClient, as_, world: World, target: str) -> None:
    assert client.post("/sign-in", data={**RIGHT, "next": target}).location == "/"
    assert as_("bob").get("/sign-in", query_string={"next": target}).location == "/"


def test_each_sign_in_is_a_session_of_its_own_and_only_its_hash_is_kept(client: CheckedClient, world: World) -> None:
    client.post(
        "/sign-in", data=RIGHT, headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"}
    )
    with client.session_transaction() as kept:
        token = kept["_user_id"]
    newest = db.session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
    assert newest is not None
    assert (newest.device, newest.address) == ("Firefox/Linux", "127.0.0.1")
    assert token not in newest.token_hash
    assert len(token) >= 43


def test_nothing_that_was_put_into_the_cookie_before_survives(client: CheckedClient, world: World) -> None:
    with client.session_transaction() as planted:
        planted["planted"] = "by an attacker"
    client.post("/sign-in", data=RIGHT)
    with client.session_transaction() as kept:
        assert "planted" not in kept


def test_signing_out_ends_a_copied_cookie_too(client: CheckedClient, app: Flask, world: World) -> None:
    client.post("/sign-in", data=RIGHT)
    copy = new_client(app)
    with client.session_transaction() as kept, copy.session_transaction() as stolen:
        stolen.update(kept)
    assert copy.get("/settings").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert copy.get("/settings").status_code == 303


def test_signing_out_twice_does_no_harm(client: CheckedClient, world: World) -> None:
    assert client.post("/sign-out").status_code == 303


def test_signing_out_takes_a_post(as_, world: World) -> None:
    alice = as_("alice")
    assert alice.get("/sign-out").status_code == 405
    assert alice.get("/settings").status_code == 200


def test_the_eleventh_wrong_try_waits_even_with_the_right_password(client: CheckedClient, world: World) -> None:
    for _try in range(10):
        assert client.post("/sign-in", data=WRONG).status_code == 422
    refused = client.post("/sign-in", data=RIGHT)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60
    assert "limit-reached" in actions()


def test_an_unknown_account_is_limited_alike(client: CheckedClient, world: World) -> None:
    codes = [client.post("/sign-in", data={**WRONG, "email": "nobody@example.org"}).status_code for _try in range(11)]
    assert codes == [422] * 10 + [429]


def test_after_a_quarter_of_an_hour_it_opens_again(client: CheckedClient, world: World) -> None:
    for _try in range(10):
        client.post("/sign-in", data=WRONG)
    with time_machine.travel(now() + timedelta(minutes=16)):
        assert client.post("/sign-in", data=RIGHT).status_code == 303


def test_refused_tries_do_not_make_the_wait_longer(client: CheckedClient, world: World) -> None:
    for _try in range(13):
        client.post("/sign-in", data=WRONG)
    assert db.session.scalar(select(func.count()).select_from(SignInAttempt)) == 20  # account and address, ten each


def test_the_right_password_forgets_the_wrong_ones(client: CheckedClient, app: Flask, world: World) -> None:
    for _try in range(9):
        client.post("/sign-in", data=WRONG)
    client.post("/sign-in", data=RIGHT)
    other = new_client(app)
    assert [other.post("/sign-in", data=WRONG).status_code for _try in range(10)] == [422] * 10


def test_one_address_may_not_try_many_accounts(client: CheckedClient, world: World) -> None:
    for number in range(50):
        throttle.count(*throttle.sign_in_tries(f"member{number}@example.org", "127.0.0.1"))
    assert client.post("/sign-in", data=RIGHT).status_code == 429


def test_a_forged_forwarded_address_changes_nothing(client: CheckedClient, world: World) -> None:
    codes = [
        client.post("/sign-in", data=WRONG, headers={"X-Forwarded-For": f"203.0.113.{number}"}).status_code
        for number in range(11)
    ]
    assert codes[-1] == 429


def test_a_whole_ipv6_network_is_one_address(app: Flask) -> None:
    assert throttle.network("2001:db8:1:2:3::4") == throttle.network("2001:db8:1:2:ffff::9")
    assert throttle.network("2001:db8:1:2::1") != throttle.network("2001:db8:1:3::1")


def test_tries_at_the_same_time_all_count(app: Flask, world: World) -> None:
    """Thirty at once: exactly ten are looked at."""

    def try_once(_number: int) -> int:
        return new_client(app).post("/sign-in", data=WRONG).status_code

    with ThreadPoolExecutor(6) as pool:
        codes = list(pool.map(try_once, range(30)))
    assert (codes.count(422), codes.count(429)) == (10, 20)


def test_the_table_names_nobody(client: CheckedClient, world: World) -> None:
    client.post("/sign-in", data=WRONG)
    rows = db.session.scalars(select(SignInAttempt)).all()
    assert rows
    assert all("alice" not in row.key and "127.0.0.1" not in row.key for row in rows)


def test_a_disabled_account_says_so_to_its_owner_only(client: CheckedClient, world: World) -> None:
    db.session.execute(update(User).where(User.id == world.alice).values(is_active=False))
    db.session.commit()
    assert "switched off" in client.post("/sign-in", data=RIGHT).text
    assert "switched off" not in client.post("/sign-in", data=WRONG).text


def test_the_demo_accounts_are_listed_where_they_are(client: CheckedClient, world: World) -> None:
    page = client.get("/sign-in").text
    assert "guildhall-demo" in page
    assert "/sign-in?email=bob@example.org" in page
    assert 'value="bob@example.org"' in client.get("/sign-in?email=bob@example.org").text


def test_no_demo_account_is_listed_in_another_community(client: CheckedClient, app: Flask, world: World) -> None:
    db.session.execute(
        update(User).where(User.id == world.alice).values(email="al@example.org", email_key="al@example.org")
    )
    db.session.commit()
    assert "guildhall-demo" not in client.get("/sign-in").text


def test_an_unknown_account_costs_what_a_known_one_costs(app: Flask, world: World) -> None:
    costs = passwords.NOBODYS.split("$")[0]
    assert passwords.hashed("velvet otter umbrella").startswith(costs)
    assert not passwords.matches("", "velvet otter umbrella")


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_clock_does_not_tell_either(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Medians of 200 tries each, taken in turns, lie within a tenth of each other.

    Measured is the thread's own time: what else the machine is doing says nothing about us.
    """
    for limit in ("SIGN_IN_ACCOUNT", "SIGN_IN_ADDRESS"):
        monkeypatch.setattr(throttle, limit, replace(getattr(throttle, limit), most=10_000))
    same_cost = update(User).where(User.id == world.alice).values(password_hash=passwords.hashed(PASSWORD))
    db.session.execute(same_cost)
    db.session.commit()
    seconds: dict[str, list[float]] = {"alice@example.org": [], "nobody@example.org": []}
    for _try in range(200):
        for email, taken in seconds.items():
            began = time.thread_time()
            new_client(app).post("/sign-in", data={**WRONG, "email": email})
            taken.append(time.thread_time() - began)
    known, unknown = (statistics.median(taken) for taken in seconds.values())
    assert abs(known / unknown - 1) < 0.1
