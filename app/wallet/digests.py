"""Seals: SHA-256 over the cells of a row, in one order and one spelling on both databases.

Migration 0013 spells the same for PostgreSQL. A cell never holds the separators: they are control characters, which
no stored text has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

CELL, ROW = "\x1f", "\x1e"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def of_wallet(wallet_id: int, kind: str, owner: str, currency: str, floor: int | None, created_at: datetime) -> str:
    return _sealed([wallet_id, kind, owner, currency, floor, _microseconds(created_at)])


def of_posting(
    before: str,
    transfer_digest: str,
    wallet_id: int,
    wallet_version: int,
    transfer_id: int,
    currency: str,
    amount: int,
    balance_after: int,
) -> str:
    """`before` is the seal of the wallet's posting before this one, "" for the first: so they are a chain, and through
    the digests of the transfers it seals those too."""
    return _sealed([before, transfer_digest, wallet_id, wallet_version, transfer_id, currency, amount, balance_after])


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
    legs: Iterable[tuple[int, int]],
) -> str:
    """`legs` are wallets and amounts, by the wallets' ids: nothing that is known only when a wallet is locked."""
    own = [transfer_id, kind, currency, text, url, actor_id, reverses_id, scope, key, _microseconds(created_at)]
    return _sealed(own, *legs)


def _sealed(*rows: Iterable[object]) -> str:
    text = ROW.join(CELL.join("" if cell is None else str(cell) for cell in row) for row in rows)
    return hashlib.sha256(text.encode()).hexdigest()


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
