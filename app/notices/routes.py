"""One's own notices, how one wants them, announcements, and the address in a mail that stops such mails."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError

from app.accounts.viewer import me
from app.core.access import AGREEMENT, APPROVAL, local_path, public, within_reach
from app.core.db import db, end_reading
from app.core.markdown import rendered
from app.core.paging import Key, page_of
from app.core.registry import NoticeKind, registry
from app.core.switches import is_on
from app.notices import operations, queries, tokens
from app.notices.days import days
from app.notices.forms import ReadAllForm, preferences_form
from app.notices.models import DIGEST, EVERY_KIND, Notice

blueprint = Blueprint("notices", __name__)


@blueprint.get("/notices")
def notices() -> ResponseReturnValue:
    keys = [Key(Notice.created_at.expression, descending=True), Key(Notice.id.expression, descending=True)]
    mine = queries.notices_of(me, [kind.name for kind in kinds()])
    page = page_of(mine, keys, lambda statement: db.session.execute(statement).all())
    newest = max((row.id for row in page.items), default=0)
    first = "after" not in request.args and "before" not in request.args
    form = ReadAllForm(None, newest=newest)
    return render_template("notices/notices.html", page=page, days=days(page.items), form=form, first=first)


@blueprint.get("/notices/bell")
def bell() -> ResponseReturnValue:
    """The number beside the bell; it came with the member's own statement."""
    return render_template("notices/_bell_count.html")


@blueprint.get("/notices/<int:notice_id>")
def open_notice(notice_id: int) -> ResponseReturnValue:
    """Leads to what it is about, and is read with that."""
    notice = db.session.scalar(queries.notice_for(me, notice_id)) or abort(404)
    url = local_path(notice.url) or url_for("notices.notices")
    end_reading()
    try:
        operations.read_one(me.id, notice_id)
    except OperationalError:
        current_app.logger.info("a notice was not marked read: the database is busy")
    return redirect(url, 303)


@blueprint.post("/notices/<int:notice_id>/reading")
def mark_read(notice_id: int) -> ResponseReturnValue:
    _notice = db.session.scalar(queries.notice_for(me, notice_id)) or abort(404)
    operations.read_one(me.id, notice_id)
    db.session.commit()
    return redirect(url_for("notices.notices"), 303)


@blueprint.post("/notices/reading")
def mark_all_read() -> ResponseReturnValue:
    form = ReadAllForm()
    if not form.validate_on_submit():
        abort(422)
    operations.read_all(me.id, form.newest.data or 0)
    db.session.commit()
    return redirect(url_for("notices.notices"), 303)


@blueprint.get("/notices/announcements/<int:announcement_id>")
def announcement(announcement_id: int) -> ResponseReturnValue:
    row = db.session.execute(queries.announcement_for(me, announcement_id)).one_or_none() or abort(404)
    return render_template("notices/announcement.html", announcement=row, text=rendered(row.body))


@blueprint.route("/settings/notices", methods=["GET", "POST"])
def preferences() -> ResponseReturnValue:
    asked = [kind for kind in kinds() if not kind.roles or me.role in kind.roles]
    form = preferences_form(asked, operations.all_channels_of(me.id))
    if form.validate_on_submit():
        operations.choose(me.id, {field.name: field.data for field in form if field.name in registry().notice_kinds})
        db.session.commit()
        flash(_("Saved. From now on you hear of it like this."), "success")
        return redirect(url_for("notices.preferences"), 303)
    shown = render_template("notices/preferences.html", form=form, kinds=asked)
    return shown, 422 if form.errors else 200


@blueprint.route("/unsubscribe/<token>", methods=["GET", "POST"])
@public
@within_reach(AGREEMENT, APPROVAL)
def unsubscribe(token: str) -> ResponseReturnValue:
    """A mail program posts here without cookies or a token of a form: the signed address is the proof (RFC 8058)."""
    told = tokens.read(token)
    if told is None:
        return render_template("notices/unsubscribe_gone.html"), 410
    if request.method == "POST":
        operations.stop_mail(told.user_id, told.scope)
        db.session.commit()
    done = request.method == "POST"
    every = tokens.sign(told.user_id, EVERY_KIND) if told.scope != EVERY_KIND else ""
    what = scope_label(told.scope)
    return render_template("notices/unsubscribe.html", what=what, done=done, token=token, every=every)


def kinds() -> list[NoticeKind]:
    """The kinds that this community has; asking costs no statement within a request."""
    return [kind for kind in registry().notice_kinds.values() if is_on(kind.feature)]


def scope_label(scope: str) -> Any:
    """What a mail program's button stops, in words."""
    if scope == EVERY_KIND:
        return _("All mail about notices")
    return _("The daily mail") if scope == DIGEST else registry().notice_kinds[scope].label
