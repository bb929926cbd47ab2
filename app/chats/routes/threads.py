"""One chat: its lines, those before them, those since, and what is written into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import queries as account_queries
from app.accounts.models import User
from app.accounts.viewer import me, picture_url
from app.chats import operations, policy, queries
from app.chats.forms import LARGEST_SEQ, FirstMessageForm, MessageForm, MuteForm, new_token
from app.chats.lines import changes, thread
from app.chats.openers import openers_for
from app.chats.operations.files import Prepared
from app.chats.routes.blueprint import address_of, blueprint, chat_before_writing, chat_or_404, note_seen, wants_part
from app.chats.routes.lists import side_entries
from app.chats.threads import Line, lines_of
from app.core.clock import now
from app.core.db import AnyRow, db, end_reading, intending
from app.core.errors import Conflict, DomainError

LINES = 40
MOST_NEW = 200


@blueprint.get("/<int:chat_id>")
def show(chat_id: int) -> ResponseReturnValue:
    chat = chat_or_404(chat_id)
    before, around = number("before") or None, number("at") or None
    rows, older = _latest(chat_id, before, around)
    unread_after = chat.last_read_seq if 0 < chat.last_read_seq < chat.last_seq else None
    lines = _drawn(chat_id, rows, unread_after=unread_after)
    if not before and rows:
        note_seen(chat, rows[-1].seq)
    form = MessageForm(None, data={"body": chat.draft, "client_token": new_token()})
    return render_template("chats/show.html", form=form, **_page(chat, lines, older))


@blueprint.get("/<int:chat_id>/lines")
def lines(chat_id: int) -> ResponseReturnValue:
    """What is new after the line `after` and the change `change`, for a page that shows the rest."""
    chat = chat_or_404(chat_id)
    return news(chat, number("after"), number("change"))


@blueprint.post("/<int:chat_id>/messages")
def send(chat_id: int) -> ResponseReturnValue:
    chat, form = chat_before_writing(chat_id), MessageForm()
    try:
        if not form.validate():
            return _refused(chat, form, 422)
        _write(chat_id, form, operations.prepare(form.files.data or []))
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return _refused(chat, form, error.status, error)
    if wants_part():
        with intending("read"):
            return news(chat_or_404(chat_id), number("after"), number("change"))
    return redirect(address_of(chat_id), 303)


@blueprint.route("/with/<int:member_id>", methods=["GET", "POST"])
def start(member_id: int) -> ResponseReturnValue:
    """The chat with a member, and while there is none its first line, with a sentence to begin with."""
    with intending("read"):
        member = db.session.scalar(account_queries.member_for(me, member_id)) or abort(404)
        if not policy.can_start(me, member):
            abort(403)
        chat_id = db.session.scalar(queries.chat_with(me, member_id))
    if request.method == "GET" and chat_id is not None and _has_lines(chat_id):
        return redirect(address_of(chat_id), 303)
    form = FirstMessageForm()
    if request.method == "GET":
        return _first_page(member, form)
    db.session.expunge(member)
    end_reading()
    if not form.validate():
        return _first_page(member, form, 422)
    try:
        files = operations.prepare(form.files.data or [])
        chat_id = operations.open_between(me.id, member_id)
        _write(chat_id, form, files)
        db.session.commit()
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return _first_page(member, form, error.status, error)
    return redirect(address_of(chat_id), 303)


def _write(chat_id: int, form: MessageForm, files: Sequence[Prepared]) -> None:
    """Raises Conflict when the page's token stands for another message: an old page came back from the browser's
    memory, and what it holds now must not be taken for what was sent."""
    body = form.body.data or ""
    message = operations.send(me.id, chat_id, body, form.client_token.data or new_token(), files)
    if message.edited_at is not None or message.deleted_at is not None:
        return
    if (message.chat_id, message.body) != (chat_id, body) or not operations.holds(message.id, files):
        raise Conflict(_("This page has sent a message already. Your text is still here: send it now."), "body")


def _has_lines(chat_id: int) -> bool:
    return chat_or_404(chat_id).last_seq > 0


def _latest(chat_id: int, before: int | None, around: int | None) -> tuple[Sequence[AnyRow], bool]:
    """Rows in the order of reading, and whether there are older ones."""
    newest_first = db.session.execute(thread(me, chat_id, LINES + 1, before=before, around=around)).all()
    numbers = list(dict.fromkeys(row.seq for row in newest_first))
    shown = set(numbers[:LINES])
    # By their number alone: the files of a line keep their order.
    rows = sorted((row for row in newest_first if row.seq in shown), key=lambda row: row.seq)
    return rows, len(numbers) > LINES


def _drawn(chat_id: int, rows: Sequence[AnyRow], *, before: Any = None, unread_after: int | None = None) -> list[Line]:
    return lines_of(rows, reader_id=me.id, prefix=address_of(chat_id), before=before, unread_after=unread_after)


def _page(chat: AnyRow, shown: list[Line], older: bool) -> dict[str, Any]:
    return {
        "chat": chat,
        "prefix": address_of(chat.id),
        "chats": side_entries(),
        "open": address_of(chat.id),
        "text": "",
        "lines": shown,
        "older_url": f"{address_of(chat.id)}?before={shown[0].seq}" if older and shown else "",
        "newer": bool(shown) and shown[-1].seq < chat.last_seq,
        "picture": picture_url(chat.other_id, chat.picture_id),
        "seen": seen_line(chat, shown),
        "mute_form": MuteForm(None),
        "is_muted": chat.muted_until is not None and chat.muted_until > now(),
    }


def seen_line(chat: AnyRow, shown: Sequence[Line]) -> int:
    """The number of the viewer's last line when the other one has seen it and both let each other know, else 0."""
    own = [line.seq for line in shown if line.is_mine and not line.is_deleted]
    return own[-1] if own and own[-1] <= chat.read_by_other else 0


def news(chat: AnyRow, after: int, change: int) -> ResponseReturnValue:
    """The lines since then; the line `after` itself stands above them and is drawn again only if it may be another."""
    rows = db.session.execute(changes(me, chat.id, after, change, MOST_NEW)).all()
    changed = [row for row in rows if row.seq < after]
    edge = [row for row in rows if row.seq == after]
    new = [row for row in rows if row.seq > after]
    before = edge[0] if edge else None
    again = edge if before and (before.edited_at or before.deleted_at) else []
    drawn = [*_drawn(chat.id, [*changed, *again]), *_drawn(chat.id, new, before=before)]
    end_reading()
    shown = {"chat": chat, "lines": drawn, "after": after, "picture": picture_url(chat.other_id, chat.picture_id)}
    return render_template("chats/_news.html", prefix=address_of(chat.id), **shown)


def _refused(chat: AnyRow, form: MessageForm, status: int, error: DomainError | None = None) -> ResponseReturnValue:
    """The thread with what was typed and why it was not sent; for a script only the reason."""
    if wants_part():
        return _answer(render_template("chats/_refused.html", form=form), status, error)
    with intending("read"):
        rows, older = _latest(chat.id, None, None)
        shown = _drawn(chat.id, rows)
        end_reading()
    form.client_token.data = new_token()
    return _answer(render_template("chats/show.html", form=form, **_page(chat, shown, older)), status, error)


def _first_page(
    member: User, form: MessageForm, status: int = 200, error: DomainError | None = None
) -> ResponseReturnValue:
    with intending("read"):
        openers = openers_for(me.id, member.id, member.name)
    chosen = min(max(number("opener"), 0), len(openers) - 1)
    if not form.is_submitted():
        form.body.data = openers[chosen]
    form.client_token.data = new_token()
    picture = picture_url(member.id, member.picture_id)
    address = url_for("chats.start", member_id=member.id)
    page = render_template(
        "chats/start.html", form=form, member=member, picture=picture, openers=openers, chosen=chosen, address=address
    )
    return _answer(page, status, error)


def _answer(page: str, status: int, error: DomainError | None) -> ResponseReturnValue:
    response = make_response(page, status)
    if retry_after := getattr(error, "retry_after", 0):
        response.headers["Retry-After"] = str(retry_after)
    return response


def number(name: str) -> int:
    """The number of a line or a change; no larger than one can be, which the database would not take."""
    return min(max(0, request.values.get(name, 0, type=int)), LARGEST_SEQ)
