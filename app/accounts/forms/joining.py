"""Joining by invitation, asking for one, agreeing to the terms."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import InputRequired, ValidationError

from app.accounts import emails, names
from app.accounts.forms.fields import AddressField, obeys
from app.accounts.forms.gate import SignUpForm
from app.accounts.invitations import NOTE_LONGEST
from app.core.forms import Form, LineField, LinesField, required

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
AGREE = _l("Please tick this, if you agree: nobody joins without it.")


class AgreeingSignUpForm(SignUpForm):
    """Signing up where there are terms: agreeing to the version `newest`, if it is still the one that was shown."""

    agree = BooleanField(_l("I have read the terms and agree to them"), validators=[InputRequired(AGREE)])
    terms_id = HiddenField()

    def __init__(self, newest: int, data: dict[str, str]) -> None:
        self.newest = str(newest)
        super().__init__(data={**data, "terms_id": self.newest})

    def validate_agree(self, field: Field) -> None:
        if self.terms_id.data != self.newest:
            self.terms_id.data, field.data = self.newest, False
            raise ValidationError(gettext("The terms were changed a moment ago. Please read them once more."))


class TermsForm(Form):
    agree = BooleanField(_l("I have read the terms and agree to them"), validators=[InputRequired(AGREE)])
    terms_id = HiddenField()
    next = HiddenField()


class RequestForm(Form):
    """A wish for an invitation."""

    name = LineField(
        _l("Your name"),
        names.LONGEST,
        validators=[required(_l("Tell us the name by which others may call you.")), obeys(names.require_good)],
    )
    email = AddressField(
        _l("E-mail address"), validators=[required(_l("Type an e-mail address.")), obeys(emails.normal)]
    )
    note = LinesField(_l("A few words for the coordinators"), NOTE_LONGEST)
