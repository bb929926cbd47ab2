"""What a member without e-mail offers and wants, as a coordinator writes it down."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import Field, HiddenField, RadioField, StringField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from app.core.access import LARGEST_ID
from app.core.forms import Form, LineField, chosen
from app.skills.levels import LEVELS
from app.skills.models import KINDS, OFFER
from app.skills.operations import Details
from app.skills.spelling import LONGEST_NAME

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
PROPOSAL = "new"
LONGEST_ID = 19


class EntryForm(Form):
    """`skill` is an id, or PROPOSAL for what was typed in `q`."""

    kind = HiddenField()
    q = LineField(_l("Name"), maximum=LONGEST_NAME)
    skill = StringField(_l("Skill"))
    level = RadioField(
        _l("Level"),
        choices=[SelectChoice(str(number), label) for number, label in LEVELS.items()],
        validators=[chosen()],
    )
    note = LineField(_l("Note"), maximum=200)

    def validate_skill(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose a skill."))

    @property
    def known_kind(self) -> str:
        return self.kind.data if self.kind.data in KINDS else OFFER

    def details(self) -> Details:
        return Details(int(self.level.data), note=self.note.data or "")


def id_in(text: str | None) -> int:
    """The id in `text`, 0 (which no row has) when there is none."""
    number = int(text) if text and text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else 0
    return number if number <= LARGEST_ID else 0
