"""The terms: what counts now, who has agreed, and writing a new version."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from markupsafe import Markup

from app.accounts import admissions
from app.accounts.viewer import me
from app.admin.forms.admissions import TermsTextForm
from app.admin.routes.blueprint import blueprint, for_administrators
from app.community import terms as versions
from app.core import audit
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError
from app.core.markdown import rendered


@blueprint.route("/terms", methods=["GET", "POST"])
@for_administrators
def terms() -> ResponseReturnValue:
    """Looking at the text first and publishing it are two buttons of one form."""
    form = TermsTextForm()
    preview = Markup()
    if form.validate_on_submit():
        if request.form.get("step") == "preview":
            preview = rendered(form.text.data or "")
        elif _published(form):
            flash(_("The new terms are published. Every member is asked to agree."), "success")
            return redirect(url_for("admin.terms"), 303)
    with intending("read"):
        version = db.session.scalar(versions.newest())
        counts = db.session.execute(admissions.agreement_counts(version.id)).one() if version else None
        shown = (version.number, version.published_at, version.text) if version else (0, None, "")
    end_reading()
    if not form.is_submitted():
        form.after.data, form.text.data = str(shown[0]), shown[2]
    page = render_template(
        "admin/terms.html", form=form, number=shown[0], published_at=shown[1], counts=counts, preview=preview
    )
    return page, 422 if form.errors else 200


def _published(form: TermsTextForm) -> bool:
    after = form.after.data or ""
    try:
        version = versions.publish(form.text.data or "", int(after[:9]) if after.isdecimal() else 0)
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    audit.record("terms-published", actor_id=me.id, subject_id=None, detail=str(version.number))
    db.session.commit()
    return True
