"""Announcements: written by a coordinator, looked at, then told to all whom they are for, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict
from app.core.states import apply
from app.notices.audience import is_reached
from app.notices.kinds import ANNOUNCEMENT
from app.notices.models import DRAFT, SENDING, Announcement
from app.notices.operations.telling import tell_all
from app.notices.states import ANNOUNCEMENTS, DISCARD, FINISH, SEND

BATCH = 500


@dataclass(frozen=True)
class Wording:
    """What is announced, in Markdown, and to whom; see app.notices.audience.Audience."""

    title: str
    body: str
    category: str = ""
    language: str = ""
    place_key: str = ""
    role: str = ""


def draft(author_id: int, wording: Wording) -> Announcement:
    row = Announcement(author_id=author_id, **vars(wording))
    db.session.add(row)
    db.session.flush()
    return row


def reword(announcement_id: int, version: int, wording: Wording) -> Announcement:
    """Raises Conflict when it has been changed or sent since it was shown."""
    row = db.session.get_one(Announcement, announcement_id, with_for_update=True, populate_existing=True)
    if row.version != version or row.state != DRAFT:
        raise Conflict(_("Somebody was faster. Nothing was changed: look at it as it is now."))
    for name, value in vars(wording).items():
        setattr(row, name, value)
    row.version += 1
    return row


def send(announcement_id: int, actor_id: int, version: int) -> Announcement:
    """From now on it is told to everybody whom it is for. Raises Conflict when it was sent or changed already."""
    sent: Announcement = apply(
        ANNOUNCEMENTS, announcement_id, SEND, actor_id=actor_id, version=version, published_at=now()
    )
    return sent


def discard(announcement_id: int, actor_id: int, version: int) -> Announcement:
    """Raises Conflict when it was sent or changed already."""
    thrown: Announcement = apply(ANNOUNCEMENTS, announcement_id, DISCARD, actor_id=actor_id, version=version)
    return thrown


def receivers(announcement: Announcement) -> int:
    """How many members it is for as of now, its author not counted."""
    others = (is_reached(announcement), User.id != announcement.author_id)
    return db.session.scalar(select(func.count()).select_from(User).where(*others)) or 0


def send_waiting() -> int:
    """A tick: tells the next members of every announcement on its way; how many members."""
    sending = select(Announcement.id).where(Announcement.state == SENDING).order_by(Announcement.id)
    ids = list(db.session.scalars(sending))
    db.session.rollback()
    told = 0
    for announcement_id in ids:
        while reached := _next_batch(announcement_id):
            told += reached
    return told


def key_of(announcement_id: int) -> str:
    return f"{ANNOUNCEMENT}:{announcement_id}"


def _next_batch(announcement_id: int) -> int:
    """Under the row's lock, so that two ticks share the work; 0 when it is done."""
    row = db.session.get_one(Announcement, announcement_id, with_for_update=True, populate_existing=True)
    if row.state != SENDING:
        db.session.rollback()
        return 0
    next_ids = select(User.id).where(is_reached(row), User.id > row.reached_id).order_by(User.id).limit(BATCH)
    ids = list(db.session.scalars(next_ids))
    if not ids:
        apply(ANNOUNCEMENTS, row.id, FINISH, actor_id=None, version=row.version)
        db.session.commit()
        return 0
    params = {"id": row.id, "title": row.title}
    url = f"/notices/announcements/{row.id}"
    row.told += tell_all(ids, ANNOUNCEMENT, params, url, key_of(row.id), actor_id=row.author_id)
    row.reached_id = ids[-1]
    db.session.commit()
    return len(ids)
