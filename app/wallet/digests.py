"""Seals: SHA-256 over the cells of a row, in one order and one spelling on both databases.

Migration 0012 spells the same for PostgreSQL. A cell never holds the separators: they are control characters, which
no stored text has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

CELL, ROW = "\x1f", "\x1e"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Sealed(NamedTuple):
    """A posting as its transfer's digest knows it; `before` is the digest that the wallet had before."""

    wallet_id: int
    amount: int
    balance_after: int
    wallet_version: int
    before: str


def of_wallet(wallet_id: int, kind: str, owner: str, currency: str, floor: int | None, created_at: datetime) -> str:
    return _sealed([wallet_id, kind, owner, currency, floor, _microseconds(created_at)])


def of_transfer(
    transfer_id: int,
    kind: str,
    currency: str,
    text: str,
    url: str,
    actor_id: int | None,
    reverses_id: int | None,
    scope: str,
    key: str,
    created_at: datetime,
    postings: Iterable[Sealed],
) -> str:
    """`postings` in the order of their wallets' ids."""
    own = [transfer_id, kind, currency, text, url, actor_id, reverses_id, scope, key, _microseconds(created_at)]
    return _sealed(own, *postings)


def _sealed(*rows: Iterable[object]) -> str:
    text = ROW.join(CELL.join("" if cell is None else str(cell) for cell in row) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
