"""The community's settings: name, rules, colour and logo."""

from __future__ import annotations

from dataclasses import asdict

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.threads import aside
from app.accounts.viewer import me, visit
from app.admin.forms.community import (
    HOUR_SHARING_TEXTS,
    JOINING_TEXTS,
    EmptyForm,
    HourSharingForm,
    LogoForm,
    SettingsForm,
    decided,
)
from app.admin.forms.hours import HourRulesForm, as_typed
from app.admin.routes.blueprint import blueprint, for_administrators
from app.community import operations, presets
from app.core.db import db, intending
from app.core.errors import DomainError
from app.core.forms import Form
from app.core.images import fitted
from app.core.switches import is_on
from app.wallet import operations as wallet


@blueprint.route("/settings", methods=["GET", "POST"])
@for_administrators
def settings() -> ResponseReturnValue:
    form = SettingsForm(formdata=request.form if request.method == "POST" else None, data=asdict(visit().community))
    if form.validate_on_submit():
        try:
            operations.change_all(decided(form))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("The settings are saved."), "success")
            return redirect(url_for("admin.settings"), 303)
    return settings_page(form, form)


@blueprint.post("/settings/hours")
@for_administrators
def hour_sharing() -> ResponseReturnValue:
    form = HourSharingForm()
    if not form.validate() or not is_on(presets.HOURS):
        abort(422)
    operations.change_all(decided(form))
    db.session.commit()
    flash(_("The settings are saved."), "success")
    return redirect(url_for("admin.settings"), 303)


@blueprint.post("/settings/logo")
@for_administrators
def logo() -> ResponseReturnValue:
    form = LogoForm()
    if form.validate():
        try:
            operations.set_logo(aside(fitted, form.logo.data.read()), me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("The logo is saved."), "success")
            return redirect(url_for("admin.settings"), 303)
    return settings_page(form, logo_form=form)


@blueprint.post("/settings/logo/removal")
@for_administrators
def remove_logo() -> ResponseReturnValue:
    operations.remove_logo()
    db.session.commit()
    flash(_("The logo is gone."), "success")
    return redirect(url_for("admin.settings"), 303)


def settings_page(
    refused: Form,
    form: SettingsForm | None = None,
    logo_form: LogoForm | None = None,
    rules_form: HourRulesForm | None = None,
) -> ResponseReturnValue:
    """The page of all forms; `refused` is the one whose errors stand at the top, the others are as they are stored."""
    with intending("read"):
        rules = wallet.rules()
    stored = {"starting_minutes": as_typed(rules.starting_minutes), "credit_limit": as_typed(rules.credit_limit)}
    page = render_template(
        "admin/settings.html",
        form=refused,
        settings_form=form or SettingsForm(formdata=None, data=asdict(visit().community)),
        hour_rules_form=rules_form or HourRulesForm(formdata=None, data=stored),
        logo_form=logo_form or LogoForm(formdata=None),
        removal_form=EmptyForm(formdata=None),
        hours_form=HourSharingForm(formdata=None, data=asdict(visit().community)),
        hour_sharing_texts=HOUR_SHARING_TEXTS,
        joining_texts=JOINING_TEXTS,
    )
    return page, 422 if refused.errors else 200
