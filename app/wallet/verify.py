"""The ledger audits itself: every cell of its three tables follows from others, or is sealed by a digest.

`findings()` reads all of it in one snapshot. Upper features add what they know about their own money by
`Registry.add_ledger_check`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, String, select, type_coerce

from app.core.db import AnyRow, AnySelect, db, intending
from app.core.registry import registry
from app.wallet import digests
from app.wallet.models import Posting, Transfer, Wallet

ROWS_AT_ONCE = 2000
SEALED = ("wallet_id", "wallet_version", "transfer_id", "currency", "amount", "balance_after")


@dataclass(frozen=True)
class Finding:
    """`row` is the table and the key of what is wrong, as "postings 3/7" for the seventh posting of wallet 3."""

    row: str
    fault: str


@dataclass
class Audit:
    findings: list[Finding] = field(default_factory=list)
    wallets: int = 0
    transfers: int = 0
    postings: int = 0

    def find(self, row: str, fault: str) -> None:
        self.findings.append(Finding(row, fault))


def findings() -> list[Finding]:
    """What is wrong, [] when the books are whole; only what is committed is seen."""
    return audit().findings


def audit() -> Audit:
    """The findings, and how many rows were looked at."""
    done = Audit()
    with _snapshot() as connection:
        _Chains(connection, done).walk()
        _check_transfers(connection, done)
        for name, check in registry().ledger_checks.items():
            for row, fault in check(connection):
                done.find(row, f"{name}: {fault}")
    return done


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection whose statements all see the same moment, whatever is posted meanwhile."""
    with intending("read"), db.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


class _Chains:
    """Walks along the postings of each wallet: versions without a gap, balances that add up, wallets that agree."""

    def __init__(self, connection: Connection, done: Audit) -> None:
        self.connection, self.done = connection, done
        self.wallets = {row.id: row for row in connection.execute(_wallet_rows())}

    def walk(self) -> None:
        self.done.wallets = len(self.wallets)
        for wallet in self.wallets.values():
            self._check_fixed(wallet)
        untouched = set(self.wallets)
        for wallet_id, rows in groupby(_stream(self.connection, _posting_rows()), lambda row: row.wallet_id):
            untouched.discard(wallet_id)
            self._check_chain(wallet_id, rows)
        for wallet_id in untouched:
            self._check_end(self.wallets[wallet_id], 0, 0, "")

    def _check_fixed(self, wallet: AnyRow) -> None:
        name = f"wallets {wallet.id}"
        created_at = _moment(wallet.created_at)
        fixed = (wallet.id, wallet.kind, wallet.owner, wallet.currency, wallet.floor)
        if created_at is None or wallet.digest != digests.of_wallet(*fixed, created_at):
            self.done.find(name, "its digest does not fit what it is: kind, owner, currency, floor, time or the digest")
        if _are_numbers(wallet.balance, wallet.floor) and wallet.balance < wallet.floor:
            self.done.find(name, f"its balance {wallet.balance} is below its floor {wallet.floor}")

    def _check_chain(self, wallet_id: int, rows: Iterable[AnyRow]) -> None:
        wallet = self.wallets.get(wallet_id)
        version, balance, head = 0, 0, ""
        for row in rows:
            self.done.postings += 1
            name = f"postings {wallet_id}/{row.wallet_version}"
            for fault in _faults_of(row, wallet, version, balance):
                self.done.find(name, fault)
            if row.seal != digests.of_posting(head, row.transfer_digest, *(getattr(row, cell) for cell in SEALED)):
                self.done.find(name, "its seal does not fit its cells, its transfer's digest or the seal before it")
            version, head = row.wallet_version, row.seal
            balance = row.balance_after if _are_numbers(row.balance_after) else balance
        if wallet is not None:
            self._check_end(wallet, version, balance, head)

    def _check_end(self, wallet: AnyRow, version: int, balance: int, head: str) -> None:
        name = f"wallets {wallet.id}"
        if wallet.balance != balance:
            self.done.find(name, f"its balance is {wallet.balance}, its postings end at {balance}")
        if wallet.version != version:
            self.done.find(name, f"its version is {wallet.version}, its postings end at {version}")
        if wallet.head != head:
            self.done.find(name, "its head is not the seal of its last posting")


def _faults_of(row: AnyRow, wallet: AnyRow | None, version: int, balance: int) -> Iterator[str]:
    """What is wrong with a posting that follows on `version` and `balance` of its wallet."""
    if wallet is None:
        yield f"its wallet {row.wallet_id} is missing"
    elif row.currency != wallet.currency:
        yield f"its currency is {row.currency}, its wallet's {wallet.currency}"
    if row.transfer_currency is None:
        yield f"its transfer {row.transfer_id} is missing"
    elif row.currency != row.transfer_currency:
        yield f"its currency is {row.currency}, its transfer's {row.transfer_currency}"
    if row.wallet_version != version + 1:
        yield f"it follows on version {version}"
    if not _are_numbers(row.amount, row.balance_after):
        yield "its amounts are no numbers"
    elif row.amount == 0 or row.balance_after != balance + row.amount:
        yield f"{balance} and {row.amount} do not make {row.balance_after}"


def _check_transfers(connection: Connection, done: Audit) -> None:
    for transfer_id, rows in groupby(_stream(connection, _transfer_rows()), lambda row: row.id):
        done.transfers += 1
        legs = list(rows)
        for fault in _transfer_faults(legs):
            names = ", ".join(f"postings {leg.wallet_id}/{leg.wallet_version}" for leg in legs if leg.wallet_id)
            done.find(f"transfers {transfer_id}", f"{fault}; {names or 'it has no postings'}")


def _transfer_faults(legs: list[AnyRow]) -> Iterator[str]:
    first = legs[0]
    postings = [leg for leg in legs if leg.wallet_id is not None]
    created_at = _moment(first.created_at)
    own = (first.id, first.kind, first.currency, first.text, first.url, first.actor_id, first.reverses_id)
    moved = [(posting.wallet_id, posting.amount) for posting in postings]
    if created_at is None or first.digest != digests.of_transfer(*own, first.scope, first.key, created_at, moved):
        yield "its digest does not fit its cells or what its postings move"
    amounts = [posting.amount for posting in postings]
    if not _are_numbers(*amounts) or sum(amounts) != 0 or len(postings) < 2:
        yield f"its postings {amounts} do not sum to zero"


def _stream(connection: Connection, statement: AnySelect) -> Iterator[AnyRow]:
    return iter(connection.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)))


def _wallet_rows() -> AnySelect:
    own = (Wallet.id, Wallet.kind, Wallet.owner, Wallet.currency, Wallet.floor, _as_stored(Wallet.created_at))
    return select(*own, Wallet.balance, Wallet.version, Wallet.head, Wallet.digest).order_by(Wallet.id)


def _posting_rows() -> AnySelect:
    return (
        select(
            *(Posting.wallet_id, Posting.wallet_version, Posting.transfer_id, Posting.currency),
            *(Posting.amount, Posting.balance_after, Posting.seal),
            *(Transfer.currency.label("transfer_currency"), Transfer.digest.label("transfer_digest")),
        )
        .outerjoin(Transfer, Transfer.id == Posting.transfer_id)
        .order_by(Posting.wallet_id, Posting.wallet_version)
    )


def _transfer_rows() -> AnySelect:
    """Each transfer with its postings, without any if it has none."""
    own = (Transfer.id, Transfer.kind, Transfer.currency, Transfer.text, Transfer.url, Transfer.actor_id)
    return (
        select(
            *own,
            *(Transfer.reverses_id, Transfer.scope, Transfer.key, _as_stored(Transfer.created_at), Transfer.digest),
            *(Posting.wallet_id, Posting.wallet_version, Posting.amount),
        )
        .outerjoin(Posting, Posting.transfer_id == Transfer.id)
        .order_by(Transfer.id, Posting.wallet_id)
    )


def _as_stored(column: Any) -> Any:
    """A moment as the database has it: on SQLite it is text, which may have been made into anything."""
    stored = type_coerce(column, String) if db.engine.dialect.name == "sqlite" else column
    return stored.label("created_at")


def _moment(stored: object) -> datetime | None:
    if isinstance(stored, datetime):
        return stored
    try:
        return datetime.fromisoformat(str(stored)).replace(tzinfo=UTC)
    except ValueError:
        return None


def _are_numbers(*values: object) -> bool:
    return all(isinstance(value, int) for value in values)
