"""What members send from the pages of their wallet."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, IntegerField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from app.core.access import LARGEST_ID
from app.core.forms import LineField, required
from app.core.idempotency import OnceForm
from app.core.money import MINUTES_AN_HOUR
from app.wallet.operations import Gift, Purse

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
ONE_OF_THEM: dict[str, Any] = {"invalid_choice_message": _l("Please choose one.")}
LARGEST_HOURS = 10_000
LONGEST_REASON = 200


class _Number(IntegerField):
    """A whole number from 0 to `most`."""

    def __init__(self, label: Any, most: int, **kwargs: Any) -> None:
        self.message = _l("A whole number from 0 to %(most)s, please.", most=most)
        super().__init__(label, [InputRequired(self.message), NumberRange(0, most, self.message)], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata([value[:12] for value in valuelist])
        except ValueError as error:
            raise ValueError(self.message) from error


class GiveForm(OnceForm):
    """`to` and `organisation` are ids, of which one is given; `purse` is an organisation's id, 0 for oneself."""

    to = HiddenField(_l("To"))
    organisation = HiddenField()
    purse = SelectField(_l("From"), default="0", **ONE_OF_THEM)
    hours = _Number(_l("Hours"), LARGEST_HOURS, default=1)
    minutes = _Number(_l("Minutes"), MINUTES_AN_HOUR - 1, default=0)
    reason = LineField(_l("What for?"), LONGEST_REASON, validators=[required(_l("Say what it is for."))])

    def offer(self, purses: list[Purse]) -> None:
        self.purse.choices = [SelectChoice(str(purse.organisation_id), purse.name) for purse in purses]

    def gift(self) -> Gift:
        return Gift(
            minutes=(self.hours.data or 0) * MINUTES_AN_HOUR + (self.minutes.data or 0),
            reason=self.reason.data or "",
            to_id=id_in(self.to.data),
            to_organisation_id=id_in(self.organisation.data),
            from_organisation_id=id_in(self.purse.data),
        )


def id_in(text: str | None) -> int:
    """The id that an address or a hidden field holds, 0 for none."""
    text = text or ""
    known = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return int(text) if known and int(text) <= LARGEST_ID else 0
