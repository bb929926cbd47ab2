"""The rows of one exchange as of now, locked: whoever changes an exchange takes its row first, then wallets, then the
chat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.core.db import db
from app.core.errors import Conflict
from app.exchange.models import Exchange, ExchangeEvent, ExchangeLeg, ExchangeSession, ExchangeSide


@dataclass(frozen=True)
class Rows:
    """An exchange with its sides and legs; `legs` are in the order of the terms."""

    exchange: Exchange
    sides: Sequence[ExchangeSide]
    legs: Sequence[ExchangeLeg]

    def side_of(self, user_id: int) -> ExchangeSide:
        return next(side for side in self.sides if side.user_id == user_id)

    def others_of(self, user_id: int) -> list[ExchangeSide]:
        return [side for side in self.sides if side.user_id != user_id]

    @property
    def about(self) -> list[str]:
        return [leg.about for leg in self.legs]


def locked(exchange_id: int) -> Rows:
    exchange = db.session.get_one(Exchange, exchange_id, with_for_update=True, populate_existing=True)
    fresh = {"populate_existing": True}
    sides = select(ExchangeSide).where(ExchangeSide.exchange_id == exchange_id).order_by(ExchangeSide.user_id)
    legs = select(ExchangeLeg).where(ExchangeLeg.exchange_id == exchange_id).order_by(ExchangeLeg.position)
    return Rows(
        exchange,
        db.session.scalars(sides.execution_options(**fresh)).all(),
        db.session.scalars(legs.execution_options(**fresh)).all(),
    )


def live_sessions(exchange_id: int) -> list[ExchangeSession]:
    mine = select(ExchangeSession).where(
        ExchangeSession.exchange_id == exchange_id, ExchangeSession.cancelled_at.is_(None)
    )
    return list(db.session.scalars(mine.order_by(ExchangeSession.starts_at, ExchangeSession.id)))


def note(exchange: Exchange, action: str, actor_id: int | None, reason: str = "") -> None:
    """A line of the history that changes no state."""
    db.session.add(
        ExchangeEvent(
            row_id=exchange.id,
            actor_id=actor_id,
            action=action,
            from_state=exchange.state,
            to_state=exchange.state,
            reason=reason,
        )
    )
    db.session.flush()


def name_of(user_id: int) -> str:
    return db.session.scalars(select(User.name).where(User.id == user_id)).one()


def moved_on() -> Conflict:
    return Conflict(_("Somebody was faster. Nothing was changed: look at it as it is now."))
