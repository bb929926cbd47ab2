"""The ledger's three tables. Amounts are integers in the currency's smallest unit (app/core/money.py).

Only operations.post writes transfers and postings, and the balance of a wallet with them; the database refuses to
change or delete what is posted, to mix currencies and to let a transfer sum to anything but zero.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import NEVER_REUSE_IDS, Created, Identified, Model
from app.wallet.kinds import TRANSFER_KINDS, WALLET_KINDS

LONGEST_TEXT, LONGEST_URL, LONGEST_OWNER, LONGEST_SCOPE, LONGEST_KEY = 500, 300, 60, 60, 120
LONGEST_DIGEST = 64
# Far from the end of 64 bits: whatever is added to a balance in range, the database can still count it.
LARGEST_AMOUNT, LARGEST_BALANCE = 10**15, 4 * 10**18
IS_REVERSAL = sql("reverses_id IS NOT NULL")


def on_sqlite(name: str, rule: str) -> CheckConstraint:
    """PostgreSQL reads every check anew for each statement, which takes it a fifth of a transfer's time: there triggers
    of migrations 0013 and 0017 hold what only a new row can break."""
    return CheckConstraint(rule, name=name).ddl_if(dialect="sqlite")


def listed(kinds: tuple[str, ...]) -> str:
    return ", ".join(repr(kind) for kind in kinds)


class Wallet(Identified, Created, Model):
    """An account of the ledger. `owner` says whose it is, as "user:12" or "exchange:7".

    `floor` is how low it may fall, None without end. `version` counts its postings; `head` is the seal of the last of
    them, "" before the first. `digest` seals the columns that no transfer changes.
    """

    __tablename__ = "wallets"
    __table_args__ = (
        UniqueConstraint("kind", "owner", "currency"),
        UniqueConstraint("id", "currency"),
        on_sqlite("kind_known", f"kind IN ({listed(WALLET_KINDS)})"),
        on_sqlite("owner_given", "length(owner) > 0"),
        on_sqlite("currency_given", "length(currency) BETWEEN 3 AND 4"),
        CheckConstraint("balance >= floor", name="balance_at_floor"),
        on_sqlite("untouched_is_empty", "version > 0 OR balance = 0"),
        NEVER_REUSE_IDS,
    )

    kind: Mapped[str] = mapped_column(String(20))
    owner: Mapped[str] = mapped_column(String(LONGEST_OWNER))
    currency: Mapped[str] = mapped_column(String(4))
    floor: Mapped[int | None] = mapped_column(BigInteger)
    balance: Mapped[int] = mapped_column(BigInteger, default=0)
    version: Mapped[int] = mapped_column(BigInteger, default=0)
    head: Mapped[str] = mapped_column(String(LONGEST_DIGEST), default="")
    digest: Mapped[str] = mapped_column(String(LONGEST_DIGEST))


class Transfer(Identified, Created, Model):
    """What moved at once, and why. `text` is in the words of who wrote it, `url` leads to what it is about.

    `actor_id` None is the site itself. `scope` and `key` make a repeated post the same transfer, for ever. `digest`
    seals the row together with the seals of its postings.
    """

    __tablename__ = "transfers"
    __table_args__ = (
        UniqueConstraint("scope", "key"),
        UniqueConstraint("id", "currency"),
        on_sqlite("kind_known", f"kind IN ({listed(TRANSFER_KINDS)})"),
        on_sqlite("key_given", "length(scope) > 0 AND length(key) > 0"),
        on_sqlite("url_local", "url = '' OR url LIKE '/%'"),
        on_sqlite("reversal_of_something", "(reverses_id IS NOT NULL) = (kind = 'reversal')"),
        Index(
            "uq_transfers_reverses_id",
            "reverses_id",
            unique=True,
            postgresql_where=IS_REVERSAL,
            sqlite_where=IS_REVERSAL,
        ),
        NEVER_REUSE_IDS,
    )

    kind: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(4))
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))
    url: Mapped[str] = mapped_column(String(LONGEST_URL), default="")
    actor_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("users.id", ondelete="RESTRICT"))
    reverses_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("transfers.id", ondelete="RESTRICT"))
    scope: Mapped[str] = mapped_column(String(LONGEST_SCOPE))
    key: Mapped[str] = mapped_column(String(LONGEST_KEY))
    digest: Mapped[str] = mapped_column(String(LONGEST_DIGEST))


class Posting(Model):
    """What a transfer did to one wallet: the `wallet_version`-th posting there, which left `balance_after`.

    `seal` is a digest over the row and the seal of the posting before it in the same wallet.
    """

    __tablename__ = "postings"
    __table_args__ = (
        ForeignKeyConstraint(["wallet_id", "currency"], ["wallets.id", "wallets.currency"], ondelete="RESTRICT"),
        # Deferred, because SQLite writes the postings first: the transfer's row is what closes it (migration 0013).
        ForeignKeyConstraint(
            ["transfer_id", "currency"],
            ["transfers.id", "transfers.currency"],
            ondelete="RESTRICT",
            deferrable=True,
            initially="DEFERRED",
        ),
        UniqueConstraint("transfer_id", "wallet_id"),
        on_sqlite("amount_not_zero", "amount <> 0"),
        on_sqlite("version_positive", "wallet_version > 0"),
    )

    wallet_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    wallet_version: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    transfer_id: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(4))
    amount: Mapped[int] = mapped_column(BigInteger)
    balance_after: Mapped[int] = mapped_column(BigInteger)
    seal: Mapped[str] = mapped_column(String(LONGEST_DIGEST))
