"""Three wallets with an hour or more, and books that are whole after every test that does not say otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask

from app.core.db import db
from app.core.money import TIME
from app.wallet import kinds, operations
from tests.support.ledger import assert_whole, give_hours
from tests.world import World


@dataclass(frozen=True)
class Wallets:
    """Ids of wallets in hours: Alice has 300 minutes, Bob 60, Carol nothing; `issue` is where they come from."""

    alice: int
    bob: int
    carol: int
    issue: int


@pytest.fixture
def wallets(tampered: Wallets) -> Iterator[Wallets]:
    yield tampered
    assert_whole()


@pytest.fixture
def tampered(app: Flask, world: World) -> Wallets:
    """The same wallets for tests after which the books are not whole."""
    made = Wallets(
        alice=give_hours(world.alice, 300),
        bob=give_hours(world.bob, 60),
        carol=operations.member_wallet(world.carol),
        issue=operations.wallet_for(kinds.ISSUE, "community", TIME),
    )
    db.session.commit()
    return made
