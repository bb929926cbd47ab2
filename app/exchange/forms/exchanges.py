"""What members send about exchanges. Times are typed in the reader's own zone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import DateTimeLocalField, Field, HiddenField, IntegerField, RadioField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional, ValidationError

from app.accounts.viewer import me
from app.core.forms import Form, LineField, LinesField, chosen
from app.core.money import format_amount
from app.core.text import has_forbidden
from app.exchange.models.exchanges import (
    GIFT,
    LONGEST_ABOUT,
    LONGEST_LINK,
    LONGEST_NOTE,
    LONGEST_PLACE,
    SWAP,
    TIME_CREDIT,
)
from app.exchange.operations.planning import Meeting

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
DURATIONS = (15, 30, 45, 60, 75, 90, 120, 150, 180, 240, 300, 360, 480)
USUAL_MINUTES = 60
LARGEST_VERSION = 2**31 - 1
LAST_YEAR = 9000


class MomentField(DateTimeLocalField):
    """A day and a time in the reader's zone; `moment` is when that is."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = ["".join(sign for sign in str(value) if not has_forbidden(sign)) for value in valuelist]
        super().process_formdata(typed)

    @property
    def moment(self) -> datetime | None:
        if self.data is None:
            return None
        if not 2000 <= self.data.year <= LAST_YEAR:  # far from where time ends
            return self.data.replace(year=2000 if self.data.year < LAST_YEAR else LAST_YEAR, day=1, tzinfo=UTC)
        return self.data.replace(tzinfo=zone()).astimezone(UTC)


class PlaceMixin:
    """Where one meets: a place, or the address of a call."""

    place = LineField(_l("Place"), maximum=LONGEST_PLACE)
    link = LineField(_l("Link to a call"), maximum=LONGEST_LINK)

    def validate_link(self, field: Field) -> None:
        if field.data and not _is_web_address(field.data):
            raise ValidationError(_("This is no web address: it begins with https://."))


class ProposalForm(PlaceMixin, Form):
    """`give` is what the reader does for the other one, `get` the other way round."""

    version = HiddenField()
    kind = RadioField(_l("How"), choices=[], validators=[chosen()])
    give = LineField(_l("You help with"), maximum=LONGEST_ABOUT)
    give_minutes = SelectField(_l("How long"), choices=[])
    get = LineField(_l("You are helped with"), maximum=LONGEST_ABOUT)
    get_minutes = SelectField(_l("How long"), choices=[])
    starts_at = MomentField(_l("When"), validators=[Optional()])
    note = LinesField(_l("A few words"), maximum=LONGEST_NOTE)

    def choose_kinds(self, *, counted: bool) -> None:
        kinds = {SWAP: _("Swap"), TIME_CREDIT: _("For hours"), GIFT: _("As a gift")}
        shown = {kind: label for kind, label in kinds.items() if counted or kind != TIME_CREDIT}
        self.kind.choices = [SelectChoice(kind, label) for kind, label in shown.items()]

    def choose_durations(self, *more: int) -> None:
        known = sorted({*DURATIONS, *more})
        for field in (self.give_minutes, self.get_minutes):
            field.choices = [SelectChoice(str(each), format_amount(each)) for each in known]


class MeetingForm(PlaceMixin, Form):
    """`sequence` is the one that was shown, of a meeting that is changed."""

    sequence = HiddenField()
    starts_at = MomentField(_l("When"), validators=[chosen(_l("Say when."))])
    minutes = SelectField(_l("How long"), choices=[])

    def choose_durations(self, *more: int) -> None:
        known = sorted({*DURATIONS, *more})
        self.minutes.choices = [SelectChoice(str(each), format_amount(each)) for each in known]

    def meeting(self) -> Meeting:
        moment = self.starts_at.moment
        if moment is None:
            raise ValueError("the form was not validated")
        return Meeting(moment, int(self.minutes.data), me.timezone, self.place.data or "", self.link.data or "")


class AnswerForm(Form):
    """`version` is the one that was shown; `reason` is for the other one."""

    version = IntegerField(validators=[NumberRange(1, LARGEST_VERSION)])
    reason = LineField(_l("A few words"), maximum=300)


class SequenceForm(Form):
    sequence = IntegerField(validators=[NumberRange(0, LARGEST_VERSION)])


def zone() -> ZoneInfo:
    return ZoneInfo(me.timezone or "UTC")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:  # half of an IPv6 address, for one
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc) and " " not in text
