"""What becomes of exchanges when a member's account is emptied."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.names import FORMER
from app.chats.models import Message
from app.core.db import db
from app.exchange import kinds
from app.exchange.models import Exchange, ExchangeSide
from app.exchange.models.exchanges import DONE, OPEN_STATES
from app.exchange.operations.answering import call_off
from app.exchange.operations.rows import locked, name_of
from app.exchange.operations.settling import settle
from app.exchange.operations.telling import tell, url_of
from app.exchange.states import CANCEL
from app.notices.models import Notice


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
    _forget_name(user_id)


def _forget_name(user_id: int) -> None:
    """What the chats of the others and their notices say of it names nobody any more."""
    name = name_of(user_id)
    mine = select(ExchangeSide.exchange_id).where(ExchangeSide.user_id == user_id)
    urls = [url_of(exchange_id) for exchange_id in db.session.scalars(mine)]
    chats = select(Exchange.chat_id).where(Exchange.id.in_(mine))
    others = select(ExchangeSide.user_id).where(ExchangeSide.exchange_id.in_(mine))
    lines = select(Message).where(Message.chat_id.in_(chats), Message.url.in_(urls))
    told = select(Notice).where(Notice.user_id.in_(others), Notice.kind == kinds.EXCHANGE, Notice.url.in_(urls))
    for row in [*db.session.scalars(lines), *db.session.scalars(told)]:
        if row.params.get("name") == name:
            row.params = {**row.params, "name": FORMER}
    db.session.flush()
