"""Each step of an exchange is a line in the chat, and a notice to who did not take it."""

from __future__ import annotations

from sqlalchemy import func, select

from app.chats import operations as chats
from app.core.db import db
from app.exchange.kinds import EXCHANGE, line_kind
from app.exchange.models import Exchange, ExchangeEvent
from app.exchange.operations.rows import Rows, name_of
from app.notices import operations as notices


def tell(rows: Rows, event: str, actor_id: int | None) -> None:
    """`actor_id` None is the site itself, of which both hear."""
    exchange = rows.exchange
    params = {"event": event, "about": rows.about, "name": name_of(actor_id) if actor_id else ""}
    url = url_of(exchange.id)
    if exchange.chat_id is not None:
        chats.post_system_line(exchange.chat_id, line_kind(event), params, url, actor_id=actor_id)
    key = f"{EXCHANGE}:{exchange.id}:{event}:{_steps(exchange)}"
    for side in rows.sides:
        notices.tell(side.user_id, EXCHANGE, params, url, key, chat_id=exchange.chat_id, actor_id=actor_id)


def forget_waiting(user_id: int, exchange_id: int) -> None:
    """Who has acted has read what asked for it."""
    notices.read(user_id, url_of(exchange_id))


def url_of(exchange_id: int) -> str:
    return f"/exchanges/{exchange_id}"


def _steps(exchange: Exchange) -> int:
    """How many lines its history has: the name of this step."""
    db.session.flush()
    counted = select(func.count()).where(ExchangeEvent.row_id == exchange.id)
    return db.session.scalar(counted) or 0
