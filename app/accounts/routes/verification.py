"""Proving that an address is one's own. Opening the link changes nothing: mail programs open links by themselves."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import emails, operations, throttle, tokens
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import AddressForm, VerifyForm
from app.accounts.models import User
from app.accounts.routes.blueprints import blueprint
from app.accounts.routes.browser import address, enter, form_page, joining
from app.accounts.routes.mailing import mail_page
from app.accounts.states import joining_mark
from app.accounts.viewer import me
from app.core.access import HURDLES, public, within_reach
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError


@blueprint.get("/check-mail")
@public
@within_reach(*HURDLES)
def check_mail() -> ResponseReturnValue:
    """After signing up, the same for everybody."""
    email, _mark = joining()
    if not email:
        return redirect(url_for("accounts.send_verification"), 303)
    return render_template("accounts/check_mail.html", email=email)


@blueprint.route("/verify-email", methods=["GET", "POST"])
@public
@within_reach(*HURDLES)
def send_verification() -> ResponseReturnValue:
    """Sends the mail once more; the answer is the same whether or not there is anything to confirm."""
    form = AddressForm(data={"email": me.email})
    return mail_page(form, "accounts/send_verification.html", "accounts/check_mail.html", operations.send_verification)


@blueprint.route("/verify-email/<token>", methods=["GET", "POST"])
@public
@within_reach(*HURDLES)
def verify_email(token: str) -> ResponseReturnValue:
    """In the browser that signed up one button is enough; elsewhere the password is asked.

    Otherwise somebody could sign up with another's address, and the owner who opens the link would complete it.
    """
    with intending("read"):
        found = operations.to_verify(token)
        email, verified, mark = (
            (found.email or "", found.is_verified, joining_mark(found.password_hash)) if found else ("", False, "")
        )
    end_reading()
    if not email:
        return render_template("accounts/verify_gone.html", form=AddressForm()), 410
    if verified:
        return render_template("accounts/verified.html", email=email)
    form, here = VerifyForm(), tokens.same(joining()[1], mark)
    if form.validate_on_submit():
        user = operations.to_verify(token, lock=True) if here else _with_password(form, email)
        if user:
            return _welcome(user, email)
    return form_page("accounts/verify_email.html", form, email=email, here=here)


def _with_password(form: VerifyForm, email: str) -> User | None:
    key = emails.key(email)
    tries = throttle.count(*throttle.sign_in_tries(key, address()))
    user = operations.authenticate(email, text_of(form.password))
    if user is None:
        form.refuse(DomainError(_("This is not the password that was chosen when this account was made."), "password"))
        return None
    throttle.take_back(db.session(), tries, throttle.Try(throttle.SIGN_IN_ACCOUNT, key))
    return user


def _welcome(user: User, email: str) -> ResponseReturnValue:
    if not operations.verify(user):  # a link opens the gate once
        db.session.rollback()
        return render_template("accounts/verified.html", email=email)
    enter(user)
    flash(_("Your address is confirmed. Welcome!"), "success")
    return redirect(url_for("skills.settings", welcome=1), 303)
