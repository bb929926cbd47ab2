"""What members send about their lists."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectMultipleField, StringField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional, ValidationError

from app.accounts.viewer import me
from app.core.access import LARGEST_ID
from app.core.clock import now
from app.core.forms import DayField, Form, LineField, chosen
from app.skills.levels import LEVELS, PRIORITIES, USUAL_PRIORITY
from app.skills.models import KINDS, WANT
from app.skills.operations import AT_MOST, Details
from app.skills.spelling import LONGEST_NAME

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
PROPOSAL = "new"
FURTHEST_YEARS = 20


def skill_id(text: str | None) -> int:
    """The id in `text`, 0 (which no skill has) when there is none."""
    number = int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 19 else 0
    return number if number <= LARGEST_ID else 0


def last_day(until: datetime | None) -> date | None:
    """The last day, in the viewer's zone, on which an entry counts."""
    return (until - timedelta(microseconds=1)).astimezone(_zone()).date() if until else None


class EntryForm(Form):
    """Level, priority, note and end of one entry."""

    level = RadioField(
        _l("Level"),
        choices=[SelectChoice(str(number), label) for number, label in LEVELS.items()],
        validators=[chosen()],
    )
    priority = RadioField(
        _l("How much it matters"),
        choices=[SelectChoice(str(number), label) for number, label in PRIORITIES.items()],
        default=str(USUAL_PRIORITY),
    )
    note = LineField(_l("Note"), maximum=200)
    until = DayField(_l("Until"), validators=[Optional()])

    def validate_until(self, field: Field) -> None:
        if field.data and field.data < now().astimezone(_zone()).date():
            raise ValidationError(_("That day is over. Leave it empty for no end."))
        if field.data and field.data.year > now().year + FURTHEST_YEARS:
            raise ValidationError(_("That is very far away. Leave it empty for no end."))

    def ask_for(self, kind: str) -> None:
        """Asks for the level in the words of `kind`."""
        self.level.label.text = _("Where you stand now") if kind == WANT else _("How well you know it")

    def details(self, paused: bool = False) -> Details:
        return Details(int(self.level.data), int(self.priority.data), self.note.data or "", self._end(), paused)

    def _end(self) -> datetime | None:
        """The midnight after the last day, in the member's zone."""
        if self.until.data is None:
            return None
        return datetime.combine(self.until.data + timedelta(days=1), time(), _zone())


class KindForm(Form):
    """For the kind `kind`; ids of its fields start with the kind, because the page may hold one for each kind."""

    kind = HiddenField()

    def __init__(self, *args: Any, prefix_ids: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self if prefix_ids else ():
            field.id = f"{prefix_ids}-{field.short_name}"

    def validate_kind(self, field: Field) -> None:
        if field.data not in KINDS:
            raise ValidationError(_("Choose whether you offer or want it."))


class AddForm(KindForm, EntryForm):
    """`skill` is an id, or PROPOSAL for what was typed in `q`. `paused` and `until` come along when one is put back."""

    skill = StringField(_l("Skill"))
    q = LineField(_l("Name"), maximum=LONGEST_NAME)
    paused = BooleanField()

    def validate_skill(self, field: Field) -> None:
        if not field.data and not self.q.data:
            raise ValidationError(_("Choose a skill."))


class PicksForm(KindForm):
    """Several skills ticked at once."""

    skill = SelectMultipleField(_l("Skills"), validate_choice=False)

    def validate_skill(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Tick at least one."))
        if len(field.data) > AT_MOST:
            raise ValidationError(_("At most %(max)d at once, please.", max=AT_MOST))


def _zone() -> ZoneInfo:
    return ZoneInfo(me.timezone or "UTC")
