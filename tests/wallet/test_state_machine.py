"""Random histories of the ledger beside a plain model of it: dictionaries of integers.

Transfers, holds, releases, refunds and reversals, with amounts that are negative, nothing or beyond 64 bits, to
oneself, across currencies, and with keys that come again. A control run plants a bug that it must find.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.money import TIME
from app.wallet import kinds, operations, verify
from app.wallet.models import LARGEST_AMOUNT, Transfer, Wallet
from app.wallet.operations import posting
from tests.world import World

PLAYERS, ESCROWS, KEYS = 4, 2, 12
FLOORS = (0, 0, -100, 0)
AMOUNTS = st.one_of(
    st.integers(-5, 150),
    st.sampled_from([0, -1, LARGEST_AMOUNT, LARGEST_AMOUNT + 1, 2**63 - 1, 2**63, -(2**63)]),
)


class Ledger(RuleBasedStateMachine):
    """`balances` is the model; `done` remembers what was said under each key and which transfer it was."""

    run = 0

    def __init__(self) -> None:
        super().__init__()
        Ledger.run += 1
        self.mark = f"run:{Ledger.run}"
        self.players = [
            operations.wallet_for(kinds.ORGANISATION, f"{self.mark}:player:{n}", TIME, floor=FLOORS[n])
            for n in range(PLAYERS)
        ]
        self.euros = operations.wallet_for(kinds.ORGANISATION, f"{self.mark}:player:0", "EUR")
        self.issue = operations.wallet_for(kinds.ISSUE, f"{self.mark}:issue", TIME)
        self.escrow_names = [f"{self.mark}:escrow:{n}" for n in range(ESCROWS)]
        self.escrows = [operations.wallet_for(kinds.ESCROW, owner, TIME) for owner in self.escrow_names]
        db.session.commit()
        self.floors: dict[int, int | None] = dict(zip(self.players, FLOORS, strict=True))
        self.floors |= {self.issue: None, self.euros: 0, **dict.fromkeys(self.escrows, 0)}
        self.balances = dict.fromkeys(self.floors, 0)
        self.done: dict[tuple[str, str], tuple[Any, int]] = {}
        self.moved: dict[int, dict[int, int]] = {}

    def attempt(self, key: str, said: Any, legs: list[tuple[int, int]], call: Callable[[], operations.Posted]) -> None:
        """Does it in the ledger and in the model; both must agree on whether it happens."""
        expected = self.expected(key, said, legs)
        try:
            posted = call()
        except DomainError as error:
            db.session.rollback()
            assert expected == ("conflict" if isinstance(error, Conflict) else "refused"), error
            return
        db.session.commit()
        assert expected == ("new" if posted.is_new else "repeated")
        if posted.is_new:
            assert posted.transfer_id not in self.moved
            self.done[self.mark, key] = said, posted.transfer_id
            self.moved[posted.transfer_id] = dict(legs)
            for wallet, amount in legs:
                self.balances[wallet] += amount
        else:
            assert posted.transfer_id == self.done[self.mark, key][1]

    def expected(self, key: str, said: Any, legs: list[tuple[int, int]]) -> str:
        (source, out), (target, amount) = legs
        if source == target or not 0 < amount <= LARGEST_AMOUNT or out != -amount:
            return "refused"
        if (source == self.euros) is not (target == self.euros):
            return "refused"
        if (self.mark, key) in self.done:
            return "repeated" if self.done[self.mark, key][0] == said else "conflict"
        floor = self.floors[source]
        return "refused" if floor is not None and self.balances[source] - amount < floor else "new"

    @rule(source=st.integers(0, PLAYERS + 1), to=st.integers(0, PLAYERS + 1), amount=AMOUNTS, key=st.integers(0, KEYS))
    def transfer(self, source: int, to: int, amount: int, key: int) -> None:
        everybody = [*self.players, self.issue, self.euros]
        one, other = everybody[source], everybody[to]
        words: dict[str, Any] = {"text": "Property", "scope": self.mark, "key": str(key)}
        self.attempt(
            str(key),
            ("transfer", one, other, amount),
            [(one, -amount), (other, amount)],
            lambda: operations.transfer(one, other, amount, **words),
        )

    @rule(to=st.integers(0, PLAYERS - 1), amount=st.integers(1, 300), key=st.integers(0, 10**6))
    def grant(self, to: int, amount: int, key: int) -> None:
        player, name = self.players[to], f"grant{key}"
        words: dict[str, Any] = {"kind": kinds.GRANT, "text": "Property", "scope": self.mark, "key": name}
        self.attempt(
            name,
            ("grant", player, amount),
            [(self.issue, -amount), (player, amount)],
            lambda: operations.transfer(self.issue, player, amount, **words),
        )

    @rule(
        source=st.integers(0, PLAYERS - 1), escrow=st.integers(0, ESCROWS - 1), amount=AMOUNTS, key=st.integers(0, KEYS)
    )
    def hold(self, source: int, escrow: int, amount: int, key: int) -> None:
        player, name = self.players[source], f"hold{key}"
        words: dict[str, Any] = {"text": "Property", "scope": self.mark, "key": name}
        self.attempt(
            name,
            ("hold", player, escrow, amount),
            [(player, -amount), (self.escrows[escrow], amount)],
            lambda: operations.hold(player, self.escrow_names[escrow], amount, **words),
        )

    @rule(
        to=st.integers(0, PLAYERS - 1),
        escrow=st.integers(0, ESCROWS - 1),
        amount=AMOUNTS,
        key=st.integers(0, KEYS),
        verb=st.sampled_from([operations.release, operations.refund]),
    )
    def settle(self, to: int, escrow: int, amount: int, key: int, verb: Any) -> None:
        player, name = self.players[to], f"settle{key}"
        words: dict[str, Any] = {"text": "Property", "scope": self.mark, "key": name}
        self.attempt(
            name,
            (verb.__name__, player, escrow, amount),
            [(self.escrows[escrow], -amount), (player, amount)],
            lambda: verb(self.escrow_names[escrow], player, amount, **words),
        )

    @rule(which=st.integers(0, 30))
    def reverse(self, which: int) -> None:
        """Of any transfer, also of one that is a reversal itself."""
        if not self.moved:
            return
        transfer_id = sorted(self.moved)[which % len(self.moved)]
        legs = sorted(((wallet, -amount) for wallet, amount in self.moved[transfer_id].items()), key=lambda leg: leg[1])
        self.attempt(
            f"reversal{transfer_id}",
            transfer_id,
            legs,
            lambda: operations.reverse(transfer_id, text="Property"),
        )

    @invariant()
    def the_ledger_has_what_the_model_has(self) -> None:
        mine = select(Wallet.id, Wallet.balance).where(Wallet.id.in_(self.balances))
        found = {row.id: row.balance for row in db.session.execute(mine)}
        db.session.rollback()
        assert found == self.balances
        assert sum(found.values()) == 0

    def teardown(self) -> None:
        assert verify.findings() == []


def explore(examples: int, *phases: Phase) -> None:
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=examples,
            stateful_step_count=25,
            phases=phases or tuple(Phase),
            report_multiple_bugs=False,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_random_histories_keep_the_books(app: Flask, world: World) -> None:
    explore(12)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_many_random_histories_keep_the_books(app: Flask, world: World) -> None:
    explore(400)


def without_floor(legs: Any, **words: Any) -> operations.Posted:
    for wallet_id, _amount in legs:
        operations.set_floor(wallet_id, None)
    return posting.post(legs, **words)


def without_memory(legs: Any, **words: Any) -> operations.Posted:
    if words["kind"] != kinds.REVERSAL:
        count = len(db.session.scalars(select(Transfer.id).where(Transfer.scope == words["scope"])).all())
        words["key"] = f"{words['key']}:{count}"
    return posting.post(legs, **words)


def one_less(legs: Any, **words: Any) -> operations.Posted:
    return posting.post([(wallet, amount - (amount > 100) + (amount < -100)) for wallet, amount in legs], **words)


@pytest.mark.parametrize("bug", [without_floor, without_memory, one_less])
def test_a_planted_bug_is_found(app: Flask, world: World, bug: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without it nobody knows whether the machine can fail."""
    monkeypatch.setattr("app.wallet.operations.moving.post", bug)
    with pytest.raises(AssertionError):
        explore(200, Phase.generate)
    db.session.rollback()
