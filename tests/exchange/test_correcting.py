"""What a completed exchange has paid is taken back by an administrator: once, openly, and to the last minute."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.chats.models import Message
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict
from app.exchange.models import ExchangeEvent
from app.exchange.operations import correcting, settling
from app.notices.models import Notice
from app.wallet import operations as wallet
from app.wallet.kinds import HOLD, REFUND, RELEASE, REVERSAL
from app.wallet.models import Transfer
from tests.exchange.agreements import (
    agreed,
    assert_books,
    balances,
    exchange,
    give_hours,
    help_terms,
    minutes_of,
    set_aside,
    twice_at_once,
)
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
REASON = "It was an hour and not three quarters"


@pytest.fixture
def paid(app: Flask, world: World) -> int:
    """Bob helped Alice, who had two hours; an hour was agreed, three quarters were done and paid."""
    give_hours(world.alice, 120)
    exchange_id = agreed(world, help_terms(world.bob, world.alice))
    for user_id in (world.alice, world.bob):
        settling.confirm(exchange_id, user_id, minutes_of(exchange_id, 45))
        db.session.commit()
    assert balances(world.alice, world.bob) == [75, 45]
    return exchange_id


def line(kind: str) -> int:
    db.session.rollback()
    return db.session.scalars(select(Transfer.id).where(Transfer.kind == kind, Transfer.scope == "exchange")).one()


def correct(as_: As, number: int, key: str = "the-key-of-a-form-1") -> tuple[int, str]:
    answer = as_("admin").post(f"/admin/ledger/{number}/reversal", data={"reason": REASON, "idempotency_key": key})
    return answer.status_code, answer.text


def test_it_goes_back_to_who_gave_it_and_everybody_is_told(as_: As, world: World, paid: int) -> None:
    number = line(RELEASE)
    assert "It was paid for an exchange." in as_("admin").get(f"/admin/ledger/{number}").text
    assert correct(as_, number)[0] == 303
    assert balances(world.alice, world.bob) == [120, 0]
    assert set_aside() == 0
    assert db.session.scalars(select(Transfer.reverses_id).where(Transfer.kind == REVERSAL)).one() == number
    assert exchange(paid).state == "completed"
    last = select(Notice.user_id).where(Notice.params["event"].as_string() == "corrected")
    assert sorted(db.session.scalars(last)) == sorted([world.alice, world.bob])
    for name in ("alice", "bob"):
        page = as_(name).get(f"/exchanges/{paid}").text
        assert "A coordinator has taken back what was paid for it" in page
        assert REASON in page
        assert "What was paid for the exchange has been taken back" in as_(name).get(chat_of(paid)).text
        assert REASON in as_(name).get("/wallet/statement").text
    assert_books()


def test_it_is_taken_back_once(as_: As, world: World, paid: int) -> None:
    number = line(RELEASE)
    correct(as_, number)
    status, text = correct(as_, number, "the-key-of-a-form-2")
    assert status == 409
    assert "It was taken back already." in text
    assert balances(world.alice, world.bob) == [120, 0]
    assert_books()


def test_two_administrators_at_once_take_it_back_once(app: Flask, world: World, paid: int) -> None:
    def take() -> None:
        correcting.take_back(paid, REASON, world.admin)
        db.session.commit()

    outcomes = twice_at_once(app, take)
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 1
    assert balances(world.alice, world.bob) == [120, 0]
    assert db.session.scalar(select(func.count()).where(ExchangeEvent.action == "correct")) == 1
    assert db.session.scalar(select(func.count()).where(Message.kind == "exchange_corrected")) == 1
    assert_books()


def test_what_was_passed_on_since_stays(as_: As, world: World, paid: int) -> None:
    bob, carol = wallet.member_wallet(world.bob), wallet.member_wallet(world.carol)
    wallet.transfer(bob, carol, 30, text="On", scope="test", key="on")
    db.session.commit()
    status, text = correct(as_, line(RELEASE))
    assert status == 422
    assert "only 15 min of it can be taken back" in text
    assert balances(world.alice, world.bob) == [75, 15]
    assert not db.session.scalar(select(func.count()).where(ExchangeEvent.action == "correct"))
    assert_books()


@pytest.mark.parametrize("kind", [HOLD, REFUND])
def test_the_other_lines_of_it_lead_to_the_payment(as_: As, world: World, paid: int, kind: str) -> None:
    number = line(kind)
    page = as_("admin").get(f"/admin/ledger/{number}").text
    assert f'href="/admin/ledger/{line(RELEASE)}"' in page
    assert correct(as_, number)[0] == 409
    assert balances(world.alice, world.bob) == [75, 45]


def test_what_is_set_aside_for_an_open_one_is_not_touched(as_: As, world: World) -> None:
    give_hours(world.alice, 120)
    agreed(world, help_terms(world.bob, world.alice))
    number = line(HOLD)
    assert "an exchange that is still open" in as_("admin").get(f"/admin/ledger/{number}").text
    assert correct(as_, number)[0] == 409
    assert set_aside() == 60
    assert_books()


def test_nobody_takes_back_what_would_come_to_themselves(world: World, paid: int) -> None:
    with pytest.raises(Conflict, match="another administrator"):
        correcting.take_back(paid, REASON, world.alice)
    db.session.rollback()
    assert balances(world.alice, world.bob) == [75, 45]


@pytest.mark.parametrize("gone", ["emptied_at", "merged_into_id"])
def test_nothing_goes_back_to_an_account_that_is_no_more(as_: As, world: World, paid: int, gone: str) -> None:
    values = {"emptied_at": now()} if gone == "emptied_at" else {"merged_into_id": world.carol}
    closed = {**values, "closed_at": now(), "email": None, "email_key": None, "password_hash": "", "is_active": False}
    db.session.execute(update(User).where(User.id == world.alice).values(closed))
    db.session.commit()
    status, text = correct(as_, line(RELEASE))
    assert status == 409
    assert "no account here any more" in text
    assert balances(world.alice, world.bob) == [75, 45]
    assert_books()


def chat_of(exchange_id: int) -> str:
    return f"/chats/{exchange(exchange_id).chat_id}"
