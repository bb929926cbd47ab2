"""What a member sends with a report."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, Field, RadioField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from app.core.forms import Form, LinesField, chosen
from app.reports.texts import REASONS

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext


class ReportForm(Form):
    reason = RadioField(
        _l("What is wrong?"),
        choices=[SelectChoice(key, label) for key, label in REASONS.items()],
        validators=[chosen()],
    )
    words = LinesField(_l("What happened"), maximum=2000)
    block = BooleanField(_l("Block them as well"))

    def validate_words(self, field: Field) -> None:
        if self.reason.data == "other" and not field.data:
            raise ValidationError(_("Tell us in a few words what it is."))
