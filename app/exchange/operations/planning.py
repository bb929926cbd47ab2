"""Times to meet: set, changed and called off by either; calendars follow by the session's uid and sequence."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.chats.operations.locking import require_reachable
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.states import apply
from app.exchange import kinds
from app.exchange.models import ExchangeSession
from app.exchange.models.exchanges import ACCEPTED, ACTIVE
from app.exchange.operations.rows import Rows, live_sessions, locked, moved_on, note
from app.exchange.operations.telling import tell
from app.exchange.states import EXCHANGES, START

SILENCE = timedelta(days=14)
LONGEST = timedelta(hours=24)
FURTHEST = timedelta(days=365)
MOST_SESSIONS = 60


@dataclass(frozen=True)
class Meeting:
    """When and where; `zone` is that of the member who says so."""

    starts_at: datetime
    minutes: int
    zone: str
    place: str = ""
    link: str = ""

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)


def plan(exchange_id: int, user_id: int, meeting: Meeting) -> ExchangeSession:
    """Raises Conflict when nothing can be planned any more, DomainError at the field at fault."""
    rows = _reachable(exchange_id, user_id)
    _require_good(meeting)
    _require_room(exchange_id, meeting)
    session = _add(rows, user_id, meeting)
    tell(rows, kinds.PLANNED, user_id)
    return session


def first_session(rows: Rows, user_id: int) -> None:
    """The time that was proposed along, if it is still ahead."""
    exchange = rows.exchange
    if exchange.starts_at is None or exchange.starts_at <= now():
        return
    minutes = min(sum(leg.minutes for leg in rows.legs), int(LONGEST.total_seconds()) // 60)
    _add(rows, user_id, Meeting(exchange.starts_at, minutes, exchange.zone, exchange.place, exchange.link))


def move(session_id: int, user_id: int, sequence: int, meeting: Meeting) -> ExchangeSession:
    """`sequence` is the one that was shown. Raises Conflict when it was changed or called off since."""
    rows, session = _locked_session(session_id, user_id, sequence)
    _require_good(meeting)
    before = (session.starts_at, session.ends_at, session.place, session.link)
    if before == (meeting.starts_at, meeting.ends_at, meeting.place, meeting.link):
        return session
    session.starts_at, session.ends_at, session.zone = meeting.starts_at, meeting.ends_at, meeting.zone
    session.place, session.link = meeting.place, meeting.link
    session.sequence += 1
    session.asked_at = None
    note(rows.exchange, "move", user_id)
    wait_until(rows)
    tell(rows, kinds.MOVED, user_id)
    return session


def call_session_off(session_id: int, user_id: int, sequence: int) -> ExchangeSession:
    """Raises Conflict when it was changed or called off since."""
    rows, session = _locked_session(session_id, user_id, sequence)
    session.cancelled_at = now()
    session.sequence += 1
    note(rows.exchange, "call_off", user_id)
    wait_until(rows)
    tell(rows, kinds.CALLED_OFF, user_id)
    return session


def wait_until(rows: Rows) -> None:
    """Silence counts from the last meeting on; once somebody has said what was done, from then on."""
    if any(side.outcome for side in rows.sides):
        return
    ends = [session.ends_at for session in live_sessions(rows.exchange.id)]
    rows.exchange.due_at = max([*ends, now()]) + SILENCE
    db.session.flush()


def _add(rows: Rows, user_id: int, meeting: Meeting) -> ExchangeSession:
    exchange = rows.exchange
    if exchange.state == ACCEPTED:
        apply(EXCHANGES, exchange.id, START, actor_id=user_id, version=exchange.version)
    session = ExchangeSession(
        exchange_id=exchange.id,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        zone=meeting.zone,
        place=meeting.place,
        link=meeting.link,
        uid=f"{secrets.token_hex(16)}@exchange",
    )
    db.session.add(session)
    note(exchange, "plan", user_id)
    wait_until(rows)
    return session


def _reachable(exchange_id: int, user_id: int) -> Rows:
    rows = locked(exchange_id)
    if rows.exchange.state not in (ACCEPTED, ACTIVE) or any(side.outcome for side in rows.sides):
        raise moved_on()
    for other in rows.others_of(user_id):
        require_reachable(user_id, other.user_id)
    return rows


def _locked_session(session_id: int, user_id: int, sequence: int) -> tuple[Rows, ExchangeSession]:
    owner = select(ExchangeSession.exchange_id).where(ExchangeSession.id == session_id)
    rows = _reachable(db.session.scalars(owner).one(), user_id)
    session = db.session.get_one(ExchangeSession, session_id, populate_existing=True)
    if session.sequence != sequence or session.cancelled_at is not None:
        raise moved_on()
    if session.ends_at <= now():
        raise Conflict(_("That time is over: say what was done instead."))
    return rows, session


def require_near(moment: datetime) -> None:
    """Raises DomainError for a time that is over or more than a year away."""
    if moment <= now():
        raise DomainError(_("That time is over."), "starts_at")
    if moment > now() + FURTHEST:
        raise DomainError(_("That is more than a year away."), "starts_at")


def _require_good(meeting: Meeting) -> None:
    require_near(meeting.starts_at)
    if not 0 < meeting.minutes <= LONGEST.total_seconds() // 60:
        raise DomainError(_("At most a day, please."), "minutes")


def _require_room(exchange_id: int, meeting: Meeting) -> None:
    """The same time twice is a slip; more than a year of weekly meetings is another exchange."""
    such: Any = (ExchangeSession.exchange_id == exchange_id, ExchangeSession.cancelled_at.is_(None))
    same = select(ExchangeSession.id).where(*such, ExchangeSession.starts_at == meeting.starts_at)
    if db.session.scalar(same) is not None:
        raise DomainError(_("You meet at that time already."), "starts_at")
    if (db.session.scalar(select(func.count()).where(*such)) or 0) >= MOST_SESSIONS:
        raise DomainError(_("At most %(max)d meetings, please.", max=MOST_SESSIONS), "starts_at")
