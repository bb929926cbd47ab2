"""The one way in which anything moves: a transfer with its postings, all of it or nothing, once for each key.

PostgreSQL does it in one round trip (the function ledger_post of migration 0013), SQLite by a few statements in the
write transaction; the same tests hold both to the same outcomes. Wallets are locked by descending id:
the oldest, the pot among them, are the busiest.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

from flask_babel import gettext as _
from sqlalchemy import insert, select, update
from sqlalchemy.orm.util import identity_key

from app.core.clock import now
from app.core.db import db, dialect_name, locks_first, release_early
from app.core.errors import Conflict, DomainError
from app.core.planned import MARK
from app.core.text import clean, has_forbidden, printable
from app.wallet import digests, kinds
from app.wallet.models import (
    LARGEST_AMOUNT,
    LARGEST_BALANCE,
    LONGEST_KEY,
    LONGEST_SCOPE,
    LONGEST_TEXT,
    LONGEST_URL,
    Posting,
    Transfer,
    Wallet,
)

Leg: TypeAlias = tuple[int, int]
FUNCTION = (
    "ledger_post(%(wallets)s::bigint[], %(amounts)s::bigint[], %(kind)s::text, %(text)s::text, %(url)s::text, "
    "%(actor_id)s::bigint, %(reverses_id)s::bigint, %(scope)s::text, %(key)s::text, %(created_at)s::timestamptz, "
    "%(queues)s::boolean)"
)
# Its record as one word: a function among the tables of a statement costs more to set up.
CALL = f"SELECT {FUNCTION}::text {MARK}"


class FloorBroken(DomainError):
    """The wallet `wallet_id` would fall below what it may."""

    def __init__(self, wallet_id: int) -> None:
        super().__init__(_("There is not enough left for that."), "amount")
        self.wallet_id = wallet_id


@dataclass(frozen=True)
class Posted:
    """`is_new` is False when the key was used before and the transfer is the first one."""

    transfer_id: int
    is_new: bool


class Order(NamedTuple):
    """A transfer as it is asked for; `legs` hold each wallet once, by ascending id, and are locked from the last on."""

    legs: Sequence[Leg]
    kind: str
    text: str
    url: str
    actor_id: int | None
    reverses_id: int | None
    scope: str
    key: str
    created_at: datetime


class Outcome(NamedTuple):
    """`word` is posted, repeated, floor, range, mixed or missing; the ids are those of what it is about, or None."""

    word: str
    transfer_id: int | None = None
    wallet_id: int | None = None


def post(
    legs: Iterable[Leg],
    *,
    kind: str,
    text: str,
    scope: str,
    key: str,
    url: str = "",
    actor_id: int | None = None,
    reverses: int | None = None,
) -> Posted:
    """Moves the amounts of `legs` (wallet id, amount in the currency's smallest unit), which sum to zero.

    `scope` and `key` name the event that this pays for: the same again moves nothing and returns the first transfer.
    `at` is for what happened earlier, in the demo community.
    Raises FloorBroken, Conflict when the key was used for something else, DomainError for amounts beyond all measure
    and for wallets of two currencies, ValueError for what no form can send. After each of them the transaction can go
    on.
    """
    order = Order(
        _in_order(legs),
        kind,
        clean(printable(text))[:LONGEST_TEXT],
        url,
        actor_id,
        reverses,
        scope,
        key,
        now(),
    )
    _require_possible(order)
    db.session.flush()
    outcome = _post_on_sqlite(order) if dialect_name() == "sqlite" else _post_on_postgresql(order)
    if outcome.word == "posted":
        _forget_loaded(order.legs)
    return _answered(order, outcome)


def _in_order(legs: Iterable[Leg]) -> list[Leg]:
    """By ascending wallet, as the digest names them; several legs of one wallet are one posting."""
    amounts: dict[int, int] = {}
    for wallet_id, amount in legs:
        amounts[wallet_id] = amounts.get(wallet_id, 0) + amount
    return sorted((wallet_id, amount) for wallet_id, amount in amounts.items() if amount)


def _require_possible(order: Order) -> None:
    if any(abs(amount) > LARGEST_AMOUNT for _wallet_id, amount in order.legs):
        raise DomainError(_("That is more than can be counted here."), "amount")
    if len(order.legs) < 2 or sum(amount for _wallet_id, amount in order.legs):
        raise ValueError("a transfer has two sides or more, which sum to zero")
    if not 0 < len(order.scope) <= LONGEST_SCOPE or not 0 < len(order.key) <= LONGEST_KEY:
        raise ValueError("a transfer needs a scope and a key")
    if order.kind not in kinds.TRANSFER_KINDS or (order.kind == kinds.REVERSAL) is (order.reverses_id is None):
        raise ValueError(f"not a kind of transfer: {order.kind}")
    if len(order.url) > LONGEST_URL or any(has_forbidden(word) for word in (order.url, order.scope, order.key)):
        raise ValueError("the address or the key of a transfer cannot be stored")


def _answered(order: Order, outcome: Outcome) -> Posted:
    match outcome:
        case Outcome("posted", int(transfer_id)):
            return Posted(transfer_id, is_new=True)
        case Outcome("repeated", int(transfer_id)):
            _require_same(order, transfer_id)
            return Posted(transfer_id, is_new=False)
        case Outcome("floor", _, int(wallet_id)):
            raise FloorBroken(wallet_id)
        case Outcome("range"):
            raise DomainError(_("That is more than can be counted here."), "amount")
        case Outcome("mixed"):
            raise DomainError(_("Two currencies cannot be mixed in one transfer."), "currency")
    raise ValueError(f"a wallet of {order.legs} does not exist")


def _require_same(order: Order, transfer_id: int) -> None:
    """Raises Conflict when the first transfer under this key says something else."""
    first = db.session.execute(
        select(Transfer.kind, Transfer.text, Transfer.url, Transfer.actor_id, Transfer.reverses_id).where(
            Transfer.id == transfer_id
        )
    ).one()
    legs = select(Posting.wallet_id, Posting.amount).where(Posting.transfer_id == transfer_id)
    moved = [(row.wallet_id, row.amount) for row in db.session.execute(legs.order_by(Posting.wallet_id))]
    asked = (order.kind, order.text, order.url, order.actor_id, order.reverses_id)
    if tuple(first) != asked or moved != order.legs:
        raise Conflict(_("This was recorded already, with other details. Nothing was changed."))


def _forget_loaded(legs: Sequence[Leg]) -> None:
    """Wallets that the session holds are read again: their balance is no longer what it was."""
    for wallet_id, _amount in legs:
        loaded = db.session.identity_map.get(identity_key(Wallet, wallet_id))
        if loaded is not None:
            db.session.expire(loaded)


def _post_on_postgresql(order: Order) -> Outcome:
    values = order._asdict()
    legs = values.pop("legs")
    connection = db.session.connection()
    # In a queue stands only who holds nothing yet that others in it wait for.
    values |= {
        "wallets": [wallet_id for wallet_id, _amount in legs],
        "amounts": [amount for _wallet_id, amount in legs],
        "queues": locks_first(connection),
    }
    told = connection.exec_driver_sql(CALL, values).scalar_one()
    word, transfer_id, wallet_id, was_awaited = told.strip("()").split(",")
    if was_awaited == "t":
        release_early(connection)
    return Outcome(word, _id(transfer_id), _id(wallet_id))


def _id(word: str) -> int | None:
    return int(word) if word else None


def _post_on_sqlite(order: Order) -> Outcome:
    """One writes at a time, so the write transaction is the lock."""
    wallets = _wallets(order.legs)
    if len(wallets) < len(order.legs):
        return Outcome("missing")
    if len({wallet.currency for wallet in wallets}) > 1:
        return Outcome("mixed")
    first = db.session.scalar(select(Transfer.id).where(Transfer.scope == order.scope, Transfer.key == order.key))
    if first is not None:
        return Outcome("repeated", first)
    for wallet, (_wallet_id, amount) in zip(wallets, order.legs, strict=True):
        if wallet.floor is not None and wallet.balance + amount < wallet.floor:
            return Outcome("floor", None, wallet.id)
        if abs(wallet.balance + amount) > LARGEST_BALANCE:
            return Outcome("range")
    return Outcome("posted", _write(order, wallets))


def _wallets(legs: Sequence[Leg]) -> Sequence[Any]:
    columns = (Wallet.id, Wallet.currency, Wallet.floor, Wallet.balance, Wallet.version, Wallet.head)
    mine = select(*columns).where(Wallet.id.in_([wallet_id for wallet_id, _amount in legs]))
    return db.session.execute(mine.order_by(Wallet.id)).all()


def _write(order: Order, wallets: Sequence[Any]) -> int:
    """The postings come first: the transfer's row closes them, and a trigger of it takes only what sums to zero."""
    last = db.session.scalar(select(Transfer.id).order_by(Transfer.id.desc()).limit(1))
    transfer_id = (last or 0) + 1
    words = (order.kind, wallets[0].currency, *order[2:])
    digest = digests.of_transfer(transfer_id, *words, legs=order.legs)
    rows = [
        _row_of(transfer_id, digest, wallet, amount)
        for wallet, (_wallet_id, amount) in zip(wallets, order.legs, strict=True)
    ]
    db.session.execute(insert(Posting), rows)
    own = {**order._asdict(), "id": transfer_id, "currency": wallets[0].currency}
    del own["legs"]
    db.session.execute(insert(Transfer).values(**own, digest=digest))
    for row in rows:
        touched = update(Wallet).where(Wallet.id == row["wallet_id"]).execution_options(synchronize_session=False)
        db.session.execute(
            touched.values(balance=row["balance_after"], version=row["wallet_version"], head=row["seal"])
        )
    return transfer_id


def _row_of(transfer_id: int, digest: str, wallet: Any, amount: int) -> dict[str, Any]:
    row = {
        "wallet_id": wallet.id,
        "wallet_version": wallet.version + 1,
        "transfer_id": transfer_id,
        "currency": wallet.currency,
        "amount": amount,
        "balance_after": wallet.balance + amount,
    }
    return {**row, "seal": digests.of_posting(wallet.head, digest, **row)}
