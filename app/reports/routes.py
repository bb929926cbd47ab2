"""Reporting a member or a message, and what became of one's own reports."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, url_for
from flask.typing import ResponseReturnValue

from app.accounts import queries as account_queries
from app.accounts.models import User
from app.accounts.viewer import me
from app.chats.lines import attachments_of, message_for
from app.core.db import db
from app.core.paging import Key, page_of
from app.reports import queries
from app.reports.filing import filing
from app.reports.models import Report
from app.reports.snapshots import message_of, profile_of
from app.reports.texts import REASONS, STATES, TONES

blueprint = Blueprint("reports", __name__)


@blueprint.route("/members/<int:member_id>/report", methods=["GET", "POST"])
def report(member_id: int) -> ResponseReturnValue:
    member = db.session.scalar(account_queries.blockable_for(me, member_id)) or abort(404)
    return filing(member, profile_of(member), url_for("home.profile", member_id=member_id))


@blueprint.route("/chats/<int:chat_id>/messages/<int:message_id>/report", methods=["GET", "POST"])
def report_message(chat_id: int, message_id: int) -> ResponseReturnValue:
    """A line that somebody wrote to the viewer: moderators see it as it is now, and nothing else of the chat."""
    line = db.session.execute(message_for(me, chat_id, message_id)).one_or_none() or abort(404)
    if line.sender_id is None or line.deleted_at is not None:
        abort(404)
    sender = db.session.get_one(User, line.sender_id)
    files = db.session.execute(attachments_of(me, chat_id, [message_id])).all()
    back = url_for("chats.show", chat_id=chat_id, at=line.seq, _anchor=f"line-{line.seq}")
    return filing(sender, message_of(line, sender, files), back)


@blueprint.get("/settings/privacy/reports")
def mine() -> ResponseReturnValue:
    keys = [Key(Report.created_at.expression, descending=True), Key(Report.id.expression, descending=True)]
    shown = page_of(queries.reports_by(me), keys, lambda statement: db.session.execute(statement).all())
    return render_template("reports/mine.html", page=shown, reasons=REASONS, states=STATES, tones=TONES)
