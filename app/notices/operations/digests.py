"""The digests, promised by ticks: each morning what was collected, each Monday the news. Two ticks at once promise
each of them once, because a row of `notice_digests` comes first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.accounts.models import User
from app.core import outbox
from app.core.clock import now
from app.core.db import db, dialect_name
from app.core.registry import registry
from app.notices.kinds import NEWS
from app.notices.mails import DAILY_DIGEST, WEEKLY_NEWS
from app.notices.models import DAILY, DIGEST, EVERY_KIND, MAIL, WEEKLY, Digest, Notice, NoticePreference
from app.notices.mornings import day_of, last_monday, last_morning, week_of
from app.notices.news import is_any

BATCH = 200
# A site that slept over Monday still sends the news, but not on Friday.
LATEST = timedelta(days=2)
KEPT = timedelta(days=60)


def send_daily() -> int:
    """Promises the digests of this morning, to each member whose morning is over; how many."""
    moment, sent = now(), 0
    for zone in _zones(_has_collected(moment)):
        morning = last_morning(zone, moment)
        due = _has_collected(morning.astimezone(UTC))
        while ids := _next(DAILY, day_of(morning), zone, due):
            sent += sum(_send_daily(user_id, day_of(morning), morning) for user_id in ids)
    return sent


def send_weekly() -> int:
    """Promises the news of the week to each member whose Monday morning was not long ago; how many."""
    moment, sent = now(), 0
    for zone in _zones(_wants_news()):
        monday = last_monday(zone, moment)
        until = monday.astimezone(UTC)
        if moment - until > LATEST or not is_any(until):
            continue
        due = and_(_wants_news(), User.approved_at <= until)
        while ids := _next(WEEKLY, week_of(monday), zone, due):
            sent += _send_weekly(ids, week_of(monday), until)
    return sent


def purge_digests() -> int:
    """Which digests were sent is kept for as long as one of them could be sent again."""
    old = db.session.query(Digest).where(Digest.created_at < now() - KEPT)
    count: int = old.delete(synchronize_session=False)
    db.session.commit()
    return count


def _zones(due: ColumnElement[bool]) -> list[str]:
    zones = select(User.timezone).where(_reads_mail(), due).distinct()
    found = list(db.session.scalars(zones.order_by(User.timezone)))
    db.session.rollback()
    return found


def _next(kind: str, period: str, zone: str, due: ColumnElement[bool]) -> list[int]:
    """The next members in `zone` who have not had the digest of this period."""
    had = exists().where(Digest.user_id == User.id, Digest.kind == kind, Digest.period == period)
    members = select(User.id).where(User.timezone == zone, _reads_mail(), due, ~had).order_by(User.id).limit(BATCH)
    ids = list(db.session.scalars(members))
    db.session.rollback()
    return ids


def _send_daily(user_id: int, period: str, morning: datetime) -> bool:
    """Claims the day, then what was collected; nothing to say is no mail, and the day is used up all the same."""
    ids: list[int] = []
    if _claim(DAILY, period, [user_id]):
        collected = (Notice.user_id == user_id, _collected(morning.astimezone(UTC)))
        claimed = update(Notice).where(*collected).values(mailed_at=now()).returning(Notice.id)
        ids = sorted(db.session.scalars(claimed))
    if ids:
        outbox.enqueue(DAILY_DIGEST, user_id, f"{DAILY_DIGEST}:{user_id}:{period}", {"ids": ids})
    db.session.commit()
    return bool(ids)


def _send_weekly(user_ids: list[int], period: str, until: datetime) -> int:
    claimed = _claim(WEEKLY, period, user_ids)
    keys = {user_id: f"{WEEKLY_NEWS}:{user_id}:{period}" for user_id in claimed}
    sent = outbox.enqueue_all(WEEKLY_NEWS, keys, {"until": until.isoformat()}) if keys else 0
    db.session.commit()
    return sent


def _claim(kind: str, period: str, user_ids: Iterable[int]) -> list[int]:
    """Those of the members to whom nobody else has promised this digest."""
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    moment = now()
    rows = [{"user_id": i, "kind": kind, "period": period, "created_at": moment} for i in sorted(user_ids)]
    return list(db.session.scalars(insert(Digest).values(rows).on_conflict_do_nothing().returning(Digest.user_id)))


def _reads_mail() -> ColumnElement[bool]:
    return and_(User.is_visible, User.email.is_not(None))


def _has_collected(until: datetime) -> ColumnElement[bool]:
    return User.id.in_(select(Notice.user_id).where(_collected(until)))


def _collected(until: datetime) -> ColumnElement[bool]:
    """What was told for the digest before `until` and is in none yet."""
    waiting = and_(Notice.channel == DIGEST, Notice.read_at.is_(None), Notice.mailed_at.is_(None))
    return and_(waiting, Notice.created_at < until)


def _wants_news() -> ColumnElement[bool]:
    """The member's own answer, else the one for all kinds, else what is usual."""

    def answer(kind: str) -> ColumnElement[str]:
        mine = (NoticePreference.user_id == User.id, NoticePreference.kind == kind)
        return select(NoticePreference.channel).where(*mine).correlate(User).scalar_subquery()

    usual = registry().notice_kinds[NEWS].default
    return func.coalesce(answer(NEWS), answer(EVERY_KIND), usual) == MAIL
