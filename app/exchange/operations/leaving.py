"""What becomes of exchanges when a member's account is emptied."""

from __future__ import annotations

from sqlalchemy import select

from app.core.db import db
from app.exchange import kinds
from app.exchange.models import Exchange, ExchangeSide
from app.exchange.models.exchanges import DONE, OPEN_STATES
from app.exchange.operations.answering import call_off
from app.exchange.operations.rows import locked
from app.exchange.operations.settling import settle
from app.exchange.operations.telling import tell
from app.exchange.states import CANCEL


def forget_member(user_id: int) -> None:
    """What one of them has confirmed is settled by it; everything else that is open ends, and its hours go back."""
    mine = select(Exchange.id).join(ExchangeSide, ExchangeSide.exchange_id == Exchange.id)
    open_ones = mine.where(ExchangeSide.user_id == user_id, Exchange.state.in_(OPEN_STATES)).order_by(Exchange.id)
    for exchange_id in list(db.session.scalars(open_ones)):
        rows = locked(exchange_id)
        if any(side.outcome == DONE for side in rows.sides):
            settle(rows, None)
        else:
            call_off(rows, CANCEL, None, rows.exchange.version)
            tell(rows, kinds.LAPSED, None)
    db.session.flush()
