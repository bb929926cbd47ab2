"""What members change about themselves."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from app.accounts import emails, languages, names, passwords, phones
from app.accounts.forms.fields import AddressField, SecretField, obeys, unless_chosen
from app.accounts.models import TO_COORDINATORS, TO_MEMBERS
from app.core.forms import Form, LineField, LinesField, required
from app.core.i18n import LOCALES

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
STYLES = [
    SelectChoice("", _l("No preference")),
    SelectChoice("talking", _l("Talking it through")),
    SelectChoice("watching", _l("Watching first")),
    SelectChoice("doing", _l("Trying it myself")),
    SelectChoice("reading", _l("Reading up on it")),
]
WHO_SEES_IT = [SelectChoice(TO_COORDINATORS, _l("Coordinators only")), SelectChoice(TO_MEMBERS, _l("All members"))]


class ProfileForm(Form):
    name = LineField(
        _l("Name"), names.LONGEST, validators=[required(_l("Tell us the name by which others may call you."))]
    )
    pronouns = LineField(_l("Pronouns"), 40)
    bio = LinesField(_l("About you"), 1000)
    location = LineField(_l("Place"), 80)
    phone = LineField(_l("Telephone"), phones.LONGEST, validators=[obeys(phones.require_good)])
    phone_visibility = RadioField(
        _l("Who sees the number"),
        choices=WHO_SEES_IT,
        default=TO_COORDINATORS,
        **unless_chosen(_l("Please choose one.")),
    )
    learning_style = RadioField(
        _l("How you learn best"), choices=STYLES, default="", **unless_chosen(_l("Please choose one."))
    )
    languages = SelectMultipleField(
        _l("Languages you speak"),
        choices=lambda: [SelectChoice(code, name) for code, name in languages.choices()],
        **unless_chosen(_l("Please choose from the list.")),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Length(max=languages.MOST, message=_l("At most %(most)d languages, please.", most=languages.MOST))],
    )


class PictureForm(Form):
    picture = FileField(_l("Picture"), validators=[FileRequired(_l("Choose a picture first."))])


class LocaleForm(Form):
    locale = SelectField(
        _l("Language"),
        choices=[SelectChoice(code, name) for code, name in LOCALES.items()],
        validators=[InputRequired()],
    )


class EmailChangeForm(Form):
    email = AddressField(
        _l("New e-mail address"), validators=[required(_l("Type an e-mail address.")), obeys(emails.normal)]
    )
    current_password = SecretField(_l("Your password"), validators=[InputRequired(_l("Type your password."))])


class PasswordForm(Form):
    current_password = SecretField(_l("Your password now"), validators=[InputRequired(_l("Type your password."))])
    password = SecretField(
        _l("New password"), validators=[InputRequired(_l("Choose a password.")), obeys(passwords.require_typeable)]
    )


class ClosingForm(Form):
    sure = BooleanField(_l("Yes, close my account"), validators=[InputRequired(_l("Tick this if you are sure."))])
    current_password = SecretField(_l("Your password"), validators=[InputRequired(_l("Type your password."))])


class PrintForm(Form):
    in_print = BooleanField(_l("I agree to stand in the printed directory"))


class PauseForm(Form):
    paused = BooleanField(_l("I am taking a break"))
