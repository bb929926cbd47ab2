"""What happens to the hours of a member who leaves for good."""

from __future__ import annotations

from sqlalchemy import delete, select

from app.core.db import db
from app.core.money import TIME
from app.wallet import kinds, owners
from app.wallet.limits import PersonalLimit
from app.wallet.models import Wallet
from app.wallet.operations.moving import transfer
from app.wallet.operations.sharing import pot_wallet
from app.wallet.operations.wallets import lock, set_floor
from app.wallet.organisations import OrganisationMember

SCOPE = "leaving"


def forget_member(user_id: int) -> None:
    """Of an account that is emptied: its hours go to the community pot, which pays its debt as far as it reaches.

    What stays is the ledger, which the other sides need too, and a debt that grows no more. Money of other currencies
    is nobody's but the member's.
    """
    mine = select(Wallet).where(
        Wallet.kind == kinds.MEMBER, Wallet.owner == owners.of_user(user_id), Wallet.currency == TIME
    )
    wallet = db.session.scalar(mine)
    if wallet is not None:
        _settle(wallet, pot_wallet())
    db.session.execute(delete(PersonalLimit).where(PersonalLimit.user_id == user_id))
    db.session.execute(delete(OrganisationMember).where(OrganisationMember.user_id == user_id))


def _settle(wallet: Wallet, pot_id: int) -> None:
    """Under the locks of both, in the order in which `post` takes them."""
    lock([wallet.id, pot_id])
    balances = {
        row.id: (row.balance, row.floor)
        for row in db.session.execute(
            select(Wallet.id, Wallet.balance, Wallet.floor).where(Wallet.id.in_((wallet.id, pot_id)))
        )
    }
    balance, version = balances[wallet.id][0], wallet.version
    pot_balance, pot_floor = balances[pot_id]
    key = f"{wallet.owner}:{version}"
    if balance > 0:
        transfer(wallet.id, pot_id, balance, text="", scope=SCOPE, key=key)
    elif (paid := min(-balance, pot_balance - (pot_floor or 0))) > 0:
        transfer(pot_id, wallet.id, paid, text="", scope=SCOPE, key=key)
    set_floor(wallet.id, min(0, db.session.scalars(select(Wallet.balance).where(Wallet.id == wallet.id)).one()))
