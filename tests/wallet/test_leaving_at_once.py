"""An account is emptied at the very instant in which somebody gives it its first hours: nothing stays with nobody."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import operations as accounts
from app.accounts.models import User
from app.core.db import db
from app.core.errors import DomainError
from app.exchange.hours import recording
from app.wallet import operations
from app.wallet.models import Wallet
from app.wallet.operations import Gift
from tests.support.hours import given
from tests.support.ledger import assert_whole, balance, give_hours
from tests.support.wallets import Giver
from tests.world import World

A_MOMENT = 0.4


def give_gift(world: World) -> None:
    operations.give(Giver(world.alice), Gift(60, "Your first hour", to_id=world.carol), "first-hour-of-carol")


def record_help(world: World) -> None:
    recording.record(world.alice, given(world.alice, world.carol), "first-hours-of-carol", sharing="each")


WAYS = pytest.mark.parametrize("give", [give_gift, record_help])


@pytest.fixture
def two(app: Flask, world: World) -> Callable[..., str]:
    """`two(first, second)`: the first has done its work and waits a moment with its commit while the second begins;
    without a first one they start together. What became of the gift."""
    give_hours(world.alice, 300)
    outcome = ["given"]

    def work(action: Callable[[], object], begun: threading.Event, pause: float) -> None:
        with app.app_context():
            try:
                action()
                begun.set()
                threading.Event().wait(pause)
                db.session.commit()
            except DomainError:
                outcome[0] = "refused"
                db.session.rollback()
            finally:
                begun.set()
                db.session.remove()

    def run(first: Callable[[], object], second: Callable[[], object], *, together: bool = False) -> str:
        begun = threading.Event()
        threads = [
            threading.Thread(target=work, args=(first, begun, 0 if together else A_MOMENT)),
            threading.Thread(target=work, args=(second, threading.Event(), 0)),
        ]
        db.session.rollback()
        threads[0].start()
        if not together:
            assert begun.wait(10)
        threads[1].start()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        return outcome[0]

    return run


def pot() -> int:
    db.session.rollback()
    return db.session.scalar(select(Wallet.balance).where(Wallet.id == operations.pot_wallet())) or 0


@WAYS
def test_who_is_gone_gets_nothing(two: Callable[..., str], world: World, give: Callable[[World], None]) -> None:
    assert two(lambda: accounts.empty(world.carol), lambda: give(world)) == "refused"
    assert (balance(world.alice), balance(world.carol), pot()) == (300, 0, 0)
    assert_whole()


@WAYS
def test_what_came_before_goes_to_the_pot(two: Callable[..., str], world: World, give: Callable[[World], None]) -> None:
    assert two(lambda: give(world), lambda: accounts.empty(world.carol)) == "given"
    assert (balance(world.alice), balance(world.carol), pot()) == (240, 0, 60)
    assert_whole()


@WAYS
def test_both_at_once_leave_nothing_with_nobody(
    two: Callable[..., str], world: World, give: Callable[[World], None]
) -> None:
    outcome = two(lambda: accounts.empty(world.carol), lambda: give(world), together=True)
    db.session.rollback()
    assert db.session.get_one(User, world.carol).emptied_at is not None
    assert balance(world.carol) == 0
    assert pot() == (60 if outcome == "given" else 0)
    assert balance(world.alice) == (240 if outcome == "given" else 300)
    assert_whole()
