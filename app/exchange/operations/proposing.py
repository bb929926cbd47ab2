"""Proposing an exchange, and proposing it differently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from app.accounts.operations.locking import locked as locked_member
from app.chats import operations as chats
from app.chats.operations.locking import require_reachable
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.states import apply
from app.exchange import kinds
from app.exchange.models import Exchange, ExchangeLeg, ExchangeSide
from app.exchange.models.exchanges import (
    ANSWER,
    GIFT,
    KINDS,
    LEAST_MINUTES,
    MOST_MINUTES,
    OPEN_STATES,
    PROPOSED,
    SWAP,
    TIME_CREDIT,
)
from app.exchange.operations.hours import are_counted
from app.exchange.operations.planning import require_near
from app.exchange.operations.rows import Rows, locked, moved_on, note
from app.exchange.operations.telling import forget_waiting, tell
from app.exchange.states import EXCHANGES, REPLACE
from app.exchange.terms import Terms

ANSWERED_WITHIN = timedelta(days=14)


@dataclass(frozen=True)
class Proposed:
    """`is_new` is False when the same is proposed or agreed already, by whichever of the two."""

    exchange_id: int
    is_new: bool


def propose(proposer_id: int, other_id: int, terms: Terms) -> Proposed:
    """Raises DomainError at the field at fault, Forbidden when the two cannot write to each other."""
    locked_member(proposer_id)
    _require_good(terms, proposer_id, other_id)
    require_reachable(proposer_id, other_id)
    return _written(proposer_id, other_id, terms, kinds.PROPOSED)


def counter(proposer_id: int, exchange_id: int, version: int, terms: Terms) -> Proposed:
    """A new proposal that replaces the open one in one step, by whichever of the two.

    Raises Conflict when it is no longer open, DomainError when nothing is different.
    """
    rows = locked(exchange_id)
    (other,) = rows.others_of(proposer_id)
    _require_good(terms, proposer_id, other.user_id)
    if rows.exchange.state != PROPOSED or rows.exchange.version != version:
        raise moved_on()
    require_reachable(proposer_id, other.user_id)
    if rows.exchange.terms_hash == terms.fingerprint:
        raise DomainError(_("Nothing is different yet: change something, or agree to it as it is."))
    apply(EXCHANGES, exchange_id, REPLACE, actor_id=proposer_id, version=version, due_at=None)
    for side in rows.sides:
        side.waits_for = ""
    forget_waiting(proposer_id, exchange_id)
    return _written(proposer_id, other.user_id, terms, kinds.COUNTERED, exchange_id)


def open_with_terms(fingerprint: str) -> Select[int]:
    return select(Exchange.id).where(Exchange.terms_hash == fingerprint, Exchange.state.in_(OPEN_STATES))


def _written(proposer_id: int, other_id: int, terms: Terms, event: str, replaces_id: int | None = None) -> Proposed:
    """The loser of a race gets what the winner wrote."""
    chat_id = chats.open_between(proposer_id, other_id)
    try:
        with db.session.begin_nested():
            exchange = _add(proposer_id, terms, chat_id, replaces_id)
    except IntegrityError:
        found = db.session.scalars(open_with_terms(terms.fingerprint)).one()
        if replaces_id is not None:
            raise DomainError(_("The same is agreed or proposed between you already.")) from None
        return Proposed(found, False)
    sides = [
        ExchangeSide(exchange_id=exchange.id, user_id=proposer_id, accepted_at=now()),
        ExchangeSide(exchange_id=exchange.id, user_id=other_id, waits_for=ANSWER),
    ]
    legs = [ExchangeLeg(exchange_id=exchange.id, position=n, **vars(leg)) for n, leg in enumerate(terms.legs)]
    db.session.add_all([*sides, *legs])
    note(exchange, "propose", proposer_id)
    tell(Rows(exchange, sides, legs), event, proposer_id)
    return Proposed(exchange.id, True)


def _add(proposer_id: int, terms: Terms, chat_id: int, replaces_id: int | None) -> Exchange:
    exchange = Exchange(
        chat_id=chat_id,
        proposer_id=proposer_id,
        post_id=terms.post_id,
        replaces_id=replaces_id,
        kind=terms.kind,
        terms_hash=terms.fingerprint,
        place=terms.place,
        link=terms.link,
        starts_at=terms.starts_at,
        zone=terms.zone if terms.starts_at else "",
        note=terms.note,
        due_at=now() + ANSWERED_WITHIN,
    )
    db.session.add(exchange)
    db.session.flush()
    return exchange


def _require_good(terms: Terms, proposer_id: int, other_id: int) -> None:
    if terms.kind not in KINDS:
        raise DomainError(_("Please choose one."), "kind")
    if terms.kind == TIME_CREDIT and not are_counted():
        raise DomainError(_("Hours are not counted in this community."), "kind")
    _require_sides(terms, proposer_id, other_id)
    for leg in terms.legs:
        mine = leg.teacher_id == proposer_id
        if not leg.about:
            raise DomainError(_("Say what it is about."), "give" if mine else "get")
        if not LEAST_MINUTES <= leg.minutes <= MOST_MINUTES:
            text = _("Between five minutes and a day, please.")
            raise DomainError(text, "give_minutes" if mine else "get_minutes")
    if terms.starts_at is not None:
        require_near(terms.starts_at)


def _require_sides(terms: Terms, proposer_id: int, other_id: int) -> None:
    """A swap goes both ways, the other kinds one way; both are somebody else."""
    if proposer_id == other_id:
        raise DomainError(_("An exchange takes two."))
    ways = sorted((leg.teacher_id == proposer_id) for leg in terms.legs)
    if any({leg.teacher_id, leg.learner_id} != {proposer_id, other_id} for leg in terms.legs):
        raise DomainError(_("An exchange takes two."))
    if terms.kind == SWAP and ways != [False, True]:
        missing = "get" if ways == [True] else "give"
        raise DomainError(_("In a swap each of you gives something: fill in both sides."), missing)
    if terms.kind in (TIME_CREDIT, GIFT) and len(ways) != 1:
        raise DomainError(_("Fill in one side only, or choose a swap."), "get" if ways else "give")
