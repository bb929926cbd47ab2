"""Answering a proposal, and ending what was proposed or agreed."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import update

from app.chats.operations.locking import require_reachable
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, Forbidden
from app.core.states import apply
from app.exchange import kinds
from app.exchange.models import Exchange, ExchangeSession
from app.exchange.models.exchanges import ACCEPTED, ACTIVE, ANSWER, PROPOSED
from app.exchange.operations import hours
from app.exchange.operations.planning import first_session
from app.exchange.operations.rows import Rows, locked, moved_on
from app.exchange.operations.telling import forget_waiting, tell
from app.exchange.states import ACCEPT, CANCEL, DECLINE, EXCHANGES

PLANNED_WITHIN = timedelta(days=60)


def accept(exchange_id: int, user_id: int, version: int) -> Exchange:
    """Hours are set aside, and the time that was proposed is set. Again by the same one it changes nothing.

    Raises Conflict when the proposal is no longer what was shown, DomainError when somebody has not enough hours.
    """
    rows = locked(exchange_id)
    mine = rows.side_of(user_id)
    if mine.accepted_at is not None and rows.exchange.state in (ACCEPTED, ACTIVE):
        return rows.exchange
    if rows.exchange.state != PROPOSED or rows.exchange.version != version or mine.waits_for != ANSWER:
        raise moved_on()
    for other in rows.others_of(user_id):
        require_reachable(user_id, other.user_id)
    mine.accepted_at, mine.waits_for = now(), ""
    if all(side.accepted_at for side in rows.sides):
        hours.set_aside(rows, user_id)
        due_at = now() + PLANNED_WITHIN
        apply(EXCHANGES, exchange_id, ACCEPT, actor_id=user_id, version=version, due_at=due_at)
        forget_waiting(user_id, exchange_id)
        tell(rows, kinds.ACCEPTED, user_id)
        first_session(rows, user_id)
    return rows.exchange


def decline(exchange_id: int, user_id: int, version: int, reason: str = "") -> Exchange:
    """By whoever was asked. Raises Conflict when it is no longer open."""
    rows = locked(exchange_id)
    if rows.side_of(user_id).waits_for != ANSWER:
        raise moved_on()
    reason = _heard(rows, user_id, reason)
    apply(EXCHANGES, exchange_id, DECLINE, actor_id=user_id, version=version, reason=reason, due_at=None)
    settle_sides(rows)
    forget_waiting(user_id, exchange_id)
    tell(rows, kinds.DECLINED, user_id)
    return rows.exchange


def cancel(exchange_id: int, user_id: int, version: int, reason: str = "") -> Exchange:
    """A proposal by its proposer, an agreement by either, until one has said what was done: then the other says so too.

    What was set aside goes back. Raises Conflict when it can no longer be cancelled.
    """
    rows = locked(exchange_id)
    was_proposed = rows.exchange.state == PROPOSED
    if was_proposed and rows.exchange.proposer_id != user_id:
        raise moved_on()
    if any(side.outcome for side in rows.sides):
        raise Conflict(_("It was confirmed in the meantime: say what was done, or that it did not happen."))
    call_off(rows, CANCEL, user_id, version, _heard(rows, user_id, reason))
    tell(rows, kinds.WITHDRAWN if was_proposed else kinds.CANCELLED, user_id)
    return rows.exchange


def call_off(rows: Rows, action: str, actor_id: int | None, version: int, reason: str = "") -> None:
    """Ends it by `action`, gives back what was set aside and cancels what was planned."""
    exchange = rows.exchange
    apply(EXCHANGES, exchange.id, action, actor_id=actor_id, version=version, reason=reason, due_at=None)
    hours.give_back(rows, actor_id)
    settle_sides(rows)
    moment = now()
    ahead = (ExchangeSession.exchange_id == exchange.id, ExchangeSession.cancelled_at.is_(None))
    cancelled = {"cancelled_at": moment, "sequence": ExchangeSession.sequence + 1}
    db.session.execute(update(ExchangeSession).where(*ahead, ExchangeSession.ends_at > moment).values(cancelled))


def _heard(rows: Rows, user_id: int, reason: str) -> str:
    """Ending it is always possible; words reach only those whom one can write to."""
    try:
        for other in rows.others_of(user_id):
            require_reachable(user_id, other.user_id)
    except Forbidden:
        return ""
    return reason


def settle_sides(rows: Rows) -> None:
    """Nobody waits for anything any more."""
    for side in rows.sides:
        side.waits_for = ""
    db.session.flush()
