"""What has moved and what was agreed in the demo community reads like a year that happened."""

from __future__ import annotations

from itertools import pairwise

from sqlalchemy import select

from app.accounts.models import User
from app.core.db import db
from app.exchange.models import Exchange, HourRecordPerson
from app.exchange.states import EXCHANGES, HOUR_RECORDS
from app.wallet import kinds, operations
from app.wallet.models import Posting, Transfer, Wallet
from tests.support.ledger import assert_whole


def test_every_statement_is_in_the_order_of_time(demo: str) -> None:
    lines = (
        select(Posting.wallet_id, Posting.amount, Posting.balance_after, Transfer.created_at)
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .order_by(Posting.wallet_id, Posting.wallet_version)
    )
    rows = db.session.execute(lines).all()
    assert len(rows) > 300
    for before, after in pairwise(rows):
        if before.wallet_id == after.wallet_id:
            assert before.created_at <= after.created_at
            assert after.balance_after == before.balance_after + after.amount
    db.session.rollback()
    assert_whole()


def test_alice_has_given_and_got_all_year_and_began_with_the_starting_hours(demo: str) -> None:
    alice = db.session.scalars(select(User.id).where(User.email_key == "alice@example.org")).one()
    lines = (
        select(Transfer.kind, Transfer.created_at, Posting.amount, Posting.balance_after)
        .join(Posting, Posting.transfer_id == Transfer.id)
        .where(Posting.wallet_id == operations.member_wallet(alice))
        .order_by(Posting.wallet_version)
    )
    rows = db.session.execute(lines).all()
    assert (rows[0].kind, rows[0].balance_after) == (kinds.GRANT, 300)
    assert [row.kind for row in rows].count(kinds.GRANT) == 1
    assert {kinds.GIFT, kinds.EXCHANGE, kinds.RELEASE, kinds.REVERSAL} <= {row.kind for row in rows}
    assert (rows[-1].created_at - rows[0].created_at).days > 300
    assert min(row.balance_after for row in rows) >= -600
    assert any(row.amount < 0 for row in rows[:5])


def test_nobody_is_below_the_limit_and_nobody_got_hours_twice(demo: str) -> None:
    granted = select(Transfer.key).where(Transfer.kind == kinds.GRANT)
    keys = list(db.session.scalars(granted))
    members = db.session.scalars(select(User.id).where(User.approved_at.is_not(None))).all()
    assert sorted(keys) == sorted(str(user_id) for user_id in members)
    below = select(Wallet.id).where(Wallet.kind == kinds.MEMBER, Wallet.balance < Wallet.floor)
    assert not db.session.scalars(below).all()


def test_there_are_exchanges_in_every_state(demo: str) -> None:
    assert set(db.session.scalars(select(Exchange.state))) == EXCHANGES.states


def test_recorded_hours_are_paid_waiting_declined_and_taken_back(demo: str) -> None:
    found = set(db.session.scalars(select(HourRecordPerson.state)))
    assert found == HOUR_RECORDS.states - {"expired", "withdrawn"}
