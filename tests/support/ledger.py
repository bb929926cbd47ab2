"""Hours for the world's members, and the books that must be whole after every test about money."""

from __future__ import annotations

from app.core.db import db
from app.core.money import TIME
from app.wallet import kinds, operations, queries, verify


def give_hours(user_id: int, minutes: int) -> int:
    """The member gets `minutes` out of nothing, as starting hours do; the member's wallet."""
    wallet_id = operations.member_wallet(user_id)
    issue = operations.wallet_for(kinds.ISSUE, "community", TIME)
    operations.transfer(issue, wallet_id, minutes, kind=kinds.GRANT, text="Hello", scope="test", key=f"give-{user_id}")
    db.session.commit()
    return wallet_id


def balance(user_id: int) -> int:
    return db.session.scalar(queries.balance_of(user_id)) or 0


def balances(*wallet_ids: int) -> list[int]:
    """Read by themselves, as another session would."""
    db.session.rollback()
    return [db.session.scalars(queries.balance_of_wallet(wallet_id)).one() for wallet_id in wallet_ids]


def assert_whole() -> None:
    """`flask wallet verify` finds nothing."""
    assert verify.findings() == []
