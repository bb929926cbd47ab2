"""Taking back what was posted for an account that is nobody's any more: a double, or one that was emptied."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import User
from app.core.db import db
from app.wallet import kinds, owners
from app.wallet.models import Posting, Wallet
from app.wallet.operations.moving import reverse, transfer
from app.wallet.operations.posting import Posted
from app.wallet.operations.sharing import pot_wallet
from app.wallet.operations.wallets import lock, member_wallet

SCOPE = "returned"


def give_back(transfer_id: int, *, text: str, actor_id: int | None = None, url: str = "") -> Posted:
    """As `reverse`, but what a double would get or lose by it is the kept member's, and what an emptied account would
    get is the community pot's: nothing stays in a wallet that nobody looks into.

    Raises as `reverse`; the wallet of a broken floor may be the kept member's.
    """
    moved = select(Posting.wallet_id, Posting.amount).where(Posting.transfer_id == transfer_id)
    amounts = {row.wallet_id: row.amount for row in db.session.execute(moved)}
    heirs = {wallet_id: heir for wallet_id, amount in amounts.items() if (heir := _heir(wallet_id, amount < 0))}
    if heirs:
        lock([*amounts, *heirs.values()])
    for wallet_id, heir_id in heirs.items():
        if amounts[wallet_id] > 0:
            _pass_on(heir_id, wallet_id, amounts[wallet_id], f"{transfer_id}:{wallet_id}")
    posted = reverse(transfer_id, text=text, actor_id=actor_id, url=url)
    for wallet_id, heir_id in heirs.items():
        if amounts[wallet_id] < 0:
            _pass_on(wallet_id, heir_id, -amounts[wallet_id], f"{transfer_id}:{wallet_id}")
    return posted


def _heir(wallet_id: int, gets: bool) -> int:
    """The wallet that stands for this one, 0 for none. The pot gets what is left over and pays nothing back."""
    wallet = db.session.execute(select(Wallet.kind, Wallet.owner, Wallet.currency).where(Wallet.id == wallet_id)).one()
    user_id = owners.user_of(wallet.owner) if wallet.kind == kinds.MEMBER else None
    if user_id is None:
        return 0
    member = db.session.get_one(User, user_id)
    while member.merged_into_id is not None:
        member = db.session.get_one(User, member.merged_into_id)
    if member.emptied_at is not None:
        return pot_wallet(wallet.currency) if gets else 0
    return member_wallet(member.id, wallet.currency) if member.id != user_id else 0


def _pass_on(from_id: int, to_id: int, amount: int, key: str) -> None:
    transfer(from_id, to_id, amount, kind=kinds.ADJUSTMENT, text="", scope=SCOPE, key=key)
