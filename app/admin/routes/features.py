"""What is switched on: the preset and each feature."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import visit
from app.admin.forms.community import PRESET_TEXTS, EmptyForm, PresetForm
from app.admin.routes.blueprint import blueprint, for_administrators
from app.community import switching
from app.core.db import db
from app.core.registry import registry


@blueprint.get("/features")
@for_administrators
def features() -> ResponseReturnValue:
    return _page(PresetForm(formdata=None, preset=visit().community.preset))


@blueprint.post("/features")
@for_administrators
def change_features() -> ResponseReturnValue:
    form = EmptyForm()
    if not form.validate():
        return redirect(url_for("admin.features"), 303)
    ticked = set(request.form.getlist("features"))
    try:
        switching.decide({key: key in ticked for key in registry().switches})
    except switching.FeatureInUse as error:
        return in_use(error)
    db.session.commit()
    flash(_("The features are saved."), "success")
    return redirect(url_for("admin.features"), 303)


@blueprint.post("/preset")
@for_administrators
def preset() -> ResponseReturnValue:
    form = PresetForm()
    if not form.validate():
        return _page(form)
    try:
        switching.choose_preset(form.preset.data)
    except switching.FeatureInUse as error:
        return in_use(error)
    db.session.commit()
    flash(_("The preset is chosen; its features are on."), "success")
    return redirect(url_for("admin.features"), 303)


def in_use(error: switching.FeatureInUse) -> ResponseReturnValue:
    """The list of what stands in the way; nothing was switched."""
    db.session.rollback()
    return render_template("admin/in_use.html", found=error.found), 409


def _page(form: PresetForm) -> ResponseReturnValue:
    community = visit().community
    page = render_template(
        "admin/features.html",
        form=form,
        preset_texts=PRESET_TEXTS,
        features_form=EmptyForm(formdata=None),
        features=[(switch, community.is_on(switch.key)) for switch in registry().switches.values()],
    )
    return page, 422 if form.errors else 200
