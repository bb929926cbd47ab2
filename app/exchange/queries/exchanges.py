"""Reading exchanges: only those who take part know that there is one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import ngettext
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal_column, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import Looking, member_for
from app.core.clock import now
from app.core.db import AnySelect, db
from app.core.registry import InUse
from app.exchange.models import Exchange, ExchangeEvent, ExchangeLeg, ExchangeSession, ExchangeSide
from app.exchange.models.exchanges import OPEN_STATES, TIME_CREDIT
from app.skills.models import OFFER, WANT, Skill, UserSkill
from app.skills.queries import is_current

# Written out, because SQLite does not see that a value which is bound later fits the index of what waits.
NOTHING: ColumnElement[str] = literal_column("''")


def exchange_for(viewer: Looking, exchange_id: int) -> Select[Exchange]:
    mine = exists().where(ExchangeSide.exchange_id == Exchange.id, ExchangeSide.user_id == viewer.id)
    return select(Exchange).where(Exchange.id == exchange_id, mine)


def exchanges_of(viewer: Looking, *, over: bool = False) -> AnySelect:
    """The viewer's open exchanges, or those that are over, sorted by the caller: id, kind, state, updated_at, due_at,
    proposer_id, waits_for and `waits` (1 when something waits for the viewer), next_at (the next meeting), of one of
    the others other_id, name, picture_id."""
    mine, theirs, other = aliased(ExchangeSide), aliased(ExchangeSide), aliased(User)
    first_other = (
        select(func.min(theirs.user_id))
        .where(theirs.exchange_id == Exchange.id, theirs.user_id != viewer.id)
        .correlate(Exchange)
        .scalar_subquery()
    )
    in_state = Exchange.state.not_in(OPEN_STATES) if over else Exchange.state.in_(OPEN_STATES)
    return (
        select(
            Exchange.id,
            Exchange.kind,
            Exchange.state,
            Exchange.updated_at,
            Exchange.due_at,
            Exchange.proposer_id,
            mine.waits_for,
            waits(mine).label("waits"),
            _next_meeting().label("next_at"),
            other.id.label("other_id"),
            other.name,
            other.picture_id,
        )
        .join(mine, and_(mine.exchange_id == Exchange.id, mine.user_id == viewer.id))
        .join(other, other.id == first_other)
        .where(in_state)
    )


def waits(side: Any) -> ColumnElement[int]:
    """1 where the others wait for this side, else 0."""
    return case((side.waits_for != "", 1), else_=0)


def legs_of(exchange_ids: Collection[int]) -> AnySelect:
    """exchange_id, id, teacher_id, learner_id, about, minutes, what each said and minutes_done, skill_slug; teacher and
    learner (names)."""
    teacher, learner = aliased(User), aliased(User)
    return (
        select(
            ExchangeLeg.exchange_id,
            ExchangeLeg.id,
            ExchangeLeg.teacher_id,
            ExchangeLeg.learner_id,
            ExchangeLeg.about,
            ExchangeLeg.minutes,
            ExchangeLeg.teacher_minutes,
            ExchangeLeg.learner_minutes,
            ExchangeLeg.minutes_done,
            Skill.slug.label("skill_slug"),
            teacher.name.label("teacher"),
            learner.name.label("learner"),
        )
        .join(teacher, teacher.id == ExchangeLeg.teacher_id)
        .join(learner, learner.id == ExchangeLeg.learner_id)
        .outerjoin(Skill, Skill.id == ExchangeLeg.skill_id)
        .where(ExchangeLeg.exchange_id.in_(exchange_ids))
        .order_by(ExchangeLeg.exchange_id, ExchangeLeg.position)
    )


def sides_of(exchange_id: int) -> AnySelect:
    """user_id, name, picture_id, accepted_at, waits_for, outcome, said_at, held."""
    return (
        select(
            ExchangeSide.user_id,
            User.name,
            User.picture_id,
            ExchangeSide.accepted_at,
            ExchangeSide.waits_for,
            ExchangeSide.outcome,
            ExchangeSide.said_at,
            ExchangeSide.held,
        )
        .join(User, User.id == ExchangeSide.user_id)
        .where(ExchangeSide.exchange_id == exchange_id)
        .order_by(ExchangeSide.user_id)
    )


def sessions_of(exchange_id: int) -> Select[ExchangeSession]:
    mine = select(ExchangeSession).where(ExchangeSession.exchange_id == exchange_id)
    return mine.order_by(ExchangeSession.starts_at, ExchangeSession.id)


def session_for(viewer: Looking, exchange_id: int, session_id: int) -> Select[ExchangeSession]:
    mine = exists().where(ExchangeSide.exchange_id == exchange_id, ExchangeSide.user_id == viewer.id)
    return select(ExchangeSession).where(
        ExchangeSession.id == session_id, ExchangeSession.exchange_id == exchange_id, mine
    )


def history_of(exchange_id: int) -> AnySelect:
    """The latest first: action, to_state, reason, at, actor_id, actor (a name, None for the site)."""
    return (
        select(
            ExchangeEvent.action,
            ExchangeEvent.to_state,
            ExchangeEvent.reason,
            ExchangeEvent.at,
            ExchangeEvent.actor_id,
            User.name.label("actor"),
        )
        .outerjoin(User, User.id == ExchangeEvent.actor_id)
        .where(ExchangeEvent.row_id == exchange_id)
        .order_by(ExchangeEvent.id.desc())
    )


def replaced_by(exchange_id: int) -> Select[int]:
    return select(Exchange.id).where(Exchange.replaces_id == exchange_id)


def partner_for(viewer: Looking, member_id: int) -> Select[User]:
    """A member with whom the viewer could agree something: visible, somebody else, one who signs in."""
    return member_for(viewer, member_id).where(User.id != viewer.id, User.email.is_not(None))


def meetings_of(viewer: Looking, member_id: int) -> AnySelect:
    """What one of the two offers and the other wants: kind (of the member's entry), name; what matters most first."""
    mine, theirs = aliased(UserSkill), aliased(UserSkill)
    moment = now()
    return (
        select(theirs.kind, Skill.name)
        .join(mine, and_(mine.skill_id == theirs.skill_id, mine.kind != theirs.kind))
        .join(Skill, Skill.id == theirs.skill_id)
        .where(theirs.user_id == member_id, mine.user_id == viewer.id, theirs.kind.in_((OFFER, WANT)))
        .where(is_current(moment, mine), is_current(moment, theirs))
        .order_by((mine.priority + theirs.priority).desc(), Skill.name)
    )


def waiting_count(user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many exchanges wait for this member; rides along with the viewer's statement."""
    side = aliased(ExchangeSide)
    return select(func.count()).where(side.user_id == user_id, side.waits_for != NOTHING).scalar_subquery()


def in_use() -> list[InUse]:
    """Open exchanges keep the chats on: how many, for coordinators are strangers to each of them."""
    return _open_ones(Exchange.state.in_(OPEN_STATES))


def hours_in_use() -> list[InUse]:
    """The same of those that count hours."""
    return _open_ones(Exchange.state.in_(OPEN_STATES), Exchange.kind == TIME_CREDIT)


def export(user_id: int) -> dict[str, Any]:
    """The exchanges that the member takes part in, as JSON-ready values."""
    mine = select(Exchange).join(ExchangeSide, ExchangeSide.exchange_id == Exchange.id)
    rows = list(db.session.scalars(mine.where(ExchangeSide.user_id == user_id).order_by(Exchange.id)))
    legs: dict[int, list[dict[str, Any]]] = {}
    for leg in db.session.execute(legs_of([row.id for row in rows])):
        told = {
            "teacher": leg.teacher,
            "learner": leg.learner,
            "about": leg.about,
            "minutes": leg.minutes,
            "minutes_done": leg.minutes_done,
        }
        legs.setdefault(leg.exchange_id, []).append(told)
    return {
        "exchanges": [
            {
                "kind": row.kind,
                "state": row.state,
                "legs": legs[row.id],
                "place": row.place,
                "link": row.link,
                "note": row.note if row.proposer_id == user_id else "",
                "created_at": row.created_at.isoformat(),
                "completed_at": row.completed_at.isoformat() if row.completed_at else None,
            }
            for row in rows
        ]
    }


def _open_ones(*conditions: ColumnElement[bool]) -> list[InUse]:
    count = db.session.scalar(select(func.count()).select_from(Exchange).where(*conditions)) or 0
    if not count:
        return []
    return [InUse(ngettext("%(num)d exchange that is not over", "%(num)d exchanges that are not over", count))]


def _next_meeting() -> ColumnElement[Any]:
    ahead = (
        ExchangeSession.exchange_id == Exchange.id,
        ExchangeSession.cancelled_at.is_(None),
        ExchangeSession.ends_at > now(),
    )
    return select(func.min(ExchangeSession.starts_at)).where(*ahead).correlate(Exchange).scalar_subquery()
