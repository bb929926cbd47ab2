"""The first administrator."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import PasswordField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import EmailInput

from app.accounts import emails, names
from app.accounts.availability import timezone_choices
from app.core.forms import Form, LineField, required

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
ONE_OF_THEM: dict[str, Any] = {"invalid_choice_message": _l("Please choose a time zone from the list.")}


class YouForm(Form):
    name = LineField(
        _l("Your name"), names.LONGEST, validators=[required(_l("Tell us the name by which others may call you."))]
    )
    email = LineField(
        _l("E-mail address"), emails.LONGEST, validators=[required(_l("Type an e-mail address."))], widget=EmailInput()
    )
    password = PasswordField(_l("Password"), validators=[InputRequired(_l("Choose a password."))])
    timezone = SelectField(
        _l("Time zone"),
        choices=lambda: [
            SelectChoice(zone, city, optgroup=region or None) for region, zone, city in timezone_choices()
        ],
        default="UTC",
        **ONE_OF_THEM,
    )
