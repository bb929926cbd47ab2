"""Reading the ledger: balances, and statements of those who may see them."""

from __future__ import annotations

from sqlalchemy import Select, select

from app.accounts.queries import Looking
from app.core.db import AnySelect
from app.core.money import TIME
from app.wallet import owners
from app.wallet.kinds import MEMBER
from app.wallet.models import Posting, Transfer, Wallet


def balance_of(user_id: int, currency: str = TIME) -> Select[int]:
    """A member's balance; no row as long as nothing was ever posted for the member."""
    return select(Wallet.balance).where(
        Wallet.kind == MEMBER, Wallet.owner == owners.of_user(user_id), Wallet.currency == currency
    )


def balance_of_wallet(wallet_id: int) -> Select[int]:
    return select(Wallet.balance).where(Wallet.id == wallet_id)


def statement_of(viewer: Looking, currency: str = TIME) -> AnySelect:
    """The postings of the viewer's own wallet with what they were for: wallet_version (the keyset, newest is highest),
    amount, balance_after, transfer_id, kind, text, url, actor_id, reverses_id, created_at; the caller sorts them."""
    return (
        select(
            Posting.wallet_version,
            Posting.amount,
            Posting.balance_after,
            Posting.transfer_id,
            Transfer.kind,
            Transfer.text,
            Transfer.url,
            Transfer.actor_id,
            Transfer.reverses_id,
            Transfer.created_at,
        )
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .join(Wallet, Wallet.id == Posting.wallet_id)
        .where(Wallet.kind == MEMBER, Wallet.owner == owners.of_user(viewer.id), Wallet.currency == currency)
    )
