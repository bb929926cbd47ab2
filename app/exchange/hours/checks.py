"""What recorded hours know about their money: each paid pair has its transfer, and each such transfer its pair."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, String, cast, func, literal, or_, select
from sqlalchemy.orm import aliased

from app.core.db import AnySelect
from app.core.money import TIME
from app.exchange.hours.kinds import SCOPE
from app.exchange.models import HourRecordPerson as Pair
from app.exchange.models.hours import POSTED, REVERSED
from app.wallet import owners
from app.wallet.kinds import MEMBER
from app.wallet.models import Posting, Transfer, Wallet


def check(connection: Connection) -> Iterator[tuple[str, str]]:
    """Members who turned out to be one keep what was posted for either, so only the amounts are compared, not whose
    they are."""
    for row in connection.execute(_paid_otherwise()):
        yield f"hour_record_people {row.id}", f"transfer {row.transfer_id} does not pay its {row.minutes} minutes"
    for row in connection.execute(_taken_back_otherwise()):
        yield f"hour_record_people {row.id}", f"it is {row.state}, its transfer {row.transfer_id} is not"
    for row in connection.execute(_without_pair()):
        yield f"transfers {row.id}", "no recorded hours belong to it"


def _paid_otherwise() -> AnySelect:
    """Pairs whose transfer is not under their key, or does not move their minutes from one member to another."""
    gets = (
        select(func.count())
        .select_from(Posting)
        .join(Wallet, Wallet.id == Posting.wallet_id)
        .where(Posting.transfer_id == Pair.transfer_id, Wallet.kind == MEMBER, Wallet.currency == TIME)
        .where(Wallet.owner.like(f"{owners.USER}%"), Posting.amount.in_((Pair.minutes, -Pair.minutes)))
        .scalar_subquery()
    )
    right = select(Transfer.id).where(Transfer.scope == SCOPE, Transfer.key == cast(Pair.id, String))
    told = select(Pair.id, Pair.transfer_id, Pair.minutes).where(Pair.transfer_id.is_not(None))
    return told.where(or_(gets != literal(2), Pair.transfer_id.not_in(right)))


def _taken_back_otherwise() -> AnySelect:
    back = aliased(Transfer)
    is_back = select(back.id).where(back.reverses_id == Pair.transfer_id).exists()
    told = select(Pair.id, Pair.transfer_id, Pair.state)
    return told.where(or_((Pair.state == REVERSED) & ~is_back, (Pair.state == POSTED) & is_back))


def _without_pair() -> AnySelect:
    owned = select(Pair.id).where(Pair.transfer_id == Transfer.id).exists()
    return select(Transfer.id).where(Transfer.scope == SCOPE, ~owned)
