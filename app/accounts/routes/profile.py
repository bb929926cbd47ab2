"""What members show of themselves."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.accounts import languages, operations, queries
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import EmptyForm
from app.accounts.forms.settings import PictureForm, ProfileForm
from app.accounts.models import User
from app.accounts.routes.blueprints import settings_blueprint
from app.accounts.routes.browser import form_page
from app.accounts.threads import aside
from app.accounts.viewer import me
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError
from app.core.forms import Form
from app.core.images import squared


@settings_blueprint.route("/profile", methods=["GET", "POST"])
def profile() -> ResponseReturnValue:
    form = _profile_form(request.form if request.method == "POST" else None)
    if form.validate_on_submit():
        try:
            operations.change_profile(me.id, _told(form))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("Your profile is saved."), "success")
            return redirect(url_for("settings.profile"), 303)
    return _page(form, form)


@settings_blueprint.route("/picture", methods=["GET", "POST"])
def picture() -> ResponseReturnValue:
    """Takes a picture; its form stands on the page of the profile."""
    form = PictureForm()
    if not form.is_submitted():
        return redirect(url_for("settings.profile"), 303)
    if form.validate():
        try:
            operations.set_picture(me.id, aside(squared, form.picture.data.read()))
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("Your picture is saved."), "success")
            return redirect(url_for("settings.profile"), 303)
    return _page(form, _profile_form(None), form)


@settings_blueprint.post("/picture/removal")
def remove_picture() -> ResponseReturnValue:
    operations.remove_picture(me.id)
    db.session.commit()
    flash(_("Your picture is gone."), "success")
    return redirect(url_for("settings.profile"), 303)


def _profile_form(sent: MultiDict[str, str] | None) -> ProfileForm:
    """Filled with what is stored, over which goes what was sent."""
    with intending("read"):
        user = db.session.get_one(User, me.id)
        stored = {
            "name": user.name,
            "pronouns": user.pronouns,
            "bio": user.bio,
            "location": user.location,
            "phone": user.phone,
            "phone_visibility": user.phone_visibility,
            "learning_style": user.learning_style,
            "languages": list(db.session.scalars(queries.languages_of(me.id))),
        }
    end_reading()
    return ProfileForm(formdata=sent, data=stored)


def _told(form: ProfileForm) -> operations.Profile:
    return operations.Profile(
        text_of(form.name),
        text_of(form.pronouns),
        text_of(form.bio),
        text_of(form.location),
        text_of(form.learning_style),
        form.languages.data or (),
        text_of(form.phone),
        text_of(form.phone_visibility),
    )


def _page(refused: Form, form: ProfileForm, picture_form: PictureForm | None = None) -> ResponseReturnValue:
    return form_page(
        "settings/profile.html",
        refused,
        profile_form=form,
        picture_form=picture_form or PictureForm(formdata=None),
        removal_form=EmptyForm(formdata=None),
        common=len(languages.COMMON),
    )
