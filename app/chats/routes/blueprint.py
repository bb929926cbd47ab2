"""The one blueprint of this package, and what all of its views begin with."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, abort, current_app, request, url_for
from sqlalchemy.exc import OperationalError

from app.accounts.viewer import me
from app.chats import operations, queries
from app.core.clock import now
from app.core.db import AnyRow, db, end_reading, intending
from app.notices import operations as notices

blueprint = Blueprint("chats", __name__, url_prefix="/chats")
UNREAD, TOLD = "chats", "notices"
# A page says that it is looked at every minute; a mark that lasts so long needs no new one.
STILL_LOOKING = timedelta(minutes=1)


def chat_or_404(chat_id: int) -> AnyRow:
    """The viewer's chat as queries.chat_for gives it; what is not the viewer's does not exist."""
    return db.session.execute(queries.chat_for(me, chat_id)).one_or_none() or abort(404)


def chat_before_writing(chat_id: int) -> AnyRow:
    """As above, in a reading transaction that is over when this returns: slow work may follow before the write."""
    with intending("read"):
        chat = chat_or_404(chat_id)
    end_reading()
    return chat


def address_of(chat_id: int) -> str:
    return url_for("chats.show", chat_id=chat_id)


def wants_part() -> bool:
    """Whether a script asks, which puts what it gets into the page."""
    return request.headers.get("HX-Request") == "true"


def note_seen(chat: AnyRow, seq: int) -> None:
    """The reader has seen the lines up to `seq`, and looks at the chat. In a transaction of its own that may fail, and
    none at all when both are known."""
    end_reading()
    if seq <= chat.last_read_seq and chat.looks_until is not None and chat.looks_until > now() + STILL_LOOKING:
        return
    try:
        with intending("write"):
            moved = seq > chat.last_read_seq and operations.mark_read(me.id, chat.id, seq)
            # Both were counted before the page was opened.
            if moved and seq >= chat.last_seq and _was_counted(chat):
                me.badges[UNREAD] = max(0, me.badges.get(UNREAD, 0) - 1)
            if moved and chat.is_told:
                me.badges[TOLD] = max(0, me.badges.get(TOLD, 0) - 1)
            notices.look_at(me.id, chat.id)
            db.session.commit()
    except OperationalError:
        db.session.rollback()
        current_app.logger.info("what was read was not noted: the database is busy")


def _was_counted(chat: AnyRow) -> bool:
    """As queries.unread_count counts."""
    return chat.archived_at is None and (chat.muted_until is None or chat.muted_until <= now())
