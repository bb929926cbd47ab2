"""What a member does with a chat for themselves."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.chats import operations
from app.chats.forms import DraftForm, MuteForm, ReadForm, ReceiptsForm
from app.chats.routes.blueprint import address_of, blueprint, chat_or_404
from app.core.db import db
from app.notices import operations as notices

NOTHING = ("", 204)


@blueprint.post("/<int:chat_id>/read")
def read(chat_id: int) -> ResponseReturnValue:
    """A page says what it shows, and whether anybody looks."""
    chat_or_404(chat_id)
    form = ReadForm()
    if not form.validate():
        return "", 422
    if form.seq.data:
        operations.mark_read(me.id, chat_id, form.seq.data)
    (notices.look_at if form.looking.data else notices.look_away)(me.id, chat_id)
    db.session.commit()
    return NOTHING


@blueprint.post("/<int:chat_id>/draft")
def draft(chat_id: int) -> ResponseReturnValue:
    chat_or_404(chat_id)
    form = DraftForm()
    if not form.validate():
        return "", 422
    operations.save_draft(me.id, chat_id, form.body.data or "")
    db.session.commit()
    return NOTHING


@blueprint.post("/<int:chat_id>/archive")
def archive(chat_id: int) -> ResponseReturnValue:
    return _keep(chat_id, operations.archive, _("The chat is in the archive until somebody writes again."))


@blueprint.post("/<int:chat_id>/unarchive")
def unarchive(chat_id: int) -> ResponseReturnValue:
    return _keep(chat_id, operations.unarchive, _("The chat is back in the list."))


@blueprint.post("/<int:chat_id>/hide")
def hide(chat_id: int) -> ResponseReturnValue:
    return _keep(chat_id, operations.hide, _("The chat is gone from your list; the other side keeps theirs."))


@blueprint.post("/<int:chat_id>/mute")
def mute(chat_id: int) -> ResponseReturnValue:
    chat_or_404(chat_id)
    form = MuteForm()
    if not form.validate():
        return "", 422
    operations.mute(me.id, chat_id, form.how_long.data)
    return _back(chat_id, _("The chat is muted."))


@blueprint.post("/<int:chat_id>/unmute")
def unmute(chat_id: int) -> ResponseReturnValue:
    chat_or_404(chat_id)
    operations.unmute(me.id, chat_id)
    return _back(chat_id, _("You hear of this chat again."))


@blueprint.post("/<int:chat_id>/receipts")
def receipts(chat_id: int) -> ResponseReturnValue:
    chat_or_404(chat_id)
    shown = bool(ReceiptsForm().shown.data)
    operations.set_receipts(me.id, chat_id, shown)
    seen = _("Both of you see what was seen, if the other side agrees.")
    return _back(chat_id, seen if shown else _("Neither of you sees any more what was seen."))


def _keep(chat_id: int, operation: Callable[[int, int], None], said: str) -> ResponseReturnValue:
    chat_or_404(chat_id)
    operation(me.id, chat_id)
    db.session.commit()
    flash(said, "success")
    return redirect(url_for("chats.index"), 303)


def _back(chat_id: int, said: str) -> ResponseReturnValue:
    db.session.commit()
    flash(said, "success")
    return redirect(address_of(chat_id), 303)
