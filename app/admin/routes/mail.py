"""Mail that has not left: what failed, what waits, and trying again. Nobody reads here what a mail says."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.admin import outbox as overview
from app.admin.routes.blueprint import blueprint, for_administrators
from app.core import outbox
from app.core.db import db
from app.core.paging import page_of


@blueprint.get("/mail")
@for_administrators
def mail() -> ResponseReturnValue:
    state = request.args.get("state", "")
    shown = page_of(overview.unsent(state), overview.ORDER, lambda statement: db.session.execute(statement).all())
    return render_template(
        "admin/mail.html",
        page=shown,
        counts=db.session.execute(overview.counts()).one(),
        state=state,
        label_of=overview.label_of,
        has_server=bool(current_app.config["MAIL_SERVER"]),
        address=url_for("admin.mail"),
    )


@blueprint.post("/mail/<int:mail_id>/attempts")
@for_administrators
def try_mail_again(mail_id: int) -> ResponseReturnValue:
    """Also when it has left meanwhile: then there is nothing to do."""
    return tried(outbox.try_again(mail_id))


@blueprint.post("/mail/attempts")
@for_administrators
def try_all_mail_again() -> ResponseReturnValue:
    return tried(outbox.try_again())


def tried(count: int) -> ResponseReturnValue:
    db.session.commit()
    if count:
        flash(ngettext("%(num)d mail is tried again now.", "%(num)d mails are tried again now.", count), "success")
    else:
        flash(_("There was nothing left to try: it is on its way or has arrived."), "info")
    return redirect(url_for("admin.mail"), 303)
