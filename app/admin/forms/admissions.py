"""Inviting, answering newcomers, and writing the terms."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.accounts.invitations import LABEL_LONGEST, NOTE_LONGEST
from app.accounts.operations.inviting import LONGEST_DAYS, MOST_USES
from app.community import domains, terms
from app.core.forms import Form, LineField, LinesField, required

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
REASON_LONGEST = 1000
DAYS = 14


class NumberField(IntegerField):
    """A whole number between two, in plain words when it is not."""

    def __init__(self, label: Any, least: int, most: int, **kwargs: Any) -> None:
        message = _l("A number from %(least)d to %(most)d, please.", least=least, most=most)
        self.message = message
        checks = [InputRequired(message), NumberRange(least, most, message)]
        super().__init__(label, checks, **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata([value[:12] for value in valuelist])
        except ValueError as error:
            raise ValueError(self.message) from error


class InviteForm(Form):
    """A personal invitation by mail."""

    email = LineField(_l("E-mail address"), 254, validators=[required(_l("Type an e-mail address."))])
    note = LinesField(_l("A few words"), NOTE_LONGEST)
    days = NumberField(_l("Days until it runs out"), 1, LONGEST_DAYS, default=DAYS)


class LinkForm(Form):
    """A link for many."""

    label = LineField(_l("What it is for"), LABEL_LONGEST)
    max_uses = NumberField(_l("How many people may come with it"), 1, MOST_USES, default=20)
    days = NumberField(_l("Days until it runs out"), 1, LONGEST_DAYS, default=DAYS)
    allowed_domains = LineField(_l("Only with these mail domains"), domains.LONGEST)


class RefusalForm(Form):
    reason = LinesField(
        _l("Why not?"), REASON_LONGEST, validators=[required(_l("Say why: it is sent to the newcomer."))]
    )


class TermsTextForm(Form):
    """The terms in Markdown; `after` is the number of the version that was seen."""

    text = LinesField(_l("Text"), terms.LONGEST, validators=[required(_l("Write the terms."))])
    after = HiddenField()
