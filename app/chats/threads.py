"""What a thread shows, put together from rows; addresses are made once, not for each line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from flask_babel import format_date, format_time, to_user_timezone
from flask_babel import gettext as _
from markupsafe import Markup

from app.chats import policy
from app.chats.models import TEXT
from app.chats.text import rendered
from app.core.clock import now
from app.core.registry import registry

TOGETHER = timedelta(minutes=5)
KIB = 1024


@dataclass(frozen=True)
class File:
    """`preview` is the address of a smaller picture of `width` × `height`, "" for what is no picture."""

    name: str
    url: str
    preview: str
    width: int
    height: int
    size: str


@dataclass(frozen=True)
class Line:
    """`day` is the heading of the day that begins here, "" within a day; `follows` says that the line before it is of
    the same member and moment; `is_first_unread` marks where the reader was last time."""

    id: int
    seq: int
    sender_id: int | None
    is_mine: bool
    day: str
    day_key: str
    follows: bool
    is_first_unread: bool
    html: Markup
    icon: str
    url: str
    created_at: datetime
    time: str
    is_edited: bool
    is_deleted: bool
    can_edit: bool
    can_delete: bool
    files: tuple[File, ...]


def lines_of(
    rows: Sequence[Any],
    *,
    reader_id: int,
    prefix: str,
    before: Any = None,
    unread_after: int | None = None,
) -> list[Line]:
    """`rows` of lines.thread in the order of reading. `before` is the row that is shown already above them; `prefix`
    is the chat's address."""
    moment = now()
    lines: list[Line] = []
    for _id, group in groupby(rows, lambda row: row.id):
        of_line = list(group)
        row = of_line[0]
        lines.append(_line(row, before, _files(of_line, prefix), reader_id, moment, unread_after))
        before = row
    return lines


def _line(
    row: Any, before: Any, files: tuple[File, ...], reader_id: int, moment: datetime, unread_after: int | None
) -> Line:
    day = to_user_timezone(row.created_at).date()
    new_day = before is None or to_user_timezone(before.created_at).date() != day
    near = before is not None and before.sender_id == row.sender_id and row.created_at - before.created_at < TOGETHER
    first_unread = (
        unread_after is not None and row.seq > unread_after and (before is None or before.seq <= unread_after)
    )
    first_unread = first_unread and row.sender_id != reader_id
    html, icon = (rendered(row.body), "") if row.kind == TEXT else _site_line(row)
    return Line(
        id=row.id,
        seq=row.seq,
        sender_id=row.sender_id,
        is_mine=row.sender_id == reader_id,
        day=_day_name(day, to_user_timezone(moment).date()) if new_day else "",
        day_key=day.isoformat(),
        follows=near and not new_day and not first_unread and row.kind == TEXT,
        is_first_unread=first_unread,
        html=html,
        icon=icon,
        url=row.url,
        created_at=row.created_at,
        time=format_time(row.created_at, "short"),
        is_edited=row.edited_at is not None,
        is_deleted=row.deleted_at is not None,
        can_edit=policy.can_edit(reader_id, row, moment),
        can_delete=policy.can_delete(reader_id, row),
        files=files,
    )


def said_by_site(kind: str, params: dict[str, Any]) -> str:
    """A line of the site's own in the reader's language; "" when its feature is gone."""
    known = registry().line_kinds.get(kind)
    return known.sentence(params) if known else ""


def _site_line(row: Any) -> tuple[Markup, str]:
    known = registry().line_kinds.get(row.kind)
    return Markup("{}").format(said_by_site(row.kind, row.params)), known.icon if known else "info-circle"


def _day_name(day: date, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    # Flask-Babel would move a bare date into the reader's zone, where it may be the day before.
    return format_date(day, "full" if day.year != today.year else _("EEEE, d MMMM"), rebase=False)


def _files(rows: Iterable[Any], prefix: str) -> tuple[File, ...]:
    return tuple(_file(row, f"{prefix}/files/{row.file_id}") for row in rows if row.file_id is not None)


def _file(row: Any, url: str) -> File:
    preview = f"{url}/preview" if row.has_preview else ""
    return File(row.file_name, url, preview, row.width, row.height, _size(row.size))


def _size(size: int) -> str:
    if size < KIB * KIB:
        return _("%(num)d KB", num=max(1, round(size / KIB)))
    return _("%(num)s MB", num=f"{size / KIB / KIB:.1f}")
