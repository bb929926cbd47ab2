"""A member whom coordinators brought in takes the account over: the link proves the address, a password is chosen."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import operations
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import NewPasswordForm
from app.accounts.operations.credentials import LinkGone
from app.accounts.routes.blueprints import blueprint
from app.accounts.routes.browser import enter, form_page
from app.core.access import HURDLES, public, within_reach
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError


@blueprint.route("/claim/<token>", methods=["GET", "POST"])
@public
@within_reach(*HURDLES)
def claim(token: str) -> ResponseReturnValue:
    with intending("read"):
        found = operations.to_claim(token)
        known = {"name": found[1].name, "email": found[0].email} if found else {}
    end_reading()
    if not known:
        return _gone()
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            member = operations.claim_account(token, text_of(form.password))
        except LinkGone:
            return _gone()
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            enter(member)
            flash(_("Welcome. From now on you look after your page yourself."), "success")
            return redirect(url_for("settings.profile"), 303)
    return form_page("accounts/claim.html", form, **known)


def _gone() -> ResponseReturnValue:
    db.session.rollback()
    return render_template("accounts/claim_gone.html"), 410
