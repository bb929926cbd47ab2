"""Joining, signing in and out."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import emails, operations, throttle
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import SignInForm
from app.accounts.forms.joining import RequestForm
from app.accounts.models import User
from app.accounts.periods import GRACE
from app.accounts.routes.blueprints import blueprint
from app.accounts.routes.browser import address, enter, form_page, leave, remember_joining
from app.accounts.routes.invited import counted, sign_up_form
from app.accounts.viewer import me, visit
from app.community.models import APPROVAL, INVITED
from app.core import audit
from app.core.access import HURDLES, local_path, public, within_reach
from app.core.db import db, end_reading
from app.core.errors import DomainError, TooMany
from app.core.preparing import DEMO_ACCOUNTS, DEMO_PASSWORD, is_demo


@blueprint.route("/sign-up", methods=["GET", "POST"])
@public
def sign_up() -> ResponseReturnValue:
    if me.is_authenticated:
        return redirect(url_for("home.index"), 303)
    joining = visit().community.joining
    if joining == INVITED:
        return render_template("accounts/by_invitation.html", form=RequestForm(None))
    form = sign_up_form({})
    if form.validate_on_submit():
        newcomer, mails = counted(form)
        try:
            mark = operations.sign_up(newcomer)
        except DomainError as error:
            db.session.rollback()
            throttle.take_back(db.session(), mails)
            db.session.commit()
            form.refuse(error)
        else:
            db.session.commit()
            remember_joining(newcomer.email, mark)
            return redirect(url_for("accounts.check_mail"), 303)
    return form_page("accounts/sign_up.html", form, approval=joining == APPROVAL)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    target = local_path(request.values.get("next"))
    if me.is_authenticated:
        return redirect(target or url_for("home.index"), 303)
    form = SignInForm(data={"email": request.args.get("email", ""), "next": target})
    form.next.data = target
    closing = None
    if form.validate_on_submit():
        user = _recognised(form)
        if user and (user.closed_at is None or form.reopen.data):
            return _welcome(user, target)
        closing = user.closed_at + GRACE if user and user.closed_at else None
    return form_page(
        "accounts/sign_in.html", form, closing=closing, demo_accounts=_demo_accounts(), demo_password=DEMO_PASSWORD
    )


@blueprint.post("/sign-out")
@public
@within_reach(*HURDLES)
def sign_out() -> ResponseReturnValue:
    """Also for somebody who is signed out already, perhaps in another tab."""
    if me.is_authenticated:
        if operations.end_session(me.session_id):
            audit.record("sign-out", actor_id=me.id, subject_id=me.id)
        db.session.commit()
    leave()
    flash(_("You are signed out. See you soon."), "success")
    return redirect(url_for("home.index"), 303)


def _recognised(form: SignInForm) -> User | None:
    """The member whose address and password these are, or None with the reason in the form.

    An unknown address, a wrong password and an address that was never confirmed are answered in the same words.
    """
    key = emails.key(text_of(form.email))
    tries = throttle.count(*throttle.sign_in_tries(key, address()))
    user = operations.authenticate(text_of(form.email), text_of(form.password))
    if user is None or not user.is_verified:
        if user:
            _remind(key)
        form.form_errors.append(_("This address and this password do not go together."))
        return None
    throttle.take_back(db.session(), tries, throttle.Try(throttle.SIGN_IN_ACCOUNT, key))
    db.session.commit()
    if not user.is_active:
        form.form_errors.append(_("This account is switched off. Ask a coordinator of your community."))
        return None
    return user


def _remind(key: str) -> None:
    """The mail to confirm the address once more, unless it was sent too often: this is no place to say so."""
    end_reading()
    try:
        throttle.count(*throttle.mail_tries(key, address()))
    except TooMany:
        return
    operations.send_verification(key)
    db.session.commit()


def _welcome(user: User, target: str) -> ResponseReturnValue:
    reopened = user.closed_at is not None
    if reopened:
        operations.reopen(user)
    enter(user)
    if reopened:
        flash(_("Your account is open again. Good to have you back."), "success")
    return redirect(target or url_for("home.index"), 303)


def _demo_accounts() -> list[str]:
    """The accounts that everybody may use, where this is the demo community."""
    if not current_app.config["DEMO"] or not is_demo():
        return []
    return [f"{name}@example.org" for name in DEMO_ACCOUNTS]
