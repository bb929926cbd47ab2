"""What becomes of recorded hours when an account is emptied."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, or_, select, update

from app.accounts.models import User
from app.accounts.names import FORMER
from app.chats.models import Chat, Message
from app.core.db import AnySelect, db
from app.exchange.hours.answering import run_out
from app.exchange.hours.kinds import NOTICES
from app.exchange.hours.telling import told_key, url_of
from app.exchange.models import HourRecord, HourRecordPerson
from app.exchange.models.hours import WAITING
from app.notices.models import Notice

NAMES = ("name", "helper", "helped")


def forget_member(user_id: int) -> None:
    """What waits runs out. What was paid stays, with what it was for, as the other one's statement says it; what the
    member wrote about anything else is gone, and no line of a chat and no notice names the member any more."""
    theirs = or_(HourRecordPerson.helper_id == user_id, HourRecordPerson.helped_id == user_id)
    waiting = select(HourRecordPerson).where(theirs, HourRecordPerson.state == WAITING).with_for_update()
    for row in db.session.scalars(waiting.order_by(HourRecordPerson.id)).all():
        run_out(row)
    paid = select(HourRecordPerson.record_id).where(HourRecordPerson.transfer_id.is_not(None))
    mine = update(HourRecord).where(HourRecord.recorded_by_id == user_id, HourRecord.id.not_in(paid))
    db.session.execute(mine.values(note="").execution_options(synchronize_session=False))
    _forget_name(user_id, theirs)


def _forget_name(user_id: int, theirs: ColumnElement[bool]) -> None:
    name = db.session.get_one(User, user_id).name
    written = select(HourRecord.id).where(HourRecord.recorded_by_id == user_id)
    about = or_(theirs, HourRecordPerson.record_id.in_(written))
    pairs = db.session.execute(select(HourRecordPerson.id, HourRecordPerson.record_id).where(about)).all()
    urls = {url_of(pair.record_id) for pair in pairs}
    lines = select(Message).where(Message.chat_id.in_(_chats_of(about)), Message.url.in_(urls))
    told = select(Notice).where(Notice.key.in_([told_key(pair.id, event) for pair in pairs for event in NOTICES]))
    for row in [*db.session.scalars(lines), *db.session.scalars(told)]:
        named = {key: FORMER for key in NAMES if row.params.get(key) == name}
        if named:
            row.params = {**row.params, **named}
    db.session.flush()


def _chats_of(about: ColumnElement[bool]) -> AnySelect:
    """Each chat of the two of such a pair."""
    lo, hi, helper, helped = Chat.user_lo_id, Chat.user_hi_id, HourRecordPerson.helper_id, HourRecordPerson.helped_id
    both = or_(and_(lo == helper, hi == helped), and_(lo == helped, hi == helper))
    return select(Chat.id).join(HourRecordPerson, both).where(about)
