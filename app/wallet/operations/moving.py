"""The verbs of the ledger: each is one `post` with two legs, or with the legs of another turned around."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from app.core.db import db
from app.core.errors import DomainError
from app.wallet import kinds
from app.wallet.models import Posting, Wallet
from app.wallet.operations.posting import Posted, post
from app.wallet.operations.wallets import wallet_for

REVERSAL_SCOPE = "reversal"


def transfer(
    from_id: int,
    to_id: int,
    amount: int,
    *,
    text: str,
    scope: str,
    key: str,
    kind: str = kinds.TRANSFER,
    url: str = "",
    actor_id: int | None = None,
) -> Posted:
    """Passes `amount` from one wallet on to another of the same currency.

    Raises as `post` does, and DomainError for an amount that is not positive or for the same wallet twice.
    """
    if amount <= 0:
        raise DomainError(_("Choose more than nothing."), "amount")
    if from_id == to_id:
        raise DomainError(_("Both sides are the same."), "to")
    legs = [(from_id, -amount), (to_id, amount)]
    return post(legs, kind=kind, text=text, url=url, actor_id=actor_id, scope=scope, key=key)


def hold(
    from_id: int,
    escrow_owner: str,
    amount: int,
    *,
    text: str,
    scope: str,
    key: str,
    url: str = "",
    actor_id: int | None = None,
) -> Posted:
    """Sets `amount` aside for `escrow_owner`, as "exchange:7", until it is released or refunded."""
    escrow = wallet_for(kinds.ESCROW, escrow_owner, _currency_of(from_id))
    return transfer(
        from_id, escrow, amount, kind=kinds.HOLD, text=text, url=url, actor_id=actor_id, scope=scope, key=key
    )


def release(
    escrow_owner: str,
    to_id: int,
    amount: int,
    *,
    text: str,
    scope: str,
    key: str,
    url: str = "",
    actor_id: int | None = None,
    kind: str = kinds.RELEASE,
) -> Posted:
    """Passes `amount` of what was set aside on to `to_id`; more than was set aside breaks the floor."""
    escrow = wallet_for(kinds.ESCROW, escrow_owner, _currency_of(to_id))
    return transfer(escrow, to_id, amount, kind=kind, text=text, url=url, actor_id=actor_id, scope=scope, key=key)


def refund(
    escrow_owner: str,
    to_id: int,
    amount: int,
    *,
    text: str,
    scope: str,
    key: str,
    url: str = "",
    actor_id: int | None = None,
) -> Posted:
    """Gives `amount` of what was set aside back to `to_id`."""
    return release(
        escrow_owner, to_id, amount, kind=kinds.REFUND, text=text, url=url, actor_id=actor_id, scope=scope, key=key
    )


def reverse(transfer_id: int, *, text: str, actor_id: int | None = None, url: str = "") -> Posted:
    """Takes a transfer back by another one, the only way to correct one; a transfer is reversed at most once.

    Raises NoResultFound for a transfer that is not there, and FloorBroken when somebody has passed it on since.
    """
    moved = db.session.execute(
        select(Posting.wallet_id, Posting.amount).where(Posting.transfer_id == transfer_id)
    ).all()
    if not moved:
        raise NoResultFound(f"there is no transfer {transfer_id}")
    legs = [(posting.wallet_id, -posting.amount) for posting in moved]
    return post(
        legs,
        kind=kinds.REVERSAL,
        text=text,
        url=url,
        actor_id=actor_id,
        scope=REVERSAL_SCOPE,
        key=str(transfer_id),
        reverses=transfer_id,
    )


def _currency_of(wallet_id: int) -> str:
    return db.session.scalars(select(Wallet.currency).where(Wallet.id == wallet_id)).one()
