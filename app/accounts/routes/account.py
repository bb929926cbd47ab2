"""The account itself: language, password, closing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts import operations, queries, throttle
from app.accounts.forms.fields import text_of
from app.accounts.forms.settings import ClosingForm, LocaleForm, PasswordForm
from app.accounts.periods import GRACE
from app.accounts.routes.again import checked_again
from app.accounts.routes.blueprints import settings_blueprint
from app.accounts.routes.browser import form_page, leave
from app.accounts.viewer import me
from app.core.access import HURDLES, within_reach
from app.core.db import db, intending
from app.core.errors import DomainError
from app.core.forms import Form
from app.core.i18n import LOCALES


@settings_blueprint.get("")
def index() -> ResponseReturnValue:
    """All settings, and what is still to tell."""
    told = db.session.execute(queries.completeness_of(me.id)).one()
    # What the badge counts beside an unconfirmed address is for the packages above to know: skills.
    skills_told = me.badges.get("me", 0) <= (0 if me.is_verified else 1)
    return render_template("settings/index.html", told=told, skills_told=skills_told)


@settings_blueprint.route("/account", methods=["GET", "POST"])
def account() -> ResponseReturnValue:
    form = LocaleForm(data={"locale": me.locale})
    if form.validate_on_submit():
        operations.change_locale(me.id, form.locale.data)
        db.session.commit()
        with force_locale(form.locale.data):
            flash(_("Saved."), "success")
        return redirect(url_for("settings.account"), 303)
    with intending("read"):
        waiting = db.session.scalar(queries.email_change_of(me.id))
    return form_page("settings/account.html", form, waiting=waiting, locales=LOCALES)


@settings_blueprint.route("/account/password", methods=["GET", "POST"])
def password() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit() and _done(
        form,
        lambda: operations.change_password(
            me.id, text_of(form.current_password), text_of(form.password), me.session_id
        ),
    ):
        flash(_("Your password is changed. Your other devices are signed out."), "success")
        return redirect(url_for("settings.account"), 303)
    return form_page("settings/password.html", form)


@settings_blueprint.route("/account/closing", methods=["GET", "POST"])
@within_reach(*HURDLES)
def closing() -> ResponseReturnValue:
    form = ClosingForm()
    if form.validate_on_submit() and _done(form, lambda: operations.close(me.id, text_of(form.current_password))):
        leave()
        flash(_("Your account is closed. Within 14 days you can sign in to reopen it."), "success")
        return redirect(url_for("home.index"), 303)
    return form_page("settings/closing.html", form, days=GRACE.days)


def _done(form: Form, operation: Callable[[], Any]) -> bool:
    """Whether `operation`, which asks for the password, went well and is committed; otherwise the form says why."""
    tries = checked_again()
    try:
        operation()
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    throttle.take_back(db.session(), tries)
    db.session.commit()
    return True
