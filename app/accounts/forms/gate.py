"""Joining, signing in, and getting back in."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField
from wtforms.validators import InputRequired

from app.accounts import emails, names, passwords
from app.accounts.forms.fields import AddressField, SecretField, ZoneField, obeys
from app.core.forms import Form, LineField, required

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext


class SignUpForm(Form):
    name = LineField(
        _l("Your name"),
        names.LONGEST,
        validators=[required(_l("Tell us the name by which others may call you.")), obeys(names.require_good)],
    )
    email = AddressField(
        _l("E-mail address"), validators=[required(_l("Type an e-mail address.")), obeys(emails.normal)]
    )
    password = SecretField(
        _l("Password"), validators=[InputRequired(_l("Choose a password.")), obeys(passwords.require_typeable)]
    )
    timezone = ZoneField(_l("Time zone"))


class SignInForm(Form):
    email = AddressField(_l("E-mail address"))
    password = SecretField(_l("Password"), validators=[InputRequired(_l("Type your password."))])
    reopen = BooleanField(_l("Reopen my account"))
    next = HiddenField()


class AddressForm(Form):
    """An address to which a mail is sent."""

    email = AddressField(
        _l("E-mail address"), validators=[required(_l("Type an e-mail address.")), obeys(emails.normal)]
    )


class NewPasswordForm(Form):
    password = SecretField(
        _l("New password"), validators=[InputRequired(_l("Choose a password.")), obeys(passwords.require_typeable)]
    )


class VerifyForm(Form):
    """The password is asked only in another browser than the one that signed up."""

    password = SecretField(_l("Your password"))


class EmptyForm(Form):
    """A button."""
