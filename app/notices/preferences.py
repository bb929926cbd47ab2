"""How members want to hear of what: by kind, with one answer for all that they have not been asked about."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.accounts.models import User
from app.core.db import db, dialect_name
from app.core.registry import NoticeKind, registry
from app.notices.models import DIGEST, EVERY_KIND, IN_APP, MAIL, OFF, NoticePreference


def channels_of(user_ids: Collection[int], kind: NoticeKind) -> dict[int, str]:
    """How each of these members wants to hear of `kind`; members who were emptied are left out."""
    known = (User.id.in_(user_ids), User.emptied_at.is_(None))
    mine = NoticePreference.user_id == User.id
    about = NoticePreference.kind.in_((kind.name, EVERY_KIND))
    rows = db.session.execute(
        select(User.id, NoticePreference.kind, NoticePreference.channel)
        .outerjoin(NoticePreference, mine & about)
        .where(*known)
    )
    chosen: dict[int, dict[str, str]] = {}
    for row in rows:
        chosen.setdefault(row.id, {})[row.kind or ""] = row.channel or ""
    return {user_id: channel_for(kind, answers) for user_id, answers in chosen.items()}


def all_channels_of(user_id: int) -> dict[str, str]:
    """The channel of every kind, as this member has it."""
    mine = select(NoticePreference.kind, NoticePreference.channel).where(NoticePreference.user_id == user_id)
    answers: dict[str, str] = {row.kind: row.channel for row in db.session.execute(mine)}
    return {name: channel_for(kind, answers) for name, kind in registry().notice_kinds.items()}


def channel_for(kind: NoticeKind, answers: Mapping[str, str]) -> str:
    """What `answers` (channel by kind) mean for `kind`. A kind that knows no such channel is off."""
    channel = answers.get(kind.name) or answers.get(EVERY_KIND) or kind.default
    return channel if channel in kind.channels else OFF


def choose(user_id: int, channels: Mapping[str, str]) -> None:
    """Keeps the member's answers, by kind; what is not a kind or not one of its channels is left out."""
    kinds = registry().notice_kinds
    good = {name: channel for name, channel in channels.items() if name in kinds and channel in kinds[name].channels}
    _write(user_id, good)
    if MAIL in good.values() or DIGEST in good.values():  # who wants one mail again wants to be asked about new ones
        every = (NoticePreference.user_id == user_id, NoticePreference.kind == EVERY_KIND)
        db.session.execute(delete(NoticePreference).where(*every))


def stop_mail(user_id: int, scope: str) -> None:
    """No mail any more of the kind `scope`; of any kind, also of those to come, for EVERY_KIND; no digest for DIGEST.

    Of a member who became part of another one, that one counts; mail of long ago may name anybody.
    """
    member_id = db.session.scalar(select(func.coalesce(User.merged_into_id, User.id)).where(User.id == user_id))
    if member_id is None:
        return
    stopped = (DIGEST,) if scope == DIGEST else (MAIL, DIGEST)
    current = all_channels_of(member_id)
    quiet = {
        kind.name: IN_APP if IN_APP in kind.channels else OFF
        for kind in registry().notice_kinds.values()
        if scope in (kind.name, EVERY_KIND, DIGEST) and current[kind.name] in stopped
    }
    _write(member_id, {**quiet, EVERY_KIND: IN_APP} if scope == EVERY_KIND else quiet)


def _write(user_id: int, channels: Mapping[str, str]) -> None:
    if not channels:
        return
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    rows = [{"user_id": user_id, "kind": name, "channel": channel} for name, channel in sorted(channels.items())]
    writing = insert(NoticePreference).values(rows)
    same = [NoticePreference.user_id, NoticePreference.kind]
    db.session.execute(writing.on_conflict_do_update(index_elements=same, set_={"channel": writing.excluded.channel}))
