"""What became of an exchange: each says what was done, the smaller counts, and silence agrees."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import gettext as _

from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.states import apply
from app.exchange import kinds
from app.exchange.models import Exchange, ExchangeLeg
from app.exchange.models.exchanges import ACCEPTED, ACTIVE, COMPLETED, CONFIRM, DONE, NOT_DONE
from app.exchange.operations import hours
from app.exchange.operations.answering import call_off, settle_sides
from app.exchange.operations.planning import SILENCE
from app.exchange.operations.rows import Rows, locked, moved_on, note
from app.exchange.operations.telling import forget_waiting, tell
from app.exchange.states import COMPLETE, DENY, EXCHANGES, START

RATED_WITHIN = timedelta(days=14)


def confirm(exchange_id: int, user_id: int, minutes: Mapping[int, int]) -> Exchange:
    """`minutes` by leg, at most what was agreed. When all have said so it is settled, once.

    Raises Conflict when it is over already, DomainError at the leg whose minutes cannot be ("minutes_7").
    """
    rows = locked(exchange_id)
    if _has_said(rows, user_id, DONE):
        return rows.exchange
    _require_minutes(rows, user_id, minutes)
    if _stands(rows, user_id, DONE, minutes):
        return rows.exchange
    _start(rows, user_id)
    _say(rows, user_id, DONE, minutes)
    _go_on(rows, user_id, kinds.CONFIRMED)
    return rows.exchange


def deny(exchange_id: int, user_id: int) -> Exchange:
    """It did not happen, says one of them. Raises Conflict when it is over already."""
    rows = locked(exchange_id)
    if _has_said(rows, user_id, NOT_DONE):
        return rows.exchange
    if _stands(rows, user_id, NOT_DONE, {leg.id: 0 for leg in rows.legs}):
        return rows.exchange
    _start(rows, user_id)
    _say(rows, user_id, NOT_DONE, {leg.id: 0 for leg in rows.legs})
    _go_on(rows, user_id, kinds.DENIED)
    return rows.exchange


def settle(rows: Rows, actor_id: int | None) -> None:
    """Completes it: of each leg counts the smaller of what both said, what the only one said, or what was agreed."""
    moment = now()
    for leg in rows.legs:
        leg.minutes_done = min(_said(leg) or [leg.minutes])
    db.session.flush()
    apply(
        EXCHANGES,
        rows.exchange.id,
        COMPLETE,
        actor_id=actor_id,
        version=rows.exchange.version,
        due_at=None,
        completed_at=moment,
        rate_until=moment + RATED_WITHIN,
    )
    hours.pay_out(rows, actor_id)
    settle_sides(rows)
    tell(rows, kinds.COMPLETED, actor_id)


def _has_said(rows: Rows, user_id: int, outcome: str) -> bool:
    """Whether this one said so before and nothing is left to say; raises Conflict when it is over otherwise."""
    said = rows.side_of(user_id).outcome
    if rows.exchange.state in (ACCEPTED, ACTIVE):
        return False
    if said == outcome and (rows.exchange.state == COMPLETED or outcome == NOT_DONE):
        return True
    raise moved_on()


def _stands(rows: Rows, user_id: int, outcome: str, minutes: Mapping[int, int]) -> bool:
    """Whether this one has said just that already: to say it again tells nobody anew and wins no time."""
    said = {leg.id: leg.teacher_minutes if leg.teacher_id == user_id else leg.learner_minutes for leg in rows.legs}
    same = all(said[leg.id] == minutes[leg.id] for leg in _own(rows, user_id))
    return rows.side_of(user_id).outcome == outcome and same


def _require_minutes(rows: Rows, user_id: int, minutes: Mapping[int, int]) -> None:
    for leg in _own(rows, user_id):
        said = minutes.get(leg.id)
        if said is None or not 0 <= said <= leg.minutes:
            text = _("Between nothing and what was agreed; more than that can be recorded as hours afterwards.")
            raise DomainError(text, f"minutes_{leg.id}")
    if not any(minutes[leg.id] for leg in _own(rows, user_id)):
        raise DomainError(_("If nothing was done, say that it did not happen."))


def _start(rows: Rows, user_id: int) -> None:
    if rows.exchange.state == ACCEPTED:
        apply(EXCHANGES, rows.exchange.id, START, actor_id=user_id, version=rows.exchange.version)


def _say(rows: Rows, user_id: int, outcome: str, minutes: Mapping[int, int]) -> None:
    side = rows.side_of(user_id)
    side.outcome, side.said_at, side.waits_for = outcome, now(), ""
    for leg in _own(rows, user_id):
        if leg.teacher_id == user_id:
            leg.teacher_minutes = minutes[leg.id]
        else:
            leg.learner_minutes = minutes[leg.id]
    db.session.flush()
    note(rows.exchange, "confirm" if outcome == DONE else "not_done", user_id)
    forget_waiting(user_id, rows.exchange.id)


def _go_on(rows: Rows, user_id: int, event: str) -> None:
    """The others are asked, or it is settled when nobody is left."""
    silent = [side for side in rows.sides if not side.outcome]
    if silent:
        for side in silent:
            side.waits_for = CONFIRM
        rows.exchange.due_at = now() + SILENCE
        db.session.flush()
        tell(rows, event, user_id)
    elif all(side.outcome == NOT_DONE for side in rows.sides):
        call_off(rows, DENY, user_id, rows.exchange.version)
        tell(rows, kinds.NEVER_WAS, user_id)
    else:
        tell(rows, event, user_id)
        settle(rows, user_id)


def _own(rows: Rows, user_id: int) -> list[ExchangeLeg]:
    return [leg for leg in rows.legs if user_id in (leg.teacher_id, leg.learner_id)]


def _said(leg: ExchangeLeg) -> list[int]:
    return [minutes for minutes in (leg.teacher_minutes, leg.learner_minutes) if minutes is not None]
