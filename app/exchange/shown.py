"""What the pages of exchanges show, put together from rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import url_for
from flask_babel import format_datetime, lazy_gettext, lazy_pgettext, to_user_timezone
from flask_babel import gettext as _

from app.accounts.viewer import me, picture_url
from app.core.clock import now
from app.core.db import AnyRow, db
from app.core.money import format_amount
from app.core.templating import plain_date
from app.exchange import policy
from app.exchange.models import Exchange, ExchangeSession
from app.exchange.models.exchanges import (
    ACCEPTED,
    ACTIVE,
    ANSWER,
    CANCELLED,
    COMPLETED,
    CONFIRM,
    DECLINED,
    EXPIRED,
    GIFT,
    PROPOSED,
    SWAP,
    TIME_CREDIT,
)
from app.exchange.operations.correcting import CORRECT
from app.exchange.queries import exchanges as queries

_l: Any = lazy_gettext

STATES: dict[str, Any] = {
    PROPOSED: lazy_pgettext("exchange", "Proposed"),
    ACCEPTED: _l("Agreed"),
    ACTIVE: _l("Under way"),
    COMPLETED: _l("Completed"),
    DECLINED: _l("Declined"),
    CANCELLED: _l("Cancelled"),
    EXPIRED: _l("Run out"),
}
TONES = {
    PROPOSED: "warning",
    ACCEPTED: "info",
    ACTIVE: "primary",
    COMPLETED: "success",
    DECLINED: "secondary",
    CANCELLED: "secondary",
    EXPIRED: "secondary",
}
KINDS: dict[str, Any] = {SWAP: _l("Swap"), TIME_CREDIT: _l("For hours"), GIFT: _l("Gift")}
KIND_ICONS = {SWAP: "arrows-exchange", TIME_CREDIT: "clock", GIFT: "gift"}
# What the history says, by action: icon, tone, sentence for somebody, sentence for the site.
EVENTS: dict[str, tuple[str, str, Any, Any]] = {
    "propose": ("arrows-exchange", "primary", _l("%(name)s proposed it"), ""),
    "accept": ("circle-check", "success", _l("%(name)s agreed"), ""),
    "decline": ("x", "secondary", _l("%(name)s declined"), ""),
    "replace": ("arrows-exchange", "secondary", _l("%(name)s proposed something else"), ""),
    "cancel": ("x", "secondary", _l("%(name)s cancelled it"), _l("It has ended, because an account was closed")),
    "expire": ("hourglass", "secondary", "", _l("It ran out unanswered")),
    "lapse": ("hourglass", "secondary", "", _l("It ended, because nothing came of it")),
    "start": ("player-play", "info", _l("It is under way"), _l("It is under way")),
    "plan": ("calendar-event", "info", _l("%(name)s set a time"), ""),
    "move": ("calendar-event", "info", _l("%(name)s changed a time"), ""),
    "call_off": ("calendar-event", "secondary", _l("%(name)s called a meeting off"), ""),
    "ask": ("question-mark", "warning", "", _l("Both were asked how it went")),
    "confirm": ("check", "success", _l("%(name)s confirmed what was done"), ""),
    "not_done": ("mood-empty", "warning", _l("%(name)s said that it did not happen"), ""),
    "silence": ("hourglass", "secondary", "", _l("Nobody objected for 14 days")),
    "complete": ("checks", "success", _l("It is completed"), _l("It is completed")),
    "correct": ("arrow-back-up", "warning", _l("%(name)s took back what was paid"), ""),
    "deny": ("mood-empty", "secondary", _l("It ended: it did not happen"), _l("It ended: it did not happen")),
}


@dataclass(frozen=True)
class LegShown:
    """`mine` are one's own to confirm; `said` is what the other one says, None for nothing yet."""

    id: int
    teacher: str
    learner: str
    i_teach: bool
    about: str
    url: str
    agreed: str
    minutes: int
    done: str
    said: str


@dataclass(frozen=True)
class SessionShown:
    id: int
    when: str
    starts_at: datetime
    place: str
    link: str
    sequence: int
    is_cancelled: bool
    is_over: bool
    can_change: bool


@dataclass(frozen=True)
class EventShown:
    """A row of the component `timeline`."""

    icon: str
    tone: str
    title: str
    text: str
    at: datetime


@dataclass(frozen=True)
class ExchangeCard:
    """`line` says what happens next."""

    id: int
    url: str
    title: str
    other_id: int
    other: str
    picture: str
    kind: str
    kind_icon: str
    state: str
    tone: str
    waits: bool
    line: str
    updated_at: datetime
    legs: list[str] = field(default_factory=list)


def exchange_cards(rows: Sequence[AnyRow]) -> list[ExchangeCard]:
    """Cards of these rows of queries.exchanges_of with their legs, which is one statement."""
    legs: dict[int, list[AnyRow]] = {}
    for leg in db.session.execute(queries.legs_of([row.id for row in rows])) if rows else ():
        legs.setdefault(leg.exchange_id, []).append(leg)
    prefix = url_for("exchanges.index")
    return [
        ExchangeCard(
            id=row.id,
            url=f"{prefix}/{row.id}",
            title=title_of(legs[row.id]),
            other_id=row.other_id,
            other=row.name,
            picture=picture_url(row.other_id, row.picture_id),
            kind=str(KINDS[row.kind]),
            kind_icon=KIND_ICONS[row.kind],
            state=str(STATES[row.state]),
            tone=TONES[row.state],
            waits=bool(row.waits),
            line=_line(row),
            updated_at=row.updated_at,
            legs=[_said(leg) for leg in legs[row.id]],
        )
        for row in rows
    ]


def title_of(legs: Iterable[Any]) -> str:
    """ "Spanish for Python", or what the one leg is about."""
    about = [leg.about for leg in legs]
    return _("%(one)s for %(other)s", one=about[0], other=about[1]) if len(about) == 2 else ", ".join(about)


def page_about(exchange: Exchange) -> dict[str, Any]:
    """What the page of one exchange shows to one who takes part."""
    legs = db.session.execute(queries.legs_of([exchange.id])).all()
    sides = db.session.execute(queries.sides_of(exchange.id)).all()
    sessions = db.session.scalars(queries.sessions_of(exchange.id)).all()
    mine = next(side for side in sides if side.user_id == me.id)
    others = [side for side in sides if side.user_id != me.id]
    plan = policy.can_plan(exchange, sides)
    shown = [_session(session, plan=plan) for session in sessions]
    history = db.session.execute(queries.history_of(exchange.id)).all()
    return {
        "exchange": exchange,
        "title": title_of(legs),
        "state": STATES[exchange.state],
        "tone": TONES[exchange.state],
        "kind": KINDS[exchange.kind],
        "kind_icon": KIND_ICONS[exchange.kind],
        "legs": [_leg(leg) for leg in legs],
        "proposed_time": _when(exchange.starts_at) if exchange.starts_at else "",
        "mine": mine,
        "others": others,
        "other": others[0],
        "other_picture": picture_url(others[0].user_id, others[0].picture_id),
        "held": [(side, format_amount(side.held)) for side in sides if side.held],
        "sessions": shown,
        "events": [_event(row) for row in history],
        "replaced_by": db.session.scalar(queries.replaced_by(exchange.id)),
        "status_line": _corrected(history) or _status_line(exchange, mine, others[0]),
        "timer": _timer(exchange, sides, sessions),
        "can_answer": policy.can_answer_proposal(mine, exchange),
        "can_change": policy.can_change(mine, exchange),
        "can_cancel": policy.can_cancel(mine, exchange, sides),
        "can_plan": plan,
        "can_confirm": policy.can_confirm(mine, exchange) and not mine.outcome,
        # Before the first meeting the form would only stand in the way.
        "confirm_first": mine.waits_for == CONFIRM or (exchange.state == ACTIVE and not _is_ahead(sessions)),
    }


def _said(leg: Any) -> str:
    """A leg in one line, from the reader's side."""
    minutes = format_amount(leg.minutes if leg.minutes_done is None else leg.minutes_done)
    if leg.teacher_id == me.id:
        return _("You help: %(about)s, %(time)s", about=leg.about, time=minutes)
    if leg.learner_id == me.id:
        return _("%(name)s helps: %(about)s, %(time)s", name=leg.teacher, about=leg.about, time=minutes)
    return f"{leg.teacher} → {leg.learner}: {leg.about}, {minutes}"


def _leg(leg: Any) -> LegShown:
    i_teach = leg.teacher_id == me.id
    theirs = leg.learner_minutes if i_teach else leg.teacher_minutes
    return LegShown(
        id=leg.id,
        teacher=leg.teacher,
        learner=leg.learner,
        i_teach=i_teach,
        about=leg.about,
        url=url_for("skills.show", slug=leg.skill_slug) if leg.skill_slug else "",
        agreed=format_amount(leg.minutes),
        minutes=leg.minutes,
        done="" if leg.minutes_done is None else format_amount(leg.minutes_done),
        said="" if theirs is None else format_amount(theirs),
    )


def _session(session: ExchangeSession, *, plan: bool) -> SessionShown:
    moment = now()
    return SessionShown(
        id=session.id,
        when=f"{_when(session.starts_at)}–{format_datetime(session.ends_at, _('HH:mm'))}",
        starts_at=session.starts_at,
        place=session.place,
        link=session.link,
        sequence=session.sequence,
        is_cancelled=session.cancelled_at is not None,
        is_over=session.ends_at <= moment,
        can_change=plan and policy.can_change_session(session, moment),
    )


def _event(row: AnyRow) -> EventShown:
    icon, tone, by_somebody, by_site = EVENTS[row.action]
    title = str(by_somebody if row.actor else by_site) % ({"name": row.actor} if row.actor else {})
    return EventShown(icon, tone, title, row.reason, row.at)


def _line(row: AnyRow) -> str:
    if row.waits_for == ANSWER:
        return _("%(name)s asks for your answer", name=row.name)
    if row.waits_for == CONFIRM:
        return _("Please say what was done")
    if row.next_at is not None:
        return _when(row.next_at)
    if row.state == PROPOSED:
        return _("Waits for the answer of %(name)s", name=row.name)
    return _("Set a time to meet") if row.state == ACCEPTED else ""


def _corrected(history: Sequence[AnyRow]) -> str:
    is_corrected = any(row.action == CORRECT for row in history)
    return _("A coordinator has taken back what was paid for it; the reason stands below.") if is_corrected else ""


def _status_line(exchange: Exchange, mine: Any, other: Any) -> str:
    if mine.waits_for == ANSWER:
        return _("%(name)s proposes this to you.", name=other.name)
    if mine.waits_for == CONFIRM and other.outcome:
        return _("%(name)s has said what was done. Please say it too.", name=other.name)
    if mine.waits_for == CONFIRM:
        return _("How did it go? Please say what was done.")
    if exchange.state == PROPOSED:
        return _("You have proposed this. %(name)s has not answered yet.", name=other.name)
    if mine.outcome and exchange.due_at is not None:
        return _("You have said what was done. %(name)s has not yet.", name=other.name)
    if exchange.state == ACCEPTED:
        return _("You have agreed. Set a time to meet, or say at once what was done.")
    return ""


def _timer(exchange: Exchange, sides: Sequence[Any], sessions: Sequence[ExchangeSession]) -> str:
    """What the site does by itself, and when."""
    if exchange.due_at is None:
        return ""
    day = plain_date(exchange.due_at)
    if exchange.state == PROPOSED:
        return _("Without an answer it runs out on %(day)s.", day=day)
    if any(side.outcome for side in sides):
        return _("Without a word from the other side it is settled on %(day)s by what was said.", day=day)
    if any(session.cancelled_at is None for session in sessions):
        return _("If nobody says anything, it counts as done on %(day)s.", day=day)
    return _("If nothing is planned, it ends by itself on %(day)s.", day=day)


def _is_ahead(sessions: Sequence[ExchangeSession]) -> bool:
    return any(session.cancelled_at is None and session.ends_at > now() for session in sessions)


def _when(moment: datetime) -> str:
    """ "Thu, 26 Nov, 18:30" in the reader's zone; with the year when it is another one."""
    this_year = to_user_timezone(moment).year == to_user_timezone(now()).year
    return format_datetime(moment, _("EEE, d MMM, HH:mm") if this_year else _("EEE, d MMM y, HH:mm"))
