"""Both sides hear of it, and the chat of the two has a line if it was between two only and they have a chat."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from app.accounts.models import User
from app.chats import operations as chats
from app.chats.models import Chat
from app.core.db import db
from app.exchange.hours.kinds import HOURS, line_kind
from app.exchange.models import HourRecordPerson
from app.notices import operations as notices


def tell(pair: HourRecordPerson, event: str, actor_id: int | None, to: Collection[int]) -> None:
    """`actor_id` None is the site itself."""
    params = {"event": event, "minutes": pair.minutes, **_names(pair, actor_id)}
    url, key = url_of(pair.record_id), told_key(pair.id, event)
    notices.tell_all(sorted(set(to)), HOURS, params, url, key, actor_id=actor_id)
    chat_id = _chat_of_two(pair)
    if chat_id is not None:
        chats.post_system_line(chat_id, line_kind(event), params, url, actor_id=actor_id)


def coordinators_but(*user_ids: int) -> list[int]:
    others = (User.role.in_(("moderator", "admin")), User.is_active.is_(True), User.id.not_in(user_ids))
    return list(db.session.scalars(select(User.id).where(*others)))


def forget_waiting(user_id: int, record_id: int) -> None:
    """Who has acted has read what asked for it."""
    notices.read(user_id, url_of(record_id))


def told_key(pair_id: int, event: str) -> str:
    return f"{HOURS}:{pair_id}:{event}"


def url_of(record_id: int) -> str:
    return f"/hours/{record_id}"


def _names(pair: HourRecordPerson, actor_id: int | None) -> dict[str, str]:
    ids = (pair.helper_id, pair.helped_id, actor_id)
    names = dict(db.session.execute(select(User.id, User.name).where(User.id.in_(ids))).all())
    return {"helper": names[ids[0]], "helped": names[ids[1]], "name": names.get(ids[2] or 0, "")}


def _chat_of_two(pair: HourRecordPerson) -> int | None:
    """None for a record of more than these two, too: what passed between others is not told in their chat."""
    lo, hi = sorted((pair.helper_id, pair.helped_id))
    alone = select(func.count()).where(HourRecordPerson.record_id == pair.record_id).scalar_subquery() == 1
    return db.session.scalar(select(Chat.id).where(Chat.user_lo_id == lo, Chat.user_hi_id == hi, alone))
