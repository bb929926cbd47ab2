"""Changing and taking away one's own lines, and the files of lines."""

from __future__ import annotations

import io

from flask import Response, abort, redirect, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.chats import operations, policy
from app.chats.forms import EditForm
from app.chats.lines import attachment_for, message_for
from app.chats.operations.files import KNOWN_TYPES, PICTURE_TYPE
from app.chats.routes.blueprint import address_of, blueprint, chat_or_404, wants_part
from app.chats.routes.threads import news, number
from app.core.clock import now
from app.core.db import AnyRow, db, intending
from app.core.errors import DomainError, Forbidden
from app.core.files import path_of


@blueprint.route("/<int:chat_id>/messages/<int:message_id>/edit", methods=["GET", "POST"])
def edit(chat_id: int, message_id: int) -> ResponseReturnValue:
    line = _own_line(chat_id, message_id)
    form = EditForm(data={"body": line.body})
    if form.validate_on_submit():
        try:
            operations.edit(me.id, message_id, form.body.data or "")
            db.session.commit()
            return _edited(chat_id, line)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            return _edit_page(chat_id, line, form, error.status)
    if not form.is_submitted() and not policy.can_edit(me.id, line, now()):
        if not wants_part():
            abort(403)
        form.refuse(Forbidden(_("This message can no longer be changed: write another one."), "body"))
        return _edit_page(chat_id, line, form, 403)
    return _edit_page(chat_id, line, form, 422 if form.errors else 200)


@blueprint.post("/<int:chat_id>/messages/<int:message_id>/delete")
def delete(chat_id: int, message_id: int) -> ResponseReturnValue:
    line = _own_line(chat_id, message_id)
    operations.delete(me.id, message_id)
    db.session.commit()
    return redirect(f"{address_of(chat_id)}#line-{line.seq}", 303)


@blueprint.get("/<int:chat_id>/files/<int:attachment_id>")
def file(chat_id: int, attachment_id: int) -> Response:
    return _served(chat_id, attachment_id, preview=False)


@blueprint.get("/<int:chat_id>/files/<int:attachment_id>/preview")
def preview(chat_id: int, attachment_id: int) -> Response:
    return _served(chat_id, attachment_id, preview=True)


def _own_line(chat_id: int, message_id: int) -> AnyRow:
    """404 for a line that the viewer does not see, 403 for one of somebody else's."""
    line = db.session.execute(message_for(me, chat_id, message_id)).one_or_none() or abort(404)
    if line.sender_id != me.id:
        abort(403)
    return line


def _edited(chat_id: int, line: AnyRow) -> ResponseReturnValue:
    """For a script what is new on its page, the line among it."""
    if not wants_part():
        return redirect(f"{address_of(chat_id)}#line-{line.seq}", 303)
    with intending("read"):
        return news(chat_or_404(chat_id), number("after"), number("change"))


def _edit_page(chat_id: int, line: AnyRow, form: EditForm, status: int) -> ResponseReturnValue:
    """For a script the form alone, or why there is none."""
    if wants_part():
        part = "chats/_refused.html" if form.errors else "chats/_edit.html"
        return render_template(part, form=form, line=line, prefix=address_of(chat_id)), status
    chat = chat_or_404(chat_id)
    return render_template("chats/edit.html", form=form, line=line, chat=chat, back=address_of(chat_id)), status


def _served(chat_id: int, attachment_id: int, *, preview: bool) -> Response:
    """Our own pictures are shown, everything else is only ever saved. A browser that keeps it asks each time whether it
    may still show it: the line may be deleted, or the member signed out."""
    stored = db.session.scalar(attachment_for(me, chat_id, attachment_id, preview=preview)) or abort(404)
    name, media_type, sha256 = stored.name, stored.media_type, stored.sha256
    shown = media_type == PICTURE_TYPE
    response = send_file(
        io.BytesIO(path_of(sha256).read_bytes()),
        mimetype=media_type if shown or media_type in KNOWN_TYPES else "application/octet-stream",
        as_attachment=not shown,
        download_name=name,
        etag=sha256,
    )
    response.headers["Cache-Control"] = "private, no-cache"
    return response
