"""Giving hours in the browser: once, with the reason, and only what is there."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts import operations as accounts
from app.accounts.models import User
from app.core.db import db
from app.notices.models import Notice
from app.wallet import kinds, operations
from app.wallet.models import Transfer, Wallet
from app.wallet.operations import Rules
from tests.support.client import CheckedClient
from tests.support.ledger import assert_whole, balance, give_hours
from tests.world import World

As = Callable[[str], CheckedClient]
KEY = "a-key-of-a-form-1234"


@pytest.fixture(autouse=True)
def books(app: Flask) -> Iterator[None]:
    """Every test about money ends with whole books."""
    yield
    assert_whole()


def form(to: int, **changes: Any) -> dict[str, Any]:
    typed = {"to": to, "purse": "0", "hours": "1", "minutes": "30", "reason": "Sourdough", "idempotency_key": KEY}
    return {**typed, **changes}


def gifts() -> int:
    return db.session.scalars(select(func.count()).select_from(Transfer).where(Transfer.kind == kinds.GIFT)).one()


def test_a_gift_from_the_form_to_the_statement(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    alice = as_("alice")
    page = alice.get(f"/wallet/give/{world.bob}")
    assert "Give hours to Bob Brandt" in page.text
    key = re.search(r'name="idempotency_key"[^>]*value="([^"]+)"', page.text)
    assert key
    sure = alice.post("/wallet/give", data=form(world.bob, idempotency_key=key[1]))
    assert sure.status_code == 200
    assert "5 h" in sure.text and "3 h 30 min" in sure.text and key[1] in sure.text
    assert gifts() == 0
    answer = alice.post("/wallet/gifts", data=form(world.bob, idempotency_key=key[1]))
    assert (answer.status_code, answer.location) == (303, "/wallet")
    assert (balance(world.alice), balance(world.bob)) == (210, 90)
    assert "You have given 1 h 30 min." in alice.get("/wallet").text
    line = as_("bob").get("/wallet").text
    assert "Alice Adeyemi" in line and "Sourdough" in line and "+1 h 30 min" in line


def test_the_balance_of_the_other_one_is_never_shown(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    give_hours(world.bob, 747)
    page = as_("alice").post("/wallet/give", data=form(world.bob)).text
    assert "12 h 27 min" not in page and "13 h 57 min" not in page


def test_change_leads_back_with_what_was_typed(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    page = as_("alice").post("/wallet/give", data=form(world.bob, reason="A chair", change="1"))
    assert page.status_code == 200
    assert 'value="A chair"' in page.text and 'value="30"' in page.text


def test_the_receiver_is_told_and_the_giver_is_not(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    as_("alice").post("/wallet/gifts", data=form(world.bob))
    rows = db.session.execute(select(Notice.user_id, Notice.url, Notice.params)).all()
    assert [row.user_id for row in rows] == [world.bob]
    assert as_("bob").get(rows[0].url).status_code == 200
    assert "Alice Adeyemi gave you 1 h 30 min: Sourdough" in as_("bob").get("/notices").text


@pytest.mark.parametrize("address", ["/wallet/give", "/wallet/gifts"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"hours": "0", "minutes": "0"}, "Choose more than nothing."),
        ({"hours": "-1", "minutes": "0"}, "A whole number from 0 to 10000"),
        ({"hours": "5", "minutes": "1"}, "At most 5 h can be given from here."),
        ({"hours": "", "minutes": ""}, "A whole number from 0 to 10000"),
        ({"hours": "9" * 25}, "A whole number from 0 to 10000"),
        ({"hours": "one"}, "A whole number from 0 to 10000"),
        ({"minutes": "60"}, "A whole number from 0 to 59"),
        ({"reason": ""}, "Say what it is for."),
        ({"reason": "x" * 201}, "At most 200 characters"),
        ({"purse": "77"}, "Please choose one."),
    ],
)
def test_what_cannot_be_is_said_at_the_field(
    app: Flask, as_: As, world: World, address: str, typed: dict[str, str], said: str
) -> None:
    give_hours(world.alice, 300)
    answer = as_("alice").post(address, data=form(world.bob, **typed))
    assert answer.status_code == 422
    assert said in answer.text and "error-summary" in answer.text
    assert (gifts(), balance(world.alice)) == (0, 300)


def _oneself(world: World) -> int:
    return world.alice


def _nobody(_world: World) -> int:
    return 999_999


def _beyond(_world: World) -> int:
    return 10**30


def _blocked(world: World) -> int:
    accounts.block(world.bob, world.alice)
    return world.bob


def _blocking(world: World) -> int:
    accounts.block(world.alice, world.bob)
    return world.bob


def _paused(world: World) -> int:
    accounts.set_paused(world.bob, True)
    return world.bob


def _unapproved(world: World) -> int:
    db.session.execute(update(User).where(User.id == world.bob).values(approved_at=None))
    return world.bob


def _disabled(world: World) -> int:
    db.session.execute(update(User).where(User.id == world.bob).values(is_active=False))
    return world.bob


@pytest.mark.parametrize(
    ("whom", "said"),
    [
        (_oneself, "You cannot give hours to yourself."),
        (_nobody, "There is no such member"),
        (_beyond, "There is no such member"),
        (_blocked, "There is no such member"),
        (_blocking, "There is no such member"),
        (_paused, "Bob Brandt takes a break"),
        (_unapproved, "There is no such member"),
        (_disabled, "There is no such member"),
    ],
)
def test_who_cannot_be_given_anything(
    app: Flask, as_: As, world: World, whom: Callable[[World], int], said: str
) -> None:
    give_hours(world.alice, 300)
    to = whom(world)
    db.session.commit()
    for address in ("/wallet/give", "/wallet/gifts"):
        answer = as_("alice").post(address, data=form(to))
        assert answer.status_code == 422
        assert said in answer.text
    assert (gifts(), balance(world.alice)) == (0, 300)


def test_the_form_of_somebody_unknown_is_not_there(app: Flask, as_: As, world: World) -> None:
    accounts.block(world.bob, world.alice)
    db.session.commit()
    for path in (f"/wallet/give/{world.bob}", "/wallet/give/999999", "/wallet/give?organisation=999999"):
        assert as_("alice").get(path).status_code == 404


def test_credit_lets_a_member_begin(app: Flask, as_: As, world: World) -> None:
    operations.change_rules(Rules(0, 120), world.admin)
    db.session.commit()
    assert "It may go down to −2 h, so 2 h can be given." in as_("carol").get("/wallet").text
    assert as_("carol").post("/wallet/gifts", data=form(world.bob, hours="2", minutes="1")).status_code == 422
    assert as_("carol").post("/wallet/gifts", data=form(world.bob, hours="2", minutes="0")).status_code == 303
    assert balance(world.carol) == -120


def test_the_same_form_sixteen_times_at_once_gives_once(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    browsers = [as_("alice") for _n in range(16)]
    answers = posted_at_once(browsers, form(world.bob))
    assert answers == [(303, "/wallet")] * 16
    assert (gifts(), balance(world.alice), balance(world.bob)) == (1, 210, 90)
    assert db.session.scalars(select(func.count()).select_from(Notice)).one() == 1


def test_sixteen_forms_at_once_spend_what_is_there_and_no_more(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    browsers = [as_("alice") for _n in range(16)]
    answers = posted_at_once(browsers, *(form(world.bob, idempotency_key=f"another-key-{n:08}") for n in range(16)))
    assert sorted(status for status, _location in answers) == [303] * 3 + [422] * 13
    assert (gifts(), balance(world.alice), balance(world.bob)) == (3, 30, 270)


def test_both_ways_at_once_do_not_wait_for_each_other(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    give_hours(world.bob, 300)
    browsers = [as_(name) for name in ("alice", "bob") * 4]
    whom = (world.bob, world.alice) * 4
    forms = [form(to, idempotency_key=f"crossing-key-{n:08}", hours="0") for n, to in enumerate(whom)]
    assert [status for status, _location in posted_at_once(browsers, *forms)] == [303] * 8
    assert (balance(world.alice), balance(world.bob)) == (300, 300)


def test_a_used_form_with_other_details_is_refused(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    alice = as_("alice")
    assert alice.post("/wallet/gifts", data=form(world.bob)).status_code == 303
    answer = alice.post("/wallet/gifts", data=form(world.bob, hours="2"))
    assert answer.status_code == 422
    assert "This page was used already" in answer.text
    assert balance(world.bob) == 90


def test_a_refused_form_can_be_mended(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 60)
    alice = as_("alice")
    assert alice.post("/wallet/gifts", data=form(world.bob)).status_code == 422
    assert alice.post("/wallet/gifts", data=form(world.bob, minutes="0")).status_code == 303


def test_the_same_key_of_two_members_is_two(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    give_hours(world.bob, 300)
    assert as_("alice").post("/wallet/gifts", data=form(world.carol)).status_code == 303
    assert as_("bob").post("/wallet/gifts", data=form(world.carol)).status_code == 303
    assert balance(world.carol) == 180


def test_a_form_without_its_key_is_not_taken(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    for key in ("", "short", "x" * 65, "with blank in its middle"):
        assert as_("alice").post("/wallet/gifts", data=form(world.bob, idempotency_key=key)).status_code == 400
    assert gifts() == 0


def test_fields_that_the_form_does_not_have_change_nothing(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    more = {"balance": "9999", "floor": "-9999", "actor_id": str(world.bob), "kind": "grant", "currency": "EUR"}
    assert as_("alice").post("/wallet/gifts", data=form(world.bob, **more)).status_code == 303
    row = db.session.scalars(select(Transfer).where(Transfer.kind == kinds.GIFT)).one()
    assert (row.actor_id, row.currency) == (world.alice, "TIME")
    floors = db.session.scalars(select(Wallet.floor).where(Wallet.kind == kinds.MEMBER)).all()
    assert set(floors) == {0}


def test_members_are_found_by_name_and_number(app: Flask, as_: As, world: World) -> None:
    alice = as_("alice")
    assert f'href="/wallet/give/{world.bob}"' in alice.get("/wallet/give?q=brandt").text
    number = db.session.scalars(select(User.number).where(User.id == world.bob)).one()
    assert f'href="/wallet/give/{world.bob}"' in alice.get(f"/wallet/give?q={number}").text
    assert f'href="/wallet/give/{world.alice}"' not in alice.get("/wallet/give?q=adeyemi").text
    assert "Nobody found" in alice.get("/wallet/give?q=%25").text


def posted_at_once(browsers: list[CheckedClient], *forms: dict[str, Any]) -> list[tuple[int, str | None]]:
    """The answers to /wallet/gifts, each browser with its form or all with the one."""
    barrier = threading.Barrier(len(browsers))
    answers: list[tuple[int, str | None]] = []

    def post(browser: CheckedClient, data: dict[str, Any]) -> None:
        barrier.wait()
        answer = browser.post("/wallet/gifts", data=data)
        answers.append((answer.status_code, answer.location))

    db.session.rollback()
    each = forms if len(forms) == len(browsers) else forms * len(browsers)
    threads = [threading.Thread(target=post, args=pair) for pair in zip(browsers, each, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
