"""Exchanges of the demo community, told step by step with the operations that members use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from app.chats import operations as chats
from app.chats.models import TEXT, Chat, Message
from app.core.clock import now
from app.core.db import db
from app.core.registry import Happening
from app.exchange.demo import ids_by_key, rows_of
from app.exchange.models import Exchange, ExchangeLeg, ExchangeSide
from app.exchange.models.exchanges import GIFT, TIME_CREDIT
from app.exchange.naming import skill_named
from app.exchange.operations import answering, planning, proposing, settling, ticking
from app.exchange.operations.hours import are_counted
from app.exchange.operations.planning import Meeting
from app.exchange.operations.rows import locked
from app.exchange.terms import Leg, Terms
from app.notices import operations as notices

ZONE = "Europe/London"


@dataclass(frozen=True)
class Told:
    """`give` is what the first one does for the second, `get` the other way round: what, and how many minutes.

    `proposed` is how many minutes ago. A step is "who verb minutes-ago" and what the verb wants; see VERBS.
    """

    between: list[str]
    kind: str
    proposed: int
    give: list[Any] | None = None
    get: list[Any] | None = None
    place: str = ""
    link: str = ""
    note: str = ""
    steps: tuple[str, ...] = ()


def load(preset: str) -> Iterator[Happening]:
    """Gives the exchanges step by step; who makes them happen commits."""
    ids, moment = ids_by_key(), now()
    for row in rows_of("exchanges.toml", preset):
        yield from _Tale(Told(**row), ids).happened(moment)


@dataclass
class _Tale:
    """`id` is the exchange's, once it was proposed."""

    told: Told
    ids: dict[str, int]
    id: int = field(default=0, init=False)

    def happened(self, moment: datetime) -> Iterator[Happening]:
        at = moment - timedelta(minutes=self.told.proposed)
        yield Happening(at, self.propose)
        for step in self.told.steps:
            who, verb, minutes, *rest = step.split(" ", 3)
            at = moment - timedelta(minutes=int(minutes))
            yield Happening(at, partial(self.go_on, who, verb, rest[0] if rest else ""))
        yield Happening(at, self.read)

    def propose(self) -> None:
        proposer_id, other_id = (self.ids[who] for who in self.told.between)
        terms = _terms(self.told, proposer_id, other_id)
        self.id = proposing.propose(proposer_id, other_id, terms).exchange_id

    def go_on(self, who: str, verb: str, rest: str) -> None:
        VERBS[verb](self.id, self.ids.get(who, 0), rest)

    def read(self) -> None:
        _read(self.id)


def _terms(told: Told, proposer_id: int, other_id: int) -> Terms:
    """Where hours are not counted, help for hours is a gift."""
    kind = told.kind if are_counted() or told.kind != TIME_CREDIT else GIFT
    ways = ((told.give, proposer_id, other_id), (told.get, other_id, proposer_id))
    legs = [
        Leg(teacher, learner, leg[0], leg[1], skill_named(_Member(proposer_id), leg[0]))
        for leg, teacher, learner in ways
        if leg
    ]
    return Terms(kind=kind, legs=legs, place=told.place, link=told.link, note=told.note)


def _accept(exchange_id: int, user_id: int, _rest: str) -> None:
    answering.accept(exchange_id, user_id, _version(exchange_id))


def _decline(exchange_id: int, user_id: int, rest: str) -> None:
    answering.decline(exchange_id, user_id, _version(exchange_id), rest)


def _cancel(exchange_id: int, user_id: int, rest: str) -> None:
    answering.cancel(exchange_id, user_id, _version(exchange_id), rest)


def _plan(exchange_id: int, user_id: int, rest: str) -> None:
    """Days from then on, the time of day, minutes and the place."""
    days, clock, minutes, *place = rest.split(" ", 3)
    hour, minute = clock.split(":")
    day = now().astimezone(ZoneInfo(ZONE)) + timedelta(days=int(days))
    starts_at = day.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    planning.plan(exchange_id, user_id, Meeting(starts_at, int(minutes), ZONE, place[0] if place else ""))


def _confirm(exchange_id: int, user_id: int, rest: str) -> None:
    """Minutes for each leg."""
    legs = select(ExchangeLeg.id).where(ExchangeLeg.exchange_id == exchange_id).order_by(ExchangeLeg.position)
    minutes = [int(each) for each in rest.split()]
    settling.confirm(exchange_id, user_id, dict(zip(db.session.scalars(legs), minutes, strict=True)))


def _deny(exchange_id: int, user_id: int, _rest: str) -> None:
    settling.deny(exchange_id, user_id)


def _ask(exchange_id: int, _user_id: int, _rest: str) -> None:
    ticking.ask_about(locked(exchange_id))


def _wait(exchange_id: int, _user_id: int, _rest: str) -> None:
    """Until the site acts by itself."""
    ticking.act_on(locked(exchange_id))


VERBS: dict[str, Callable[[int, int, str], None]] = {
    "accepts": _accept,
    "declines": _decline,
    "cancels": _cancel,
    "plans": _plan,
    "confirms": _confirm,
    "denies": _deny,
    "asks": _ask,
    "waits": _wait,
}


def _version(exchange_id: int) -> int:
    return db.session.scalars(select(Exchange.version).where(Exchange.id == exchange_id)).one()


def _read(exchange_id: int) -> None:
    """Who has nothing to answer has read what happened."""
    url = f"/exchanges/{exchange_id}"
    sides = select(ExchangeSide.user_id, ExchangeSide.waits_for, Exchange.chat_id).join(
        Exchange, Exchange.id == ExchangeSide.exchange_id
    )
    for side in db.session.execute(sides.where(ExchangeSide.exchange_id == exchange_id)).all():
        if not side.waits_for:
            notices.read(side.user_id, url)
            last = db.session.scalars(select(Chat.last_seq).where(Chat.id == side.chat_id)).one()
            if not _is_talked_in(side.chat_id):
                chats.mark_read(side.user_id, side.chat_id, last)


def _is_talked_in(chat_id: int) -> bool:
    """What is unread in a talk is part of the talk."""
    return db.session.scalar(select(exists().where(Message.chat_id == chat_id, Message.kind == TEXT))) or False


@dataclass(frozen=True)
class _Member:
    id: int
