"""Privacy: taking a break, and members whom one wants nothing to do with."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts import operations, policy, queries
from app.accounts.forms.settings import PauseForm, PrintForm
from app.accounts.models import User
from app.accounts.routes.blueprints import blueprint, settings_blueprint
from app.accounts.routes.browser import form_page
from app.accounts.viewer import me, picture_url
from app.core.db import db


@settings_blueprint.route("/privacy", methods=["GET", "POST"])
def privacy() -> ResponseReturnValue:
    form = PauseForm(data={"paused": me.paused})
    if form.validate_on_submit():
        operations.set_paused(me.id, form.paused.data)
        db.session.commit()
        flash(_("You are taking a break.") if form.paused.data else _("Welcome back."), "success")
        return redirect(url_for("settings.privacy"), 303)
    return form_page("settings/privacy.html", form, **_shown())


@settings_blueprint.post("/privacy/print")
def in_print() -> ResponseReturnValue:
    """Whether one stands in the directory on paper; its form stands on the page of privacy."""
    form = PrintForm()
    if not form.validate_on_submit():
        return form_page("settings/privacy.html", form, **_shown())
    operations.set_in_print(me.id, form.in_print.data)
    db.session.commit()
    agreed = _("You stand in the next printed directory.")
    flash(agreed if form.in_print.data else _("You stand in no printed directory from now on."), "success")
    return redirect(url_for("settings.privacy"), 303)


def _shown() -> dict[str, Any]:
    agreed = db.session.scalar(select(User.in_print).where(User.id == me.id))
    return {
        "blocked": db.session.execute(queries.blocked_by(me)).all(),
        "picture_url": picture_url,
        "pause_form": PauseForm(None, data={"paused": me.paused}),
        "print_form": PrintForm(None, data={"in_print": agreed}),
    }


@blueprint.post("/members/<int:member_id>/block")
def block(member_id: int) -> ResponseReturnValue:
    member = _member(member_id)
    if not policy.can_block(me, member.id):
        abort(403)
    name = member.name
    operations.block(me.id, member.id)
    db.session.commit()
    flash(_("You and %(name)s no longer see each other.", name=name), "success")
    return redirect(url_for("settings.privacy"), 303)


@blueprint.post("/members/<int:member_id>/unblock")
def unblock(member_id: int) -> ResponseReturnValue:
    member = _member(member_id)
    name = member.name
    operations.unblock(me.id, member.id)
    db.session.commit()
    flash(_("%(name)s is no longer blocked.", name=name), "success")
    return redirect(url_for("settings.privacy"), 303)


def _member(member_id: int) -> User:
    return db.session.scalar(queries.blockable_for(me, member_id)) or abort(404)
