"""Reading recorded hours. Of a record with several people each sees who it is about and themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, true, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import Looking, moderators_count
from app.core.db import AnySelect, db
from app.core.text import fold, like_pattern
from app.exchange.hours.plan import is_recordable
from app.exchange.hours.policy import is_coordinator
from app.exchange.models import HourRecord, HourRecordEvent, HourRecordPerson
from app.exchange.models.hours import DECLINED, REVERSED, WAITING
from app.skills.models import SkillCategory

MINE, RECORDED = "", "recorded"
LONGEST_NUMBER = 9
Pair = HourRecordPerson


def pairs_of(viewer: Looking, view: str = MINE) -> AnySelect:
    """The viewer's own pairs but for those that wait for the viewer, or with `RECORDED` those that the viewer wrote
    down for others; see `_columns`."""
    if view == RECORDED:
        mine = and_(
            HourRecord.recorded_by_id == viewer.id, *(side != viewer.id for side in (Pair.helper_id, Pair.helped_id))
        )
        return _columns().where(mine)
    sides = union_all(
        select(Pair.id).where(Pair.helper_id == viewer.id), select(Pair.id).where(Pair.helped_id == viewer.id)
    )
    for_others = or_(Pair.state != WAITING, Pair.asked_id.is_(None), Pair.asked_id != viewer.id)
    return _columns().where(Pair.id.in_(sides), for_others)


def waiting_for(viewer: Looking) -> AnySelect:
    """What waits for the viewer's answer, the oldest first."""
    return _columns().where(_waits_for(viewer)).order_by(Pair.id)


def pair_for(viewer: Looking, record_id: int, pair_id: int) -> AnySelect:
    """One pair of a record, as far as the viewer may see it."""
    return _columns().where(Pair.record_id == record_id, Pair.id == pair_id, _shown_to(viewer))


def record_for(viewer: Looking, record_id: int) -> AnySelect:
    """All pairs of a record that the viewer may see; no rows where there is nothing for the viewer."""
    return _columns().where(Pair.record_id == record_id, _shown_to(viewer)).order_by(Pair.id)


def people_named(viewer: Looking, text: str, limit: int) -> AnySelect:
    """Members with whom the viewer may record something and whom `text` means, by name or number: id, name, number,
    picture_id, location."""
    wanted: list[ColumnElement[bool]] = [User.name_key.like(like_pattern(fold(text)), escape="\\")]
    digits = text.removeprefix("#").strip()
    if digits.isascii() and digits.isdecimal() and len(digits) <= LONGEST_NUMBER:
        wanted.append(User.number == int(digits))
    told = select(User.id, User.name, User.number, User.picture_id, User.location)
    return told.where(is_recordable(viewer), or_(*wanted)).order_by(User.name_key, User.id).limit(limit)


def people_by_id(viewer: Looking, ids: list[int]) -> AnySelect:
    """Those of `ids` with whom the viewer may record something: id, name, number, picture_id, location."""
    told = select(User.id, User.name, User.number, User.picture_id, User.location)
    return told.where(User.id.in_(ids), is_recordable(viewer))


def categories() -> AnySelect:
    return select(SkillCategory.id, SkillCategory.name).order_by(SkillCategory.name)


def waiting_count(user_id: ColumnElement[int]) -> ColumnElement[int]:
    """What waits for a member, and for coordinators what waits for one of them."""
    own = select(func.count()).where(Pair.asked_id == user_id, Pair.state == WAITING).scalar_subquery()
    others = (
        select(func.count())
        .where(Pair.asked_id.is_(None), Pair.state == WAITING, Pair.helper_id != user_id)
        .scalar_subquery()
    )
    return own + moderators_count(others)


def export(user_id: int) -> dict[str, Any]:
    """The member's recorded hours, as JSON-ready values."""
    mine = or_(Pair.helper_id == user_id, Pair.helped_id == user_id)
    rows = db.session.execute(_columns().where(mine).order_by(Pair.id))
    return {
        "hours": [
            {
                "recorded_at": row.created_at.isoformat(),
                "done_on": row.done_on.isoformat(),
                "helper": row.helper,
                "helped": row.helped,
                "recorded_by": row.recorder,
                "minutes": row.minutes,
                "category": row.category,
                "note": row.note,
                "state": row.state,
                "reason": row.reason or "",
            }
            for row in rows
        ]
    }


def _columns() -> AnySelect:
    """Pairs with their record: what policy.Pair asks for, the names and pictures of both, who wrote it down, the
    category, and the reason of who declined it or took it back."""
    helper, helped, recorder = aliased(User), aliased(User), aliased(User)
    last = (
        select(func.max(HourRecordEvent.id))
        .where(HourRecordEvent.row_id == Pair.id, Pair.state.in_((DECLINED, REVERSED)))
        .correlate(Pair)
        .scalar_subquery()
    )
    return (
        select(
            Pair.id, Pair.record_id, Pair.state, Pair.version, Pair.minutes, Pair.helper_id, Pair.helped_id,
            Pair.asked_id, Pair.answered_at, Pair.created_at, HourRecord.recorded_by_id, HourRecord.done_on,
            HourRecord.sharing, HourRecord.note, HourRecord.minutes.label("took"),
            helper.name.label("helper"), helper.picture_id.label("helper_picture_id"),
            helped.name.label("helped"), helped.picture_id.label("helped_picture_id"),
            recorder.name.label("recorder"), SkillCategory.name.label("category"), HourRecordEvent.reason,
        )
        .join(HourRecord, HourRecord.id == Pair.record_id)
        .join(helper, helper.id == Pair.helper_id)
        .join(helped, helped.id == Pair.helped_id)
        .join(recorder, recorder.id == HourRecord.recorded_by_id)
        .outerjoin(SkillCategory, SkillCategory.id == HourRecord.category_id)
        .outerjoin(HourRecordEvent, HourRecordEvent.id == last)
    )  # fmt: skip


def _waits_for(viewer: Looking) -> ColumnElement[bool]:
    mine = Pair.asked_id == viewer.id
    if is_coordinator(viewer):
        mine = or_(mine, and_(Pair.asked_id.is_(None), Pair.helper_id != viewer.id))
    return and_(Pair.state == WAITING, mine)


def _shown_to(viewer: Looking) -> ColumnElement[bool]:
    """The two, who wrote it down, and coordinators, who take back what was recorded wrongly."""
    if is_coordinator(viewer):
        return true()
    return or_(Pair.helper_id == viewer.id, Pair.helped_id == viewer.id, HourRecord.recorded_by_id == viewer.id)
