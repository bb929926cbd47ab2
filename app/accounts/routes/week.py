"""When members have time."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import operations, queries
from app.accounts.forms.week import WeekForm, filled
from app.accounts.routes.blueprints import settings_blueprint
from app.accounts.routes.browser import form_page
from app.accounts.viewer import me
from app.core.db import db
from app.core.errors import DomainError


@settings_blueprint.route("/availability", methods=["GET", "POST"])
def availability() -> ResponseReturnValue:
    form = WeekForm()
    if not form.is_submitted():
        form = WeekForm(data=filled(me.timezone, db.session.scalars(queries.slots_of(me.id))))
    elif form.validate():
        try:
            operations.change_availability(me.id, form.timezone.data, form.slots())
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("Your hours are saved."), "success")
            return redirect(url_for("settings.availability"), 303)
    return form_page("settings/availability.html", form)
