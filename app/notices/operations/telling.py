"""Telling members of an event, once each, in the transaction of the event; and taking it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.core import live, outbox
from app.core.clock import now
from app.core.db import AnyRow, db, dialect_name
from app.core.registry import NoticeKind, registry
from app.notices.kinds import is_on
from app.notices.models import MAIL, OFF, LookingAt, Notice, group_of
from app.notices.preferences import channels_of

TOPIC = "notices"


def tell(
    user_id: int,
    kind: str,
    text_params: dict[str, Any],
    url: str,
    key: str,
    *,
    chat_id: int | None = None,
    actor_id: int | None = None,
) -> bool:
    """Tells one member; see `tell_all`. `chat_id` is the conversation that it belongs to."""
    return tell_all([user_id], kind, text_params, url, key, group_key=group_of(chat_id), actor_id=actor_id) == 1


def tell_all(
    user_ids: Collection[int],
    kind: str,
    text_params: dict[str, Any],
    url: str,
    key: str,
    *,
    group_key: str = "",
    actor_id: int | None = None,
) -> int:
    """Tells these members, each in the way that they have chosen for `kind`; how many.

    Left out are whoever did it (`actor_id`), who was told under this `key` already, and who wants to hear nothing of
    it. Of one `group_key` a member gets one mail for all that is unread.
    """
    definition = registry().notice_kinds[kind]
    if not is_on(definition):
        return 0
    channels = channels_of([user_id for user_id in user_ids if user_id != actor_id], definition)
    receivers = sorted(user_id for user_id, channel in channels.items() if channel != OFF)
    if not receivers:
        return 0
    group = group_key or key
    moment = now()
    looking = _looking(receivers, group, moment) if group_key else {}
    mailed = _in_burst(receivers, group) if group_key else set()
    rows = [
        {
            "user_id": user_id,
            "from_id": actor_id if group_key else None,
            "kind": kind,
            "params": text_params,
            "url": url,
            "key": key,
            "group_key": group,
            "channel": channels[user_id],
            "opens_burst": channels[user_id] == MAIL and user_id not in mailed,
            "created_at": moment,
            "shows_at": looking.get(user_id, moment),
        }
        for user_id in receivers
    ]
    told = _write(rows)
    _promise_mail(definition, group, [row for row in told if row.opens_burst], max(looking.values(), default=moment))
    live.publish([row.user_id for row in told if row.user_id not in looking], TOPIC)
    return len(told)


def take_back(keys: Collection[str]) -> int:
    """Nobody is told of these events any more, nor mailed; what else is unread keeps its mail. How many were told."""
    told = (Notice.user_id, Notice.id, Notice.group_key, Notice.opens_burst, Notice.read_at)
    gone = db.session.execute(delete(Notice).where(Notice.key.in_(keys)).returning(*told)).all()
    left = [row for row in gone if row.opens_burst and row.read_at is None and not _pass_on(row)]
    outbox.withdraw([mail_key(row.id) for row in left])
    live.publish(sorted({row.user_id for row in gone if row.read_at is None}), TOPIC)
    return len(gone)


def mail_key(notice_id: int) -> str:
    """The key of the mail that a notice has promised."""
    return f"notice:{notice_id}"


def _looking(user_ids: Collection[int], group: str, moment: datetime) -> dict[int, datetime]:
    """Which of them have the conversation on the screen, and until when that is taken for granted."""
    on_screen = (LookingAt.user_id.in_(user_ids), LookingAt.group_key == group, LookingAt.until > moment)
    marks = select(LookingAt.user_id, LookingAt.until).where(*on_screen)
    return {row.user_id: row.until for row in db.session.execute(marks)}


def _in_burst(user_ids: Collection[int], group: str) -> set[int]:
    """Those who are promised a mail about this conversation already and have not read it since."""
    open_burst = (Notice.user_id.in_(user_ids), Notice.group_key == group, Notice.opens_burst, Notice.read_at.is_(None))
    return set(db.session.scalars(select(Notice.user_id).where(*open_burst)))


def _write(rows: list[dict[str, Any]]) -> list[AnyRow]:
    """The new ones among `rows`: user_id, id, opens_burst. A burst that somebody opens at this moment is one burst."""
    told = _insert(rows)
    reached = {row.user_id for row in told}
    others = [{**row, "opens_burst": False} for row in rows if row["opens_burst"] and row["user_id"] not in reached]
    return [*told, *_insert(others)]


def _insert(rows: list[dict[str, Any]]) -> list[AnyRow]:
    if not rows:
        return []
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    new = insert(Notice).values(rows).on_conflict_do_nothing()
    return list(db.session.execute(new.returning(Notice.user_id, Notice.id, Notice.opens_burst)).all())


def _promise_mail(kind: NoticeKind, group: str, rows: list[AnyRow], shows_at: datetime) -> None:
    """In one step for all of them; what the mail says is looked up when it leaves."""
    if rows:
        params = {"kind": kind.name, "group": group}
        keys = {row.user_id: mail_key(row.id) for row in rows}
        outbox.enqueue_all(kind.mail, keys, params, not_before=shows_at + kind.pause)


def _pass_on(gone: AnyRow) -> bool:
    """The next unread notice of the conversation stands for the burst; False when there is none."""
    unread = (
        Notice.user_id == gone.user_id,
        Notice.group_key == gone.group_key,
        Notice.channel == MAIL,
        Notice.read_at.is_(None),
    )
    heir = db.session.scalar(select(func.min(Notice.id)).where(*unread))
    if heir is None:
        return False
    db.session.execute(update(Notice).where(Notice.id == heir).values(opens_burst=True))
    return True
