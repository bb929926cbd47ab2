"""Reporting a member or a message, and what became of one's own reports."""

from __future__ import annotations

from flask import Blueprint, abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import operations as accounts
from app.accounts import queries as account_queries
from app.accounts.models import User
from app.accounts.viewer import me
from app.chats.lines import attachments_of, message_for
from app.core.db import db
from app.core.errors import TooMany
from app.core.paging import Key, page_of
from app.reports import operations, policy, queries
from app.reports.forms import ReportForm
from app.reports.models import Report
from app.reports.operations import Subject
from app.reports.snapshots import message_of, profile_of
from app.reports.texts import REASONS, STATES, TONES

blueprint = Blueprint("reports", __name__)


@blueprint.route("/members/<int:member_id>/report", methods=["GET", "POST"])
def report(member_id: int) -> ResponseReturnValue:
    member = db.session.scalar(account_queries.blockable_for(me, member_id)) or abort(404)
    return _reporting(member, profile_of(member), url_for("home.profile", member_id=member_id))


@blueprint.route("/chats/<int:chat_id>/messages/<int:message_id>/report", methods=["GET", "POST"])
def report_message(chat_id: int, message_id: int) -> ResponseReturnValue:
    """A line that somebody wrote to the viewer: moderators see it as it is now, and nothing else of the chat."""
    line = db.session.execute(message_for(me, chat_id, message_id)).one_or_none() or abort(404)
    if line.sender_id is None or line.deleted_at is not None:
        abort(404)
    sender = db.session.get_one(User, line.sender_id)
    files = db.session.execute(attachments_of(me, chat_id, [message_id])).all()
    back = url_for("chats.show", chat_id=chat_id, at=line.seq, _anchor=f"line-{line.seq}")
    return _reporting(sender, message_of(line, sender, files), back)


def _reporting(member: User, subject: Subject, back: str) -> ResponseReturnValue:
    if not policy.can_report(me, member.id):
        abort(403)
    form = ReportForm()
    if form.validate_on_submit():
        try:
            filed = operations.report(me.id, subject, form.reason.data, form.words.data or "")
        except TooMany as error:
            db.session.rollback()
            form.refuse(error)
            return page(form, member.id, subject, back, error)
        if form.block.data:
            accounts.block(me.id, member.id)
        name = member.name
        db.session.commit()
        say(name, filed)
        return redirect(url_for("reports.mine"), 303)
    return page(form, member.id, subject, back)


@blueprint.get("/settings/privacy/reports")
def mine() -> ResponseReturnValue:
    keys = [Key(Report.created_at.expression, descending=True), Key(Report.id.expression, descending=True)]
    shown = page_of(queries.reports_by(me), keys, lambda statement: db.session.execute(statement).all())
    return render_template("reports/mine.html", page=shown, reasons=REASONS, states=STATES, tones=TONES)


def page(
    form: ReportForm, member_id: int, subject: Subject, back: str, error: TooMany | None = None
) -> ResponseReturnValue:
    """The form about a member or a message, with what was typed; 429 when the limit of the day is reached."""
    member = db.session.get_one(User, member_id)
    waiting = db.session.scalar(queries.waiting_report_by(me.id, subject.kind, subject.id))
    drawn = render_template(
        "reports/report.html", form=form, member=member, subject=subject, back=back, waiting=waiting
    )
    response = make_response(drawn, 422 if form.errors else 200)
    if error:
        response.status_code = error.status
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def say(name: str, filed: bool) -> None:
    if filed:
        flash(_("Thank you. The moderators will look at it; %(name)s is not told who reported.", name=name), "success")
    else:
        flash(_("You have reported %(name)s already, and it is still being looked at. Thank you.", name=name), "info")
