"""The terms for everybody to read, and the question whether a member agrees; and the page of those who wait."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import Unauthorized

from app.accounts import operations
from app.accounts.forms.joining import TermsForm
from app.accounts.routes.blueprints import blueprint
from app.accounts.routes.browser import form_page
from app.accounts.viewer import me
from app.community.terms import newest
from app.core.access import APPROVAL, HURDLES, local_path, public, within_reach
from app.core.db import db, end_reading, intending
from app.core.errors import Conflict
from app.core.markdown import rendered


@blueprint.route("/terms", methods=["GET", "POST"])
@public
@within_reach(*HURDLES)
def terms() -> ResponseReturnValue:
    if request.method == "POST" and not me.is_authenticated:
        raise Unauthorized
    form = TermsForm()
    form.next.data = local_path(request.values.get("next"))
    if form.validate_on_submit():
        try:
            shown_id = form.terms_id.data or ""
            operations.agree(me.id, int(shown_id[:19]) if shown_id.isdecimal() else 0)
        except Conflict as error:
            db.session.rollback()
            form.agree.data = False
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("Thank you. You have agreed to the terms."), "success")
            return redirect(form.next.data or url_for("home.index"), 303)
    with intending("read"):
        version = db.session.scalar(newest())
        shown = (version.id, version.published_at, rendered(version.text)) if version else (0, None, "")
    end_reading()
    form.terms_id.data = str(shown[0])
    asked = me.is_authenticated and not me.has_agreed
    return form_page("accounts/terms.html", form, published_at=shown[1], html=shown[2], asked=asked)


@blueprint.get("/waiting")
@within_reach(APPROVAL)
def waiting() -> ResponseReturnValue:
    """What somebody sees who has signed up and whom a coordinator has not answered yet."""
    if me.hurdle != APPROVAL:
        return redirect(local_path(request.args.get("next")) or url_for("home.index"), 303)
    return render_template("accounts/waiting.html")
