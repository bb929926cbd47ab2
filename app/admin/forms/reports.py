"""What moderators decide about a report. `version` is the one that they were shown."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, RadioField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from app.admin.forms.version import VersionForm
from app.core.forms import LinesField, chosen, required
from app.reports.models import DISABLED, WARNED
from app.reports.texts import OUTCOMES

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext


class ResolutionForm(VersionForm):
    outcome = RadioField(
        _l("What is done"),
        choices=[SelectChoice(key, label) for key, label in OUTCOMES.items()],
        validators=[chosen()],
    )
    words = LinesField(_l("What the member is told"), maximum=1000)
    note = LinesField(_l("Note for the moderators"), maximum=2000)

    def allow_disabling(self, allowed: bool) -> None:
        if not allowed:
            choices = [SelectChoice(key, label) for key, label in OUTCOMES.items() if key != DISABLED]
            self.outcome.choices = choices

    def validate_words(self, field: Field) -> None:
        if self.outcome.data == WARNED and not field.data:
            raise ValidationError(_("Write what the member shall do differently."))


class DismissalForm(VersionForm):
    note = LinesField(
        _l("Why there is nothing to it"), maximum=2000, validators=[required(_l("Write a few words for the others."))]
    )
