"""P4 for money: the same again, from many sides at once, has one effect."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import RELEASES_EARLY, db, dialect_name
from app.core.errors import Conflict
from app.core.money import TIME
from app.wallet import kinds, operations
from app.wallet.models import Transfer, Wallet
from app.wallet.operations import FloorBroken, Posted
from tests.support.ledger import balances
from tests.wallet.conftest import Wallets

MANY = 16
Result = TypeVar("Result")


def all_at_once(app: Flask, work: Callable[[int], Result]) -> list[Result | Exception]:
    """What `work(n)` returned or raised in each of MANY threads, which start together and commit for real."""
    barrier = threading.Barrier(MANY)
    results: list[Any] = [None] * MANY

    def run(number: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results[number] = work(number)
                db.session.commit()
            except (Conflict, FloorBroken) as error:
                db.session.rollback()
                results[number] = error.with_traceback(None)
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(MANY)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert None not in results
    return results


def test_the_same_transfer_sixteen_times_is_one(app: Flask, wallets: Wallets) -> None:
    def pay(_number: int) -> Posted:
        return operations.transfer(wallets.alice, wallets.bob, 45, text="Once", scope="form", key="token")

    results = all_at_once(app, pay)
    assert len({result.transfer_id for result in results if isinstance(result, Posted)}) == 1
    assert [result.is_new for result in results if isinstance(result, Posted)].count(True) == 1
    assert len(results) == MANY
    assert balances(wallets.alice, wallets.bob) == [255, 105]


def test_sixteen_that_cannot_all_be_paid(app: Flask, wallets: Wallets) -> None:
    """Alice has 300 minutes: six times 45 fit, ten do not; nobody gets a half."""

    def pay(number: int) -> Posted:
        return operations.transfer(wallets.alice, wallets.bob, 45, text="Mine", scope="form", key=str(number))

    results = all_at_once(app, pay)
    assert sum(isinstance(result, Posted) for result in results) == 6
    assert sum(isinstance(result, FloorBroken) for result in results) == 10
    assert balances(wallets.alice, wallets.bob) == [30, 330]


def test_payments_in_both_directions_do_not_wait_for_each_other(app: Flask, wallets: Wallets) -> None:
    def pay(number: int) -> Posted:
        sides = (wallets.alice, wallets.bob) if number % 2 else (wallets.bob, wallets.alice)
        return operations.transfer(*sides, 5, text="There and back", scope="form", key=str(number))

    assert all(isinstance(result, Posted) for result in all_at_once(app, pay))
    assert balances(wallets.alice, wallets.bob) == [300, 60]


def test_one_key_for_sixteen_different_things_is_one_thing(app: Flask, wallets: Wallets) -> None:
    def pay(number: int) -> Posted:
        to = wallets.bob if number % 2 else wallets.carol
        return operations.transfer(wallets.alice, to, 1 + number, text="Which", scope="form", key="token")

    results = all_at_once(app, pay)
    assert sum(isinstance(result, Posted) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == MANY - 1


def test_what_is_held_is_released_once(app: Flask, wallets: Wallets) -> None:
    operations.hold(wallets.alice, "exchange:1", 90, text="Spanish", scope="exchange:1", key="hold")
    db.session.commit()

    def settle(number: int) -> Posted:
        """Half of them confirm, half of them call it off."""
        if number % 2:
            return operations.release("exchange:1", wallets.bob, 90, text="Spanish", scope="exchange:1", key="done")
        return operations.refund("exchange:1", wallets.alice, 90, text="Spanish", scope="exchange:1", key="done")

    results = all_at_once(app, settle)
    assert sum(isinstance(result, Posted) and result.is_new for result in results) == 1
    assert sorted(balances(wallets.alice, wallets.bob)) in ([60, 300], [150, 210])


def test_a_transfer_is_reversed_once(app: Flask, wallets: Wallets) -> None:
    posted = operations.transfer(wallets.alice, wallets.bob, 45, text="Oops", scope="form", key="1")
    db.session.commit()
    results = all_at_once(app, lambda _number: operations.reverse(posted.transfer_id, text="Oops"))
    assert len({result.transfer_id for result in results if isinstance(result, Posted)}) == 1
    assert balances(wallets.alice, wallets.bob) == [300, 60]


def test_a_wallet_that_sixteen_need_is_made_once(app: Flask, wallets: Wallets) -> None:
    ids = all_at_once(app, lambda _number: operations.wallet_for(kinds.ESCROW, "exchange:9", TIME))
    assert len(set(ids)) == 1
    assert db.session.scalars(select(Wallet.id).where(Wallet.owner == "exchange:9")).all() == [ids[0]]


def test_several_posts_of_one_transaction_take_their_locks_first(app: Flask, wallets: Wallets) -> None:
    """In opposite orders: without `lock` PostgreSQL would have to end one of two that wait for each other."""

    def pay(number: int) -> bool:
        sides = [wallets.alice, wallets.bob, wallets.carol]
        operations.lock([*sides, wallets.issue])
        for step, to in enumerate(sides if number % 2 else reversed(sides)):
            words = {"text": "Many", "scope": f"form:{number}", "key": str(step)}
            operations.transfer(wallets.issue, to, 1, kind=kinds.GRANT, **words)
        return True

    assert all_at_once(app, pay) == [True] * MANY
    assert balances(wallets.alice, wallets.bob, wallets.carol) == [316, 76, 16]


@pytest.mark.parametrize("committed", [True, False])
def test_who_retries_after_a_crash_is_answered_with_what_happened(
    app: Flask, wallets: Wallets, committed: bool
) -> None:
    """The connection is lost after the commit or before it; the member sends the form again."""
    words = {"text": "Again", "scope": "form", "key": "token"}
    operations.transfer(wallets.alice, wallets.bob, 45, **words)
    if committed:
        db.session.commit()
    db.session.connection().invalidate()
    db.session.remove()
    again = operations.transfer(wallets.alice, wallets.bob, 45, **words)
    db.session.commit()
    assert again.is_new is not committed
    assert balances(wallets.alice, wallets.bob) == [255, 105]
    assert len(db.session.scalars(select(Transfer.id).where(Transfer.scope == "form")).all()) == 1


def test_who_had_to_wait_for_a_wallet_gives_it_free_early(app: Flask, wallets: Wallets) -> None:
    """On PostgreSQL; that nothing is confirmed before it is on disk is for tests/faults/test_ledger_crashes.py."""
    if dialect_name() == "sqlite":  # one writes at a time, there is nothing to give free
        return
    has_posted = threading.Event()

    def pay_slowly() -> None:
        with app.app_context():
            operations.transfer(wallets.alice, wallets.bob, 1, text="Slowly", scope="form", key="1")
            has_posted.set()
            time.sleep(0.2)
            db.session.commit()
            db.session.remove()

    slow = threading.Thread(target=pay_slowly)
    slow.start()
    has_posted.wait()
    operations.transfer(wallets.alice, wallets.bob, 2, text="After it", scope="form", key="2")
    connection = db.session.connection()
    assert connection.info[RELEASES_EARLY]
    assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "off"
    db.session.commit()
    slow.join()
    connection = db.session.connection()
    assert RELEASES_EARLY not in connection.info
    operations.transfer(wallets.bob, wallets.carol, 3, text="Nobody waits", scope="form", key="3")
    assert RELEASES_EARLY not in db.session.connection().info
    db.session.commit()
    assert balances(wallets.alice, wallets.bob, wallets.carol) == [297, 60, 3]


def test_who_repeats_a_transfer_waits_until_the_first_one_is_on_disk(app: Flask, wallets: Wallets) -> None:
    """The first one may have given its wallets free before it was, and the second has nothing of its own to write."""
    words = {"text": "All of it", "scope": "form", "key": "token"}
    operations.transfer(wallets.alice, wallets.bob, 300, **words)
    db.session.commit()
    assert not operations.transfer(wallets.alice, wallets.bob, 300, **words).is_new
    assert db.session.connection().info.get(RELEASES_EARLY, False) is (dialect_name() == "postgresql")
    db.session.commit()
    assert balances(wallets.alice, wallets.bob) == [0, 360]


@pytest.mark.parametrize("locks", [True, False])
def test_in_the_queue_of_a_wallet_stands_only_who_holds_nothing_yet(app: Flask, wallets: Wallets, locks: bool) -> None:
    """Two who each held what the other queues for would wait for ever, and a big import would use up all locks."""
    if dialect_name() == "sqlite":
        return
    if locks:
        operations.lock([wallets.alice])
    operations.transfer(wallets.alice, wallets.bob, 1, text="One", scope="form", key="1")
    operations.transfer(wallets.alice, wallets.carol, 1, text="Two", scope="form", key="2")
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()"
    assert db.session.connection().exec_driver_sql(held).scalar_one() == (0 if locks else 2)
    db.session.commit()
