"""What becomes of help that waits, and taking back what was paid. Nothing here commits but the tick.

Who may is for the policy; here the row is locked first, so that of two who act at once the later one gets a Conflict.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.operations.locking import locked
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.states import apply
from app.exchange.hours import kinds
from app.exchange.hours.recording import pay, refusing_debts
from app.exchange.hours.telling import forget_waiting, tell, told_key, url_of
from app.exchange.models import HourRecord, HourRecordPerson
from app.exchange.models.hours import WAITING
from app.exchange.states import DECLINE, EXPIRE, HOUR_RECORDS, POST, TAKE_BACK, WITHDRAW
from app.notices import operations as notices
from app.wallet import operations as wallet

WAITS = timedelta(days=14)
LONGEST_REASON = 300
BATCH = 200


def accept(actor_id: int, pair_id: int, version: int) -> HourRecordPerson:
    """Pays it. Raises Conflict when it is no longer waiting as it was shown, DomainError for a broken floor."""
    row = _taken(actor_id, pair_id, version, POST)
    written = db.session.get_one(HourRecord, row.record_id)
    paid = pay(written, row, actor_id)
    forget_waiting(actor_id, written.id)
    tell(paid, kinds.ACCEPTED, actor_id, [paid.helper_id, paid.helped_id])
    return paid


def decline(actor_id: int, pair_id: int, version: int, reason: str) -> HourRecordPerson:
    """Raises Conflict as `accept`, DomainError at "reason" without one."""
    reason = _given(reason)
    row = _taken(actor_id, pair_id, version, DECLINE)
    declined = _move(row, DECLINE, actor_id, reason, answered_at=now())
    forget_waiting(actor_id, declined.record_id)
    tell(declined, kinds.DECLINED, actor_id, [declined.helper_id, declined.helped_id])
    return declined


def withdraw(actor_id: int, pair_id: int, version: int) -> HourRecordPerson:
    """Whoever was asked need not answer any more. Raises Conflict as `accept`."""
    row = _taken(actor_id, pair_id, version, WITHDRAW)
    withdrawn = _move(row, WITHDRAW, actor_id, answered_at=now())
    _stop_asking(withdrawn)
    tell(withdrawn, kinds.WITHDRAWN, actor_id, ())
    return withdrawn


def take_back(actor_id: int, pair_id: int, version: int, reason: str) -> HourRecordPerson:
    """Reverses the transfer. Raises Conflict when it was taken back already, DomainError at "reason" without one and
    when the helper has passed the time on since."""
    reason = _given(reason)
    row = _taken(actor_id, pair_id, version, TAKE_BACK)
    text, url = _("Taken back: %(reason)s", reason=reason), url_of(row.record_id)
    with refusing_debts(actor_id):
        wallet.give_back(row.transfer_id or 0, text=text, actor_id=actor_id, url=url)
    taken = _move(row, TAKE_BACK, actor_id, reason)
    tell(taken, kinds.REVERSED, actor_id, [taken.helper_id, taken.helped_id])
    return taken


def expire_waiting() -> int:
    """A tick: what nobody answered in 14 days has run out, because silence pays nothing here; how many."""
    old = select(HourRecordPerson.id).where(HourRecordPerson.state == WAITING)
    due = old.where(HourRecordPerson.created_at <= now() - WAITS).order_by(HourRecordPerson.id).limit(BATCH)
    ids = list(db.session.scalars(due))
    db.session.rollback()
    return sum(_expire(pair_id) for pair_id in ids)


def _taken(actor_id: int, pair_id: int, version: int, action: str) -> HourRecordPerson:
    """The row, locked after its actor; Conflict when that can no longer be done with it."""
    locked(actor_id)
    row = db.session.get_one(HourRecordPerson, pair_id, with_for_update=True, populate_existing=True)
    if row.version != version or not HOUR_RECORDS.allows(row.state, action):
        raise Conflict(_("Somebody was faster. Nothing was changed: look at it as it is now."))
    return row


def _move(
    row: HourRecordPerson, action: str, actor_id: int | None, reason: str = "", **values: Any
) -> HourRecordPerson:
    moved: HourRecordPerson = apply(
        HOUR_RECORDS, row.id, action, actor_id=actor_id, version=row.version, reason=reason, **values
    )
    return moved


def _expire(pair_id: int) -> int:
    """Under the row's lock, so that two ticks end it once."""
    row = db.session.get_one(HourRecordPerson, pair_id, with_for_update=True, populate_existing=True)
    if row.state != WAITING or row.created_at > now() - WAITS:
        db.session.rollback()
        return 0
    expired = run_out(row)
    tell(expired, kinds.EXPIRED, None, [expired.helper_id, expired.helped_id])
    db.session.commit()
    return 1


def run_out(row: HourRecordPerson) -> HourRecordPerson:
    """Nobody is asked any more."""
    expired = _move(row, EXPIRE, None, answered_at=now())
    _stop_asking(expired)
    return expired


def _stop_asking(row: HourRecordPerson) -> None:
    notices.take_back([told_key(row.id, kinds.ASKED), told_key(row.id, kinds.ASKED_FOR)])


def _given(reason: str) -> str:
    if not reason:
        raise DomainError(_("Say in a few words why."), "reason")
    return reason[:LONGEST_REASON]
