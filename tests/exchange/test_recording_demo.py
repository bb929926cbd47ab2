"""The demo community shows recorded hours in every state, where hours are counted."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.accounts.models import User
from app.core.db import db
from app.exchange.models import HourRecordPerson
from app.home import demo as home_demo
from tests.support.ledger import assert_whole


@pytest.mark.parametrize(("preset", "states"), [
    ("time-bank", {"posted", "waiting", "declined", "reversed"}), ("skill-swap", set()),
])  # fmt: skip
def test_what_the_demo_community_has_recorded(app: Flask, preset: str, states: set[str]) -> None:
    db.session.execute(delete(User))
    db.session.commit()
    home_demo.load(preset)
    assert set(db.session.scalars(select(HourRecordPerson.state))) == states
    db.session.rollback()
    assert_whole()
