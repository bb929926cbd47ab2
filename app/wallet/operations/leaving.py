"""What happens to the hours of a member who leaves for good."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.accounts.models import User
from app.core.db import db
from app.wallet.limits import PersonalLimit
from app.wallet.models import Wallet
from app.wallet.operations.moving import transfer
from app.wallet.operations.sharing import pot_wallet
from app.wallet.operations.wallets import lock, member_wallet, set_floor
from app.wallet.organisations import OrganisationMember

SCOPE = "leaving"


def forget_member(user_id: int) -> None:
    """Of an account that is emptied: its hours go to the community pot, which pays its debt as far as it reaches.

    What stays is the ledger, which the other sides need too, and a debt that grows no more. Money of other currencies
    is nobody's but the member's.

    Who had no wallet has one now, as a place to wait at: whoever gives the member's first hours at this very moment
    either came first, or waits for it and then finds nobody. Nobody gives any to who was never let in.
    """
    if db.session.get_one(User, user_id).approved_at is not None:
        _settle(member_wallet(user_id), pot_wallet())
    db.session.execute(delete(PersonalLimit).where(PersonalLimit.user_id == user_id))
    db.session.execute(delete(OrganisationMember).where(OrganisationMember.user_id == user_id))


def _settle(wallet_id: int, pot_id: int) -> None:
    """Under the locks of both, in the order in which `post` takes them."""
    lock([wallet_id, pot_id])
    told = select(Wallet.id, Wallet.owner, Wallet.version, Wallet.balance, Wallet.floor)
    both = {row.id: row for row in db.session.execute(told.where(Wallet.id.in_((wallet_id, pot_id))))}
    mine, pot = both[wallet_id], both[pot_id]
    key = f"{mine.owner}:{mine.version}"
    if mine.balance > 0:
        transfer(wallet_id, pot_id, mine.balance, text="", scope=SCOPE, key=key)
    elif (paid := min(-mine.balance, pot.balance - (pot.floor or 0))) > 0:
        transfer(pot_id, wallet_id, paid, text="", scope=SCOPE, key=key)
    set_floor(wallet_id, min(0, db.session.scalars(select(Wallet.balance).where(Wallet.id == wallet_id)).one()))
