"""`flask wallet drill`: the operators' own test, on a copy of their database."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.wallet import drill
from app.wallet.models import Transfer
from tests.support.ledger import assert_whole, give_hours
from tests.world import World


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_drill_passes_and_leaves_the_site_alone(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    give_hours(world.alice, 300)
    done = app.test_cli_runner().invoke(args=["wallet", "drill", "--rounds", "2", "--seconds", "1.5"])
    said = re.fullmatch(r"Passed: 6 processes killed, (\d+) transfers confirmed, 0 lost, 0 findings\.\n", done.output)
    assert said, done.output
    assert int(said[1]) > 10
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 1
    assert_whole()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_drill_can_fail(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a transfer that was confirmed and is not in the copy."""
    monkeypatch.setenv("SECRET_KEY", "x" * 40)
    monkeypatch.setattr(drill, "_round", lambda _address, _seed, _seconds: [999_999])
    done = app.test_cli_runner().invoke(args=["wallet", "drill", "--rounds", "1", "--seconds", "1"])
    assert done.exit_code == 1
    assert "confirmed and not there: transfers [999999]" in done.output
    assert "FAILED" in done.output
