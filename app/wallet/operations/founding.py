"""Wallets for many members at once, as an import needs them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db, dialect_name
from app.core.money import TIME
from app.wallet import digests, owners
from app.wallet.kinds import MEMBER
from app.wallet.limits import PersonalLimit
from app.wallet.models import Wallet

ROWS_AT_ONCE = 1000


def member_wallets(user_ids: Iterable[int]) -> dict[int, int]:
    """The wallets in hours by member; who had none has one with the usual floor. As `member_wallet`, in few
    statements."""
    wallets: dict[int, int] = {}
    for batch in _batches(sorted(set(user_ids))):
        found = _found(batch)
        missing = [user_id for user_id in batch if user_id not in found]
        if missing:
            _make(missing)
            found = _found(batch)
        wallets.update(found)
    return wallets


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), ROWS_AT_ONCE):
        yield ids[start : start + ROWS_AT_ONCE]


def _found(user_ids: Sequence[int]) -> dict[int, int]:
    named = {owners.of_user(user_id): user_id for user_id in user_ids}
    theirs = (Wallet.kind == MEMBER, Wallet.currency == TIME, Wallet.owner.in_(named))
    return {
        named[owner]: wallet_id
        for owner, wallet_id in db.session.execute(select(Wallet.owner, Wallet.id).where(*theirs))
    }


def _make(user_ids: Sequence[int]) -> None:
    """Under the lock that keeps the credit limit as it is, as `wallets.usual_floor` says."""
    common = db.session.scalars(select(CommunitySettings.credit_limit).with_for_update(read=True)).one()
    limits = select(PersonalLimit.user_id, PersonalLimit.minutes).where(PersonalLimit.user_id.in_(user_ids))
    personal = dict(db.session.execute(limits).all())
    created_at, rows = now(), list[dict[str, Any]]()
    for user_id, wallet_id in zip(user_ids, _fresh_ids(len(user_ids)), strict=True):
        fixed = (wallet_id, MEMBER, owners.of_user(user_id), TIME, -personal.get(user_id, common))
        row = dict(zip(("id", "kind", "owner", "currency", "floor"), fixed, strict=True))
        rows.append({**row, "created_at": created_at, "digest": digests.of_wallet(*fixed, created_at)})
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    made = insert(Wallet).on_conflict_do_nothing(index_elements=["kind", "owner", "currency"])
    db.session.execute(made, rows)


def _fresh_ids(count: int) -> Sequence[int]:
    """One writes at a time on SQLite, and wallets are never deleted: the next ids are the next ones."""
    if dialect_name() == "sqlite":
        last = db.session.scalar(select(func.max(Wallet.id))) or 0
        return range(last + 1, last + count + 1)
    series = func.generate_series(1, count).table_valued("n")
    return db.session.scalars(select(func.nextval("wallets_id_seq")).select_from(series)).all()
