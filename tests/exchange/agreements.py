"""Exchanges for tests and pages: proposed, agreed, and as far as one wants; and the books that must be right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app.core.clock import now
from app.core.db import db
from app.core.money import TIME
from app.exchange.models import Exchange, ExchangeLeg, ExchangeSession
from app.exchange.models.exchanges import SWAP, TIME_CREDIT
from app.exchange.operations import answering, planning, proposing
from app.exchange.operations.planning import Meeting
from app.exchange.terms import Leg, Terms
from app.wallet import operations as wallet
from app.wallet.kinds import ISSUE
from app.wallet.models import Wallet
from app.wallet.verify import findings
from tests.chats.test_sending import at_once
from tests.world import World


def help_terms(teacher_id: int, learner_id: int, minutes: int = 60, **values: Any) -> Terms:
    """Help for hours."""
    values = {"kind": TIME_CREDIT, **values}
    return Terms(legs=[Leg(teacher_id, learner_id, values.pop("about", "Spanish"), minutes)], **values)


def swap_terms(world: World, minutes: int = 60, back: int = 60, **values: Any) -> Terms:
    """Alice teaches Python, Bob Spanish."""
    legs = [Leg(world.alice, world.bob, "Python", minutes), Leg(world.bob, world.alice, "Spanish", back)]
    return Terms(kind=SWAP, legs=legs, **values)


def proposed(world: World, terms: Terms | None = None) -> int:
    """Alice asks Bob. Commits."""
    made = proposing.propose(world.alice, world.bob, terms or swap_terms(world))
    db.session.commit()
    return made.exchange_id


def agreed(world: World, terms: Terms | None = None) -> int:
    """And Bob agrees. Commits."""
    exchange_id = proposed(world, terms)
    answering.accept(exchange_id, world.bob, 1)
    db.session.commit()
    return exchange_id


def under_way(world: World, terms: Terms | None = None, days: int = 1) -> int:
    """And they meet in so many days. Commits."""
    exchange_id = agreed(world, terms)
    planning.plan(exchange_id, world.alice, Meeting(in_days(days), 60, "UTC", "Library"))
    db.session.commit()
    return exchange_id


def in_days(days: float) -> datetime:
    return (now() + timedelta(days=days)).replace(second=0, microsecond=0)


def exchange(exchange_id: int) -> Exchange:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Exchange, exchange_id)


def legs(exchange_id: int) -> list[ExchangeLeg]:
    db.session.rollback()
    db.session.expire_all()
    mine = select(ExchangeLeg).where(ExchangeLeg.exchange_id == exchange_id)
    return list(db.session.scalars(mine.order_by(ExchangeLeg.position)))


def minutes_of(exchange_id: int, *minutes: int) -> dict[int, int]:
    """What somebody says was done, leg by leg."""
    return {leg.id: each for leg, each in zip(legs(exchange_id), minutes, strict=True)}


def give_hours(user_id: int, minutes: int) -> None:
    """Starting hours. Commits."""
    source = wallet.wallet_for(ISSUE, "community", TIME)
    wallet.transfer(
        source,
        wallet.member_wallet(user_id),
        minutes,
        kind="grant",
        text="Welcome",
        scope="test",
        key=f"start:{user_id}",
    )
    db.session.commit()


def balances(*user_ids: int) -> list[int]:
    db.session.rollback()
    return [
        db.session.scalar(select(Wallet.balance).where(Wallet.kind == "member", Wallet.owner == f"user:{user_id}")) or 0
        for user_id in user_ids
    ]


def set_aside() -> int:
    db.session.rollback()
    return sum(db.session.scalars(select(Wallet.balance).where(Wallet.kind == "escrow")))


def assert_books() -> None:
    db.session.rollback()
    assert findings() == []


def make_due(exchange_id: int) -> None:
    """As if the site's patience were over. Commits."""
    db.session.execute(update(Exchange).where(Exchange.id == exchange_id).values(due_at=now() - timedelta(seconds=1)))
    db.session.commit()


def end_sessions(exchange_id: int) -> None:
    """As if they had met an hour ago. Commits."""
    over = update(ExchangeSession).where(ExchangeSession.exchange_id == exchange_id)
    moment = now()
    db.session.execute(over.values(starts_at=moment - timedelta(hours=2), ends_at=moment - timedelta(hours=1)))
    db.session.commit()


def twice_at_once(app: Flask, work: Callable[[], Any]) -> list[Any]:
    return at_once(app, work, work)


def add_exchanges(ids: World) -> dict[str, int]:
    """One of Alice and Bob that is under way ({exchange}, with its {meeting}), and some beside it. Commits."""
    running = under_way(ids)
    asked = proposing.propose(ids.bob, ids.alice, swap_terms(ids, 90, 90, note="Before the holidays, if you can."))
    over = proposing.propose(ids.alice, ids.bob, swap_terms(ids, 30, 30)).exchange_id
    answering.decline(over, ids.bob, 1, "Next month would suit me better.")
    db.session.commit()
    meeting = select(ExchangeSession.id).where(ExchangeSession.exchange_id == running)
    session_id = db.session.scalars(meeting).one()
    db.session.remove()
    return {"exchange": running, "asked": asked.exchange_id, "over": over, "meeting": session_id}
