"""What happens to exchanges when nobody does anything: ticks, each exchange in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Select, select

from app.core.clock import now
from app.core.db import db
from app.core.states import apply
from app.exchange import kinds
from app.exchange.models import Exchange, ExchangeSession
from app.exchange.models.exchanges import ACTIVE, CONFIRM, DONE, NOT_DONE, PROPOSED
from app.exchange.operations.answering import call_off, settle_sides
from app.exchange.operations.rows import Rows, live_sessions, locked, note
from app.exchange.operations.settling import settle
from app.exchange.operations.telling import tell
from app.exchange.states import DENY, EXCHANGES, EXPIRE, LAPSE

BATCH = 200


def act_on_due() -> int:
    """A tick: proposals run out, silence confirms, what was never planned ends; how many."""
    due = select(Exchange.id).where(Exchange.due_at <= now()).order_by(Exchange.due_at).limit(BATCH)
    return _each(due, act_on)


def ask_how_it_went() -> int:
    """A tick: after the last meeting that was planned both are asked; how many meetings."""
    over = select(ExchangeSession.exchange_id).where(
        ExchangeSession.ends_at <= now(), ExchangeSession.asked_at.is_(None), ExchangeSession.cancelled_at.is_(None)
    )
    return _each(over.distinct().order_by(ExchangeSession.exchange_id).limit(BATCH), ask_about)


def _each(ids: Select[int], work: Callable[[Rows], bool]) -> int:
    """Under each exchange's lock, so that two ticks do each once."""
    found = list(db.session.scalars(ids))
    db.session.rollback()
    done = 0
    for exchange_id in found:
        if work(locked(exchange_id)):
            db.session.commit()
            done += 1
        else:
            db.session.rollback()
    return done


def act_on(rows: Rows) -> bool:
    exchange = rows.exchange
    if exchange.due_at is None or exchange.due_at > now():
        return False
    said = {side.outcome for side in rows.sides} - {""}
    met = any(session.ends_at <= now() for session in live_sessions(exchange.id))
    if exchange.state == PROPOSED:
        apply(EXCHANGES, exchange.id, EXPIRE, actor_id=None, version=exchange.version, due_at=None)
        settle_sides(rows)
        tell(rows, kinds.EXPIRED, None)
    elif said == {NOT_DONE}:
        call_off(rows, DENY, None, exchange.version)
        tell(rows, kinds.NEVER_WAS, None)
    elif exchange.state == ACTIVE and (DONE in said or met):
        note(exchange, "silence", None)
        settle(rows, None)
    else:
        call_off(rows, LAPSE, None, exchange.version)
        tell(rows, kinds.LAPSED, None)
    return True


def ask_about(rows: Rows) -> bool:
    moment = now()
    sessions = live_sessions(rows.exchange.id)
    over = [session for session in sessions if session.ends_at <= moment and session.asked_at is None]
    for session in over:
        session.asked_at = moment
    silent = [side for side in rows.sides if not side.outcome]
    if over and silent and rows.exchange.state == ACTIVE and all(session.ends_at <= moment for session in sessions):
        for side in silent:
            side.waits_for = CONFIRM
        note(rows.exchange, "ask", None)
        tell(rows, kinds.ASKED, None)
    db.session.flush()
    return bool(over)
