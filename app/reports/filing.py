"""The page on which something is reported, for whichever package shows the thing."""

from __future__ import annotations

from flask import abort, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import operations as accounts
from app.accounts.models import User
from app.accounts.viewer import me
from app.core.db import db
from app.core.errors import TooMany
from app.reports import operations, policy, queries
from app.reports.forms import ReportForm
from app.reports.operations import Subject


def filing(member: User, subject: Subject, back: str) -> ResponseReturnValue:
    """Answers GET and POST; `back` is where to go without reporting."""
    if not policy.can_report(me, member.id):
        abort(403)
    form = ReportForm()
    if form.validate_on_submit():
        try:
            filed = operations.report(me.id, subject, form.reason.data, form.words.data or "")
        except TooMany as error:
            db.session.rollback()
            form.refuse(error)
            return _page(form, member.id, subject, back, error)
        if form.block.data:
            accounts.block(me.id, member.id)
        name = member.name
        db.session.commit()
        _say(name, filed)
        return redirect(url_for("reports.mine"), 303)
    return _page(form, member.id, subject, back)


def _page(
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


def _say(name: str, filed: bool) -> None:
    if filed:
        flash(_("Thank you. The moderators will look at it; %(name)s is not told who reported.", name=name), "success")
    else:
        flash(_("You have reported %(name)s already, and it is still being looked at. Thank you.", name=name), "info")
