"""Reading notices: one, a conversation's, or all; and saying that a conversation is on the screen."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from app.core import live, outbox
from app.core.clock import now
from app.core.db import db, dialect_name, is_writing, own_transaction
from app.notices.models import LookingAt, Notice, group_of
from app.notices.operations.telling import TOPIC, mail_key

# How long a page that showed a conversation counts as still showing it; it says so again before that.
LOOKING = timedelta(seconds=90)
KEPT = timedelta(days=90)


def read(user_id: int, url_or_key: str) -> int:
    """What leads to this address, or is about this event or conversation ("chat-7"), is read; how many were not."""
    about = or_(Notice.url == url_or_key, Notice.key == url_or_key, Notice.group_key == url_or_key)
    return _mark(user_id, about)


def read_chat(user_id: int, chat_id: int) -> int:
    """Whatever the member was told about this conversation is read; how many were not."""
    return _mark(user_id, Notice.group_key == group_of(chat_id))


def read_one(user_id: int, notice_id: int) -> int:
    """This notice is read, and with it all of its conversation, which is where it leads to.

    Inside of a GET it is written in a transaction of its own.
    """
    group = select(Notice.group_key).where(Notice.id == notice_id, Notice.user_id == user_id).scalar_subquery()
    if is_writing():
        return _mark(user_id, Notice.group_key == group)
    with own_transaction() as own:
        return _mark(user_id, Notice.group_key == group, own)


def read_all(user_id: int, up_to: int) -> int:
    """All notices up to the id `up_to`, the newest that the member was shown: what came since stays unread."""
    return _mark(user_id, Notice.id <= up_to)


def look_at(user_id: int, chat_id: int) -> None:
    """The member has this conversation on the screen. Inside of a GET it is written in a transaction of its own."""
    if is_writing():
        _look(db.session(), user_id, chat_id)
        return
    with own_transaction() as own:
        _look(own, user_id, chat_id)


def look_away(user_id: int, chat_id: int) -> None:
    """What was told meanwhile and not read shows at once."""
    mine = (LookingAt.user_id == user_id, LookingAt.group_key == group_of(chat_id))
    db.session.execute(delete(LookingAt).where(*mine))
    hidden = (Notice.user_id == user_id, Notice.group_key == group_of(chat_id), Notice.shows_at > now())
    showing = update(Notice).where(*hidden, Notice.read_at.is_(None)).values(shows_at=Notice.created_at)
    shown = showing.returning(Notice.id)
    if db.session.scalars(shown).all():
        live.publish([user_id], TOPIC)


def show_held() -> int:
    """What was kept back because its conversation was taken to be on a screen, and was not read there, is told to open
    pages when its time comes; how many notices."""
    held = (Notice.read_at.is_(None), Notice.shows_at > Notice.created_at, Notice.shows_at <= now())
    showing = update(Notice).where(*held).values(shows_at=Notice.created_at).returning(Notice.user_id)
    readers = db.session.scalars(showing).all()
    live.publish(set(readers), TOPIC)
    db.session.commit()
    return len(readers)


def purge() -> int:
    """Notices that were read long ago, and marks of screens that nobody has renewed."""
    moment = now()
    old = delete(Notice).where(Notice.read_at < moment - KEPT).returning(Notice.id)
    count = len(db.session.scalars(old).all())
    db.session.execute(delete(LookingAt).where(LookingAt.until < moment))
    db.session.commit()
    return count


def _mark(user_id: int, about: ColumnElement[bool], session: Session | None = None) -> int:
    """With what is read goes the mail that it has promised: the next unread one promises its own."""
    session = session or db.session()
    unread = (Notice.user_id == user_id, Notice.read_at.is_(None), about)
    marking = update(Notice).where(*unread).values(read_at=now()).returning(Notice.id, Notice.opens_burst)
    marked = session.execute(marking).all()
    outbox.withdraw([mail_key(row.id) for row in marked if row.opens_burst], session=session)
    if marked:
        live.publish([user_id], TOPIC, session=session)
    return len(marked)


def _look(session: Session, user_id: int, chat_id: int) -> None:
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    mark = insert(LookingAt).values(user_id=user_id, group_key=group_of(chat_id), until=now() + LOOKING)
    same = [LookingAt.user_id, LookingAt.group_key]
    session.execute(mark.on_conflict_do_update(index_elements=same, set_={"until": mark.excluded.until}))
