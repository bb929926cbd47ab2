"""A new address: asked for in the settings, confirmed by a link to the old and one to the new address."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import operations, queries, throttle
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import EmptyForm
from app.accounts.forms.settings import EmailChangeForm
from app.accounts.routes.again import checked_again
from app.accounts.routes.blueprints import blueprint, settings_blueprint
from app.accounts.routes.browser import address, form_page
from app.accounts.viewer import me
from app.core.access import HURDLES, public, within_reach
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError


@settings_blueprint.route("/account/email", methods=["GET", "POST"])
def email() -> ResponseReturnValue:
    form = EmailChangeForm()
    if form.validate_on_submit():
        tries = checked_again()
        throttle.count(*throttle.mail_tries(f"change {me.id}", address()))
        try:
            operations.ask_for_email_change(me.id, text_of(form.current_password), text_of(form.email))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            throttle.take_back(db.session(), tries)
            db.session.commit()
            flash(_("We wrote to both addresses. Open the link in each of the two mails."), "success")
            return redirect(url_for("settings.account"), 303)
    with intending("read"):
        waiting = db.session.scalar(queries.email_change_of(me.id))
    return form_page("settings/email.html", form, waiting=waiting)


@settings_blueprint.post("/account/email/cancellation")
def cancel_email_change() -> ResponseReturnValue:
    operations.cancel_email_change(me.id)
    db.session.commit()
    flash(_("Your address stays as it is."), "success")
    return redirect(url_for("settings.account"), 303)


@blueprint.route("/email-change/<token>", methods=["GET", "POST"])
@public
@within_reach(*HURDLES)
def email_change(token: str) -> ResponseReturnValue:
    form = EmptyForm()
    if form.validate_on_submit():
        return _confirmed(token)
    with intending("read"):
        found = operations.to_confirm(token)
        values = {"old": found[1].email, "new": found[0].email} if found else {}
    end_reading()
    if not values:
        return _gone()
    return form_page("accounts/email_change.html", form, **values)


def _confirmed(token: str) -> ResponseReturnValue:
    try:
        done = operations.confirm_email_change(token)
    except operations.LinkGone:
        return _gone()
    db.session.commit()
    return render_template("accounts/email_changed.html", done=done)


def _gone() -> ResponseReturnValue:
    db.session.rollback()
    return render_template("accounts/email_change_gone.html"), 410
