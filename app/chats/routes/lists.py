"""All chats of a member: the list, the archive, and what is found in them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me, picture_url
from app.chats import queries
from app.chats.models import TEXT, ChatMember, Message
from app.chats.routes.blueprint import blueprint
from app.chats.text import excerpt_around
from app.chats.threads import said_by_site
from app.core.clock import now
from app.core.db import AnyRow, AnySelect, db
from app.core.paging import PAGE_SIZE, Key, found_page, page_of
from app.core.text import clean

LONGEST_SEARCH = 80


@dataclass(frozen=True)
class Entry:
    """A chat in the list; `url` leads to its end, or to the line that was found."""

    url: str
    other_id: int
    name: str
    picture: str
    text: str
    at: datetime
    is_mine: bool = False
    is_draft: bool = False
    is_muted: bool = False
    unread: int = 0


@blueprint.get("")
def index() -> ResponseReturnValue:
    text = clean(request.args.get("q", ""))[:LONGEST_SEARCH]
    if text:
        return _search(text)
    archived = request.args.get("archived") == "1"
    keys = [Key(ChatMember.last_message_at.expression, descending=True), Key(ChatMember.chat_id.expression, True)]
    page = page_of(queries.chats_of(me, archived), keys, _all)
    entries, shown = entries_of(page.items), request.args.get("open", type=int)
    opened = f"{url_for('chats.index')}/{shown}" if shown else ""
    return render_template("chats/index.html", page=page, chats=entries, archived=archived, text="", open=opened)


@blueprint.get("/count")
def count() -> ResponseReturnValue:
    """The number beside "Messages"; it came with the member's own statement."""
    return render_template("chats/_count.html")


def side_entries() -> list[Entry]:
    """The latest chats, for the side of a thread."""
    keys = (ChatMember.last_message_at.desc(), ChatMember.chat_id.desc())
    return entries_of(_all(queries.chats_of(me).order_by(*keys).limit(PAGE_SIZE)))


def _search(text: str) -> ResponseReturnValue:
    """Chats with somebody of this name, and lines with these words."""
    named = queries.chats_of(me, text=text).order_by(ChatMember.last_message_at.desc())
    people = entries_of(_all(named)) if "after" not in request.args and "before" not in request.args else []
    page = found_page(
        Key(Message.id.expression, descending=True),
        lambda stretch, limit: _all(queries.found_lines(me, text, stretch, limit)),
        lambda stretch: db.session.execute(queries.end_of(me, stretch)).one_or_none(),
    )
    prefix = url_for("chats.index")
    lines = [
        Entry(
            url=f"{prefix}/{row.chat_id}?at={row.seq}#line-{row.seq}",
            other_id=row.other_id,
            name=row.name,
            picture=picture_url(row.other_id, row.picture_id),
            text=excerpt_around(row.body, text),
            at=row.created_at,
            is_mine=row.sender_id == me.id,
        )
        for row in page.items
    ]
    return render_template("chats/found.html", page=page, people=people, lines=lines, text=text)


def entries_of(rows: Any) -> list[Entry]:
    moment, prefix = now(), url_for("chats.index")
    return [
        Entry(
            url=f"{prefix}/{row.chat_id}",
            other_id=row.other_id,
            name=row.name,
            picture=picture_url(row.other_id, row.picture_id),
            text=" ".join(row.draft.split()) or _last_line(row),
            at=row.last_message_at,
            is_mine=not row.draft and row.sender_id == me.id,
            is_draft=bool(row.draft),
            is_muted=row.muted_until is not None and row.muted_until > moment,
            unread=row.unread,
        )
        for row in rows
    ]


def _last_line(row: Any) -> str:
    if row.kind != TEXT:
        return said_by_site(row.kind, row.params)
    return _("Message deleted") if row.deleted_at else row.excerpt


def _all(statement: AnySelect) -> list[AnyRow]:
    return list(db.session.execute(statement).all())
