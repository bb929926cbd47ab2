"""What coordinators decide about hours."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField
from wtforms.validators import ValidationError

from app.core.errors import DomainError
from app.core.forms import Form, LineField, LinesField, required
from app.core.idempotency import OnceForm
from app.core.money import parse_amount, plain_amount
from app.wallet.limits import LONGEST_REASON
from app.wallet.organisations import LONGEST_ABOUT, LONGEST_NAME

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
LONGEST_CORRECTION = 200


class TimeField(LineField):
    """Hours and minutes as one writes them, such as 5 or 1:30; `amount` is in minutes."""

    amount = 0

    def __init__(self, label: Any, **kwargs: Any) -> None:
        asked = required(_l("Write hours, such as 5 or 1:30; 0 for none."))
        super().__init__(label, 40, validators=[asked], **kwargs)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        if validation_stopped or self.errors:
            return
        try:
            self.amount = parse_amount(self.data or "")
        except DomainError as error:
            raise ValidationError(error.message) from error


class HourRulesForm(Form):
    starting_minutes = TimeField(_l("What a new member starts with"))
    credit_limit = TimeField(_l("How far below zero everybody may go"))


class LimitForm(Form):
    limit = TimeField(_l("How far below zero this member may go"))
    reason = LineField(_l("Why?"), LONGEST_REASON, validators=[required(_l("Say why: other coordinators read it."))])


class OrganisationForm(Form):
    name = LineField(_l("Name"), LONGEST_NAME, validators=[required(_l("Give it a name."))])
    about = LinesField(_l("What it is for"), LONGEST_ABOUT)


class PotForm(Form):
    about = LinesField(_l("What it is for"), LONGEST_ABOUT)


class NamingForm(Form):
    member = HiddenField()


class ReversalForm(OnceForm):
    reason = LineField(
        _l("Why?"), LONGEST_CORRECTION, validators=[required(_l("Say why: both sides read it on their statements."))]
    )


def as_typed(minutes: int) -> str:
    """Minutes as the fields above show them."""
    return plain_amount(minutes).removesuffix(":00")
