"""What the mails of this package say, looked up when they leave: what was read or taken back meanwhile is not in them.

Each can be stopped by one click without signing in (RFC 8058).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.accounts.operations.mails import absolute
from app.community.operations import settings
from app.core.db import AnyRow, db
from app.core.markdown import rendered
from app.core.registry import registry
from app.notices import queries, tokens
from app.notices.kinds import NEWS, is_on
from app.notices.models import DIGEST, MAIL, PUBLISHED, Announcement, Notice
from app.notices.news import news_for
from app.notices.preferences import all_channels_of

NOTICE, DAILY_DIGEST, WEEKLY_NEWS, ANNOUNCED = "notice", "daily_digest", "weekly_news", "announcement"
SHOWN = 8

Context = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One notice in a mail; its sentence is made when the mail is drawn, in the receiver's language."""

    kind: str
    params: dict[str, Any]
    url: str
    place: str = ""

    @property
    def text(self) -> str:
        return registry().notice_kinds[self.kind].sentence(self.params)


def notice(user_id: int, params: Context) -> Context | None:
    """All that is unread of one conversation, or the one notice that stands alone; None when everything is read."""
    rows = _wanted(user_id, db.session.execute(queries.to_mail(user_id, params["group"])).all(), MAIL)
    if not rows:
        return None
    return _context(user_id, params["kind"], lines=_lines(rows[-SHOWN:]), count=len(rows), url=_opening(rows[-1].id))


def daily_digest(user_id: int, params: Context) -> Context | None:
    """What was collected until the morning and is still unread."""
    told = (Notice.id, Notice.kind, Notice.params, Notice.url, Notice.created_at)
    collected = (Notice.user_id == user_id, Notice.id.in_(params["ids"]), Notice.read_at.is_(None))
    collected += (queries.from_somebody_met(user_id),)
    rows = _wanted(user_id, db.session.execute(select(*told).where(*collected).order_by(Notice.id)).all(), DIGEST)
    if not rows:
        return None
    shown = _lines(rows[-SHOWN * 3 :])
    return _context(user_id, DIGEST, lines=shown, count=len(rows), url=absolute("notices.notices"))


def weekly_news(user_id: int, params: Context) -> Context | None:
    """The news of the seven days before `params["until"]`; None when there are none, or when they are not wanted."""
    if all_channels_of(user_id)[NEWS] != MAIL:
        return None
    found = news_for(user_id, datetime.fromisoformat(params["until"]))
    if not found:
        return None
    return _context(user_id, NEWS, news=found, url=absolute("directory.members"))


def announcement(user_id: int, params: Context) -> Context | None:
    """The announcement in full; None when it was read on the site already."""
    rows = _wanted(user_id, db.session.execute(queries.to_mail(user_id, params["group"])).all(), MAIL)
    row = db.session.get(Announcement, rows[0].params["id"]) if rows else None
    if row is None or row.state not in PUBLISHED:
        return None
    author = db.session.get_one(User, row.author_id)
    return _context(
        user_id, params["kind"], title=row.title, body=row.body, html_body=rendered(row.body), author=author.name,
        url=_opening(rows[0].id),
    )  # fmt: skip


SINGLE_CONTEXTS = {NOTICE: notice}
BULK_CONTEXTS = {DAILY_DIGEST: daily_digest, WEEKLY_NEWS: weekly_news, ANNOUNCED: announcement}


def _wanted(user_id: int, rows: Any, channel: str) -> list[AnyRow]:
    """Without kinds that the member has chosen otherwise since, or that the community has switched off."""
    channels = all_channels_of(user_id) if rows else {}
    kinds = {name for name, kind in registry().notice_kinds.items() if channels.get(name) == channel and is_on(kind)}
    return [row for row in rows if row.kind in kinds]


def _lines(rows: list[AnyRow]) -> list[Line]:
    return [Line(row.kind, row.params, _opening(row.id)) for row in rows]


def _opening(notice_id: int) -> str:
    """Opening it there marks it read."""
    return f"{absolute('notices.notices')}/{notice_id}"


def _context(user_id: int, scope: str, **values: Any) -> Context:
    """`scope` is what one click stops."""
    stopping = absolute("notices.unsubscribe", token=tokens.sign(user_id, scope))
    return {
        "community": settings(),
        "unsubscribe_url": stopping,
        "preferences_url": absolute("notices.preferences"),
        "headers": {"List-Unsubscribe": f"<{stopping}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
        **values,
    }
