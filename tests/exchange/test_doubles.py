"""Hours between accounts that turn out to be one member's: none come out of nothing, and none are lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from flask import Flask

from app.accounts import operations as accounts
from app.core.db import db
from app.core.errors import DomainError
from app.exchange.hours import answering
from app.exchange.models.exchanges import CANCELLED
from app.exchange.models.hours import EXPIRED
from app.exchange.operations import correcting, settling
from app.wallet import operations as wallet
from app.wallet import queries
from app.wallet.kinds import GIFT
from app.wallet.operations import Rules
from tests.exchange.agreements import agreed, balances, exchange, help_terms, minutes_of, set_aside
from tests.support.hours import given, pairs, write_down
from tests.support.ledger import assert_whole, give_hours
from tests.world import World


@pytest.fixture
def indebted(app: Flask, world: World) -> Iterator[World]:
    """Everybody may go ten hours below zero; Alice and Carol have ten hours."""
    wallet.change_rules(Rules(0, 600), world.admin)
    for user_id in (world.alice, world.carol):
        give_hours(user_id, 600)
    db.session.commit()
    yield world
    assert_whole()


def give(giver: int, receiver: int, minutes: int) -> int:
    """Commits; the number of the transfer."""
    sides = (wallet.member_wallet(giver), wallet.member_wallet(receiver))
    words = {"kind": GIFT, "text": "A cake", "scope": "test", "key": f"{giver}-{receiver}"}
    posted = wallet.transfer(*sides, minutes, **words)
    db.session.commit()
    return posted.transfer_id


def merge(world: World, kept: int, duplicate: int) -> int:
    done = accounts.merge_members(kept, duplicate, world.admin)
    db.session.commit()
    return done.id


def test_nobody_agrees_to_what_a_double_owes(indebted: World) -> None:
    record = write_down(indebted.alice, given(indebted.alice, indebted.bob, minutes=300, is_helper=True))
    merge(indebted, indebted.alice, indebted.bob)
    (pair,) = pairs(record)
    assert pair.state == EXPIRED
    assert balances(indebted.alice, indebted.bob) == [600, 0]


def test_what_is_open_with_a_double_ends_with_it(indebted: World) -> None:
    """Alice has set an hour aside for Bob, who is Alice."""
    exchange_id = agreed(indebted, help_terms(indebted.bob, indebted.alice))
    assert balances(indebted.alice) == [540]
    merge(indebted, indebted.alice, indebted.bob)
    assert exchange(exchange_id).state == CANCELLED
    assert balances(indebted.alice, indebted.bob) == [600, 0]
    assert set_aside() == 0


def test_what_the_double_set_aside_for_the_kept_one_comes_back_to_it(indebted: World) -> None:
    exchange_id = agreed(indebted, help_terms(indebted.alice, indebted.bob))
    assert balances(indebted.alice, indebted.bob) == [600, -60]
    merge(indebted, indebted.alice, indebted.bob)
    assert exchange(exchange_id).state == CANCELLED
    assert balances(indebted.alice, indebted.bob) == [600, 0]


def test_what_is_on_its_way_to_a_double_arrives_too(app: Flask, indebted: World) -> None:
    has_posted = threading.Event()

    def give_slowly() -> None:
        with app.app_context():
            sides = (wallet.member_wallet(indebted.carol), wallet.member_wallet(indebted.bob))
            wallet.transfer(*sides, 60, kind=GIFT, text="A cake", scope="test", key="slowly")
            has_posted.set()
            time.sleep(0.3)
            db.session.commit()
            db.session.remove()

    give(indebted.carol, indebted.bob, 30)
    slow = threading.Thread(target=give_slowly)
    slow.start()
    has_posted.wait()
    merge(indebted, indebted.alice, indebted.bob)
    slow.join()
    assert balances(indebted.alice, indebted.bob) == [690, 0]


def test_what_a_double_was_paid_is_taken_back_from_whom_it_came_to(indebted: World) -> None:
    record = write_down(indebted.carol, given(indebted.carol, indebted.bob, minutes=60))
    merge(indebted, indebted.alice, indebted.bob)
    assert balances(indebted.alice, indebted.bob, indebted.carol) == [660, 0, 540]
    (pair,) = pairs(record)
    answering.take_back(indebted.carol, pair.id, pair.version, "Wrong")
    db.session.commit()
    assert balances(indebted.alice, indebted.bob, indebted.carol) == [600, 0, 600]


def test_what_a_double_paid_comes_back_to_the_kept_one(indebted: World) -> None:
    record = write_down(indebted.bob, given(indebted.bob, indebted.carol, minutes=60))
    merge(indebted, indebted.alice, indebted.bob)
    assert balances(indebted.alice, indebted.bob, indebted.carol) == [540, 0, 660]
    (pair,) = pairs(record)
    answering.take_back(indebted.carol, pair.id, pair.version, "Wrong")
    db.session.commit()
    assert balances(indebted.alice, indebted.bob, indebted.carol) == [600, 0, 600]


def test_what_came_with_a_double_and_was_spent_is_not_taken_back(indebted: World) -> None:
    gift = give(indebted.carol, indebted.bob, 60)
    merge(indebted, indebted.alice, indebted.bob)
    give(indebted.alice, indebted.mod, 1230)
    with pytest.raises(DomainError, match="only 30 min of it"):
        wallet.take_back(gift, "Wrong", indebted.admin)
    db.session.rollback()


def test_what_an_emptied_account_gave_comes_back_to_the_pot(indebted: World) -> None:
    gift = give(indebted.carol, indebted.bob, 60)
    accounts.empty(indebted.carol)
    db.session.commit()
    wallet.take_back(gift, "Wrong", indebted.admin)
    db.session.commit()
    assert balances(indebted.bob, indebted.carol) == [0, 0]
    assert db.session.scalars(queries.balance_of_wallet(wallet.pot_wallet())).one() == 600


def test_an_emptied_account_owes_no_more_than_it_did(indebted: World) -> None:
    """What was given to it is in the pot: taking it back from nobody would be hours out of nothing."""
    gift = give(indebted.carol, indebted.bob, 60)
    accounts.empty(indebted.bob)
    db.session.commit()
    with pytest.raises(DomainError, match="passed on since"):
        wallet.take_back(gift, "Wrong", indebted.admin)
    db.session.rollback()
    assert balances(indebted.bob, indebted.carol) == [0, 540]


def test_a_debt_of_a_former_member_stops_no_rule(indebted: World) -> None:
    give(indebted.bob, indebted.carol, 600)
    accounts.empty(indebted.bob)
    db.session.commit()
    wallet.change_rules(Rules(0, 60), indebted.admin)
    db.session.commit()
    assert balances(indebted.bob) == [-600]


def test_what_an_exchange_paid_a_double_is_taken_back_from_the_kept_one(indebted: World) -> None:
    exchange_id = agreed(indebted, help_terms(indebted.bob, indebted.alice))
    for user_id in (indebted.alice, indebted.bob):
        settling.confirm(exchange_id, user_id, minutes_of(exchange_id, 60))
        db.session.commit()
    merge(indebted, indebted.carol, indebted.bob)
    assert balances(indebted.alice, indebted.bob, indebted.carol) == [540, 0, 660]
    correcting.take_back(exchange_id, "Wrong", indebted.admin)
    db.session.commit()
    assert balances(indebted.alice, indebted.bob, indebted.carol) == [600, 0, 600]
