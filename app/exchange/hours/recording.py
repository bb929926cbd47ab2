"""Writing help down. What may be paid at once is; everything else waits. Nothing here commits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.operations.locking import locked
from app.community.operations import settings
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError, TooMany
from app.core.money import format_amount
from app.core.states import apply
from app.exchange.hours import kinds
from app.exchange.hours.plan import Help, Planned, planned, require_people
from app.exchange.hours.telling import coordinators_but, tell, url_of
from app.exchange.models import HourRecord, HourRecordPerson
from app.exchange.models.hours import WAITING
from app.exchange.states import HOUR_RECORDS, POST
from app.wallet import kinds as wallet_kinds
from app.wallet import operations as wallet
from app.wallet.models import Wallet
from app.wallet.owners import user_of

MOST_WAITING = 50


@dataclass(frozen=True)
class Recorded:
    """`is_new` is False when the same was recorded before under the same key."""

    record_id: int
    is_new: bool


def preview(recorder_id: int, given: Help) -> list[Planned]:
    """What `record` would post, after the same refusals; the caller rolls back."""
    recorder = locked(recorder_id)
    pairs = planned(recorder, given, settings().hour_sharing)
    _require_patience(recorder_id, pairs)
    _require_means(recorder_id, pairs)
    return pairs


def record(recorder_id: int, given: Help, key: str, *, sharing: str) -> Recorded:
    """Writes `given` down, once for each `key` of this recorder; `sharing` is the rule that the preview showed.

    Raises DomainError at the field at fault, Conflict when the rule has changed since or the key was used for
    something else, TooMany when too much of the recorder's waits already.
    """
    recorder = locked(recorder_id)
    if first := _recorded_before(recorder_id, key):
        _require_same(first, given, sharing)
        return Recorded(first.id, is_new=False)
    pairs = planned(recorder, given, settings().hour_sharing)
    if sharing != settings().hour_sharing:
        raise Conflict(_("The community's rule for several people has just changed. Please look at it again."))
    _require_patience(recorder_id, pairs)
    written = HourRecord(
        recorded_by_id=recorder_id,
        minutes=given.minutes,
        done_on=given.done_on,
        sharing=sharing,
        category_id=given.category_id,
        note=given.note,
        idempotency_key=key,
    )
    db.session.add(written)
    db.session.flush()
    _lock_payers(pairs)
    # The wallets are locked now: whoever has left in the meantime is seen.
    require_people(recorder, given)
    rows = [_write(written, pair) for pair in pairs]
    for row, pair in zip(rows, pairs, strict=True):
        _begin(written, row, pair, recorder_id)
    return Recorded(written.id, is_new=True)


def pay(written: HourRecord, row: HourRecordPerson, actor_id: int) -> HourRecordPerson:
    """Posts one pair; its minutes pass from who was helped to who helped. Raises DomainError at "minutes" when there
    is not enough, Conflict when it is no longer waiting."""
    with refusing_debts(actor_id):
        posted = wallet.transfer(
            wallet.member_wallet(row.helped_id),
            wallet.member_wallet(row.helper_id),
            row.minutes,
            kind=wallet_kinds.EXCHANGE,
            text=written.note or _("Recorded hours"),
            url=url_of(written.id),
            actor_id=actor_id,
            scope=kinds.SCOPE,
            key=str(row.id),
        )
    values = {"answered_at": now(), "transfer_id": posted.transfer_id}
    paid: HourRecordPerson = apply(HOUR_RECORDS, row.id, POST, actor_id=actor_id, version=row.version, **values)
    return paid


@contextmanager
def refusing_debts(actor_id: int) -> Iterator[None]:
    """A broken floor in the words of whoever asked for the payment."""
    try:
        yield
    except wallet.FloorBroken as error:
        raise _not_enough(error.wallet_id, actor_id) from error


def _write(written: HourRecord, pair: Planned) -> HourRecordPerson:
    row = HourRecordPerson(
        record_id=written.id,
        helper_id=pair.helper_id,
        helped_id=pair.helped_id,
        asked_id=pair.asked_id,
        minutes=pair.minutes,
    )
    db.session.add(row)
    db.session.flush()
    return row


def _begin(written: HourRecord, row: HourRecordPerson, pair: Planned, recorder_id: int) -> None:
    if pair.is_paid:
        row = pay(written, row, recorder_id)
        event = kinds.PAID if recorder_id == row.helped_id else kinds.PAID_FOR
        tell(row, event, recorder_id, [row.helper_id, row.helped_id])
    elif pair.asked_id is not None:
        tell(row, kinds.ASKED, recorder_id, [pair.asked_id])
    else:
        tell(row, kinds.ASKED_FOR, recorder_id, coordinators_but(row.helper_id))


def _recorded_before(recorder_id: int, key: str) -> HourRecord | None:
    """The recorder's row is locked, so whoever sends the same at once finds what the first one wrote."""
    mine = (HourRecord.recorded_by_id == recorder_id, HourRecord.idempotency_key == key)
    return db.session.scalar(select(HourRecord).where(*mine))


def _require_same(first: HourRecord, given: Help, sharing: str) -> None:
    columns = (HourRecordPerson.helper_id, HourRecordPerson.helped_id)
    pairs = {tuple(row) for row in db.session.execute(select(*columns).where(HourRecordPerson.record_id == first.id))}
    asked = {(given.one, other) if given.is_helper else (other, given.one) for other in given.others}
    written = (first.minutes, first.done_on, first.category_id, first.note, first.sharing)
    if pairs != asked or written != (given.minutes, given.done_on, given.category_id, given.note, sharing):
        raise Conflict(_("This was recorded already, with other details. Nothing was changed."))


def _require_patience(recorder_id: int, pairs: Sequence[Planned]) -> None:
    """Nobody is asked without end."""
    if all(pair.is_paid for pair in pairs):
        return
    mine = select(HourRecordPerson.id).join(HourRecord, HourRecord.id == HourRecordPerson.record_id)
    waiting = mine.where(HourRecord.recorded_by_id == recorder_id, HourRecordPerson.state == WAITING)
    if len(db.session.scalars(waiting.limit(MOST_WAITING)).all()) >= MOST_WAITING:
        raise TooMany(_("So much of yours waits for an answer already. Wait until some of it is answered."), 3600)


def _lock_payers(pairs: Sequence[Planned]) -> None:
    """All wallets at once, in the order in which `post` takes them."""
    people = {user_id for pair in pairs if pair.is_paid for user_id in (pair.helper_id, pair.helped_id)}
    wallet.lock([wallet.member_wallet(user_id) for user_id in sorted(people)])


def _require_means(actor_id: int, pairs: Sequence[Planned]) -> None:
    """The refusal that the floors would make, before anything is posted."""
    owed: dict[int, int] = {}
    for pair in pairs:
        if pair.is_paid:
            wallet_id = wallet.member_wallet(pair.helped_id)
            owed[wallet_id] = owed.get(wallet_id, 0) + pair.minutes
    told = select(Wallet.id, Wallet.balance, Wallet.floor).where(Wallet.id.in_(owed)).order_by(Wallet.id)
    for row in db.session.execute(told):
        if row.floor is not None and row.balance - owed[row.id] < row.floor:
            raise _not_enough(row.id, actor_id)


def _not_enough(wallet_id: int, actor_id: int) -> DomainError:
    """One's own balance is said, nobody else's."""
    row = db.session.execute(select(Wallet.owner, Wallet.balance, Wallet.floor).where(Wallet.id == wallet_id)).one()
    user_id = user_of(row.owner)
    if user_id == actor_id:
        left = format_amount(row.balance - (row.floor or 0))
        return DomainError(_("That is more than you can give: you have %(left)s left.", left=left), "minutes")
    name = db.session.scalars(select(User.name).where(User.id == user_id)).one()
    return DomainError(_("%(name)s has not enough left for that.", name=name), "minutes")
