"""What coordinators write about members, and do to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext
from wtforms import Field, HiddenField, RadioField, SelectMultipleField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError
from wtforms.widgets import CheckboxInput, EmailInput, ListWidget

from app.accounts import emails, languages, names, phones
from app.accounts.models import TO_COORDINATORS, TO_MEMBERS, User
from app.accounts.operations import Record
from app.accounts.operations.offline import HIGHEST_NUMBER
from app.admin.forms.admissions import NumberField
from app.core.errors import DomainError
from app.core.forms import Form, LineField, LinesField, required

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
REASON_LONGEST = 1000
WHO_SEES_IT = [SelectChoice(TO_COORDINATORS, _l("Coordinators only")), SelectChoice(TO_MEMBERS, _l("All members"))]


def _unless_chosen(message: str) -> dict[str, Any]:
    """What a field of choices says about a choice that it does not have."""
    return {"invalid_choice_message": message}


class MemberForm(Form):
    """`proposed` is the number that was shown: left as it is, the member gets whatever is next by then."""

    proposed = HiddenField()
    name = LineField(_l("Name"), names.LONGEST, validators=[required(_l("Type the member's name."))])
    number = NumberField(_l("Member number"), 1, HIGHEST_NUMBER)
    phone = LineField(_l("Telephone"), phones.LONGEST)
    phone_visibility = RadioField(
        _l("Who sees the number"),
        choices=WHO_SEES_IT,
        default=TO_COORDINATORS,
        **_unless_chosen(_l("Please choose one.")),
    )
    location = LineField(_l("Place"), 80)
    pronouns = LineField(_l("Pronouns"), 40)
    bio = LinesField(_l("About"), 1000)
    languages = SelectMultipleField(
        _l("Languages"),
        choices=lambda: [SelectChoice(code, name) for code, name in languages.choices()],
        **_unless_chosen(_l("Please choose from the list.")),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        validators=[Length(max=languages.MOST, message=_l("At most %(most)d languages, please.", most=languages.MOST))],
    )
    coordinators_note = LinesField(_l("Coordinators' note"), 2000)

    def validate_name(self, field: Field) -> None:
        if field.data != field.object_data:
            _obey(names.require_good, field)

    def validate_phone(self, field: Field) -> None:
        _obey(phones.require_good, field)

    def record(self) -> Record:
        """What was typed; no number where the proposed one was left."""
        return Record(
            name=self.name.data or "",
            number=None if self.proposed.data == str(self.number.data) else self.number.data,
            phone=self.phone.data or "",
            phone_visibility=self.phone_visibility.data,
            location=self.location.data or "",
            languages=self.languages.data or (),
            pronouns=self.pronouns.data or "",
            bio=self.bio.data or "",
            coordinators_note=self.coordinators_note.data or "",
        )


class DisablingForm(Form):
    reason = LinesField(_l("Why?"), REASON_LONGEST, validators=[required(_l("Say why: it stands in the records."))])


class SignInForm(Form):
    email = LineField(
        _l("E-mail address"), emails.LONGEST, validators=[required(_l("Type an e-mail address."))], widget=EmailInput()
    )


def stored(member: User, spoken: Iterable[str]) -> dict[str, Any]:
    """What a MemberForm is filled with."""
    texts = ("name", "number", "phone", "phone_visibility", "location", "pronouns", "bio", "coordinators_note")
    return {**{name: getattr(member, name) for name in texts}, "languages": list(spoken)}


def _obey(rule: Any, field: Field) -> None:
    try:
        rule(field.data or "")
    except DomainError as error:
        raise ValidationError(error.message) from error
