"""Getting back in without the password."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import operations
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import AddressForm, NewPasswordForm
from app.accounts.routes.blueprints import blueprint
from app.accounts.routes.browser import enter, form_page, leave
from app.accounts.routes.mailing import mail_page
from app.core.access import HURDLES, public, within_reach
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@public
def forgot_password() -> ResponseReturnValue:
    """The answer is the same whether or not the address has an account."""
    return mail_page(
        AddressForm(), "accounts/forgot_password.html", "accounts/reset_sent.html", operations.ask_for_reset
    )


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@public
@within_reach(*HURDLES)
def reset_password(token: str) -> ResponseReturnValue:
    """A new password, after which one signs in; somebody's first one, which was asked for by mail, lets in at once."""
    with intending("read"):
        known = operations.to_reset(token)
        first = known is not None and not known.password_hash
    end_reading()
    if known is None:
        return gone()
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            member = operations.reset_password(token, text_of(form.password))
        except operations.LinkGone:
            return gone()
        except DomainError as error:
            form.refuse(error)
        else:
            if first:
                enter(member)
                return redirect(url_for("skills.settings", welcome=1), 303)
            db.session.commit()
            leave()
            flash(_("Your new password is set. Sign in with it."), "success")
            return redirect(url_for("accounts.sign_in"), 303)
    return form_page("accounts/reset_password.html", form, first=first)


def gone() -> ResponseReturnValue:
    db.session.rollback()
    return render_template("accounts/reset_gone.html"), 410
