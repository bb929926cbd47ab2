"""Correcting what a completed exchange has paid: all of it goes back, by reversals, once. Nothing here commits.

The exchange stays completed, because it took place; its history says what was taken back and why. What should have been
paid instead is recorded as hours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.core import audit
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.money import TIME
from app.exchange import kinds
from app.exchange.models import Exchange
from app.exchange.models.exchanges import OPEN_STATES
from app.exchange.operations.hours import SCOPE, escrow_of
from app.exchange.operations.rows import Rows, locked, note
from app.exchange.operations.telling import tell, url_of
from app.wallet import operations as wallet
from app.wallet import owners
from app.wallet.kinds import ESCROW, HOLD, REFUND, RELEASE
from app.wallet.models import Posting, Transfer, Wallet

CORRECT = "correct"


@dataclass(frozen=True)
class Belonging:
    """The exchange that a line of the books belongs to. `payments` are the lines in which it was paid."""

    exchange_id: int
    is_open: bool
    is_payment: bool
    payments: tuple[int, ...]


@dataclass(frozen=True)
class Giver:
    wallet_id: int
    user_id: int
    minutes: int


def belonging(transfer_id: int) -> Belonging | None:
    """None for a line that no exchange has caused."""
    told = select(Transfer.kind, Transfer.key).where(Transfer.id == transfer_id, Transfer.scope == SCOPE)
    line = db.session.execute(told).one_or_none()
    if line is None:
        return None
    exchange_id = int(line.key.partition(":")[0])
    state = db.session.scalars(select(Exchange.state).where(Exchange.id == exchange_id)).one()
    return Belonging(exchange_id, state in OPEN_STATES, line.kind == RELEASE, tuple(_payments(exchange_id)))


def take_back(exchange_id: int, reason: str, actor_id: int) -> int:
    """What was paid goes back to those who had set it aside, and everybody who took part is told; the number of the
    line that says so.

    Raises Conflict when it was taken back already or cannot go back, DomainError when somebody has passed it on since.
    """
    rows = locked(exchange_id)
    payments = _payments(exchange_id)
    if db.session.scalar(select(func.count()).where(Transfer.reverses_id.in_(payments))) or not payments:
        raise Conflict(_("It was taken back already."))
    givers = _givers(rows)
    _require_right(givers, actor_id)
    getters = select(Posting.wallet_id).where(Posting.transfer_id.in_(payments))
    wallet.lock([*(giver.wallet_id for giver in givers), *db.session.scalars(getters)])
    told = {"text": reason, "url": url_of(exchange_id), "actor_id": actor_id}
    last = 0
    for payment in payments:
        try:
            last = wallet.give_back(payment, **told).transfer_id
        except wallet.FloorBroken as error:
            raise DomainError(wallet.passed_on(error.wallet_id)) from error
    for giver in givers:
        key = f"{exchange_id}:correction:{giver.wallet_id}"
        wallet.refund(escrow_of(rows), giver.wallet_id, giver.minutes, scope=SCOPE, key=key, **told)
    note(rows.exchange, CORRECT, actor_id, reason)
    audit.record("exchange-corrected", actor_id=actor_id, subject_id=None, detail=f"{exchange_id}: {reason}")
    tell(rows, kinds.CORRECTED, None)
    return last


def _payments(exchange_id: int) -> list[int]:
    mine = select(Transfer.id).where(
        Transfer.scope == SCOPE, Transfer.kind == RELEASE, Transfer.key.like(f"{exchange_id}:release:%")
    )
    return list(db.session.scalars(mine.order_by(Transfer.id)))


def _givers(rows: Rows) -> list[Giver]:
    """Those whose hours the payment was."""
    there, escrow = aliased(Posting), aliased(Wallet)
    minutes = -func.sum(there.amount)
    used = (
        select(Wallet.id, Wallet.owner, minutes.label("minutes"))
        .select_from(escrow)
        .join(Posting, Posting.wallet_id == escrow.id)
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .join(there, there.transfer_id == Transfer.id)
        .join(Wallet, Wallet.id == there.wallet_id)
        .where(escrow.kind == ESCROW, escrow.owner == escrow_of(rows), escrow.currency == TIME)
        .where(Transfer.kind.in_((HOLD, REFUND)), Wallet.id != escrow.id)
        .group_by(Wallet.id, Wallet.owner)
        .having(minutes > 0)
        .order_by(Wallet.id)
    )
    return [Giver(row.id, owners.user_of(row.owner) or 0, int(row.minutes)) for row in db.session.execute(used)]


def _require_right(givers: Sequence[Giver], actor_id: int) -> None:
    """Nobody gets hours back by their own hand, and nobody who is not here any more."""
    ids = {giver.user_id for giver in givers}
    if actor_id in ids:
        raise Conflict(_("These hours would come back to you: another administrator has to take them back."))
    here = select(func.count()).where(User.id.in_(ids), User.emptied_at.is_(None), User.merged_into_id.is_(None))
    if db.session.scalar(here) != len(ids):
        raise Conflict(
            _("Whoever paid has no account here any more, so it cannot go back. The community pot can give.")
        )
