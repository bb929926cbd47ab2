"""What members send about help that was given."""

from __future__ import annotations

from datetime import date
from typing import Any, cast

from flask_babel import lazy_gettext
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, IntegerField, RadioField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from app.community.models import HOUR_SHARING
from app.core.forms import DayField, LineField, chosen
from app.core.idempotency import OnceForm
from app.exchange.hours.answering import LONGEST_REASON
from app.exchange.hours.plan import MOST_MINUTES, MOST_PEOPLE, Help

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
HELPED_ME, I_HELPED, OTHERS = "helped-me", "i-helped", "others"
DIRECTIONS = {
    HELPED_ME: _l("Somebody helped me"),
    I_HELPED: _l("I helped somebody"),
    OTHERS: _l("Members helped each other, and I write it down for them"),
}
LONGEST_SEARCH, LONGEST_NOTE = 60, 500
LARGEST_VERSION = 2**31 - 1
MINUTES_AN_HOUR = 60


class RecordForm(OnceForm):
    """`q` looks for people; who was chosen stands in hidden fields that `Chosen` reads. `category` is filled by the
    view."""

    direction = RadioField(_l("What happened?"), choices=[], validators=[chosen()], default=HELPED_ME)
    q = LineField(_l("Name or member number"), maximum=LONGEST_SEARCH)
    hours = IntegerField(_l("Hours"), validators=[Optional(), NumberRange(0, MOST_MINUTES // MINUTES_AN_HOUR)])
    minutes = IntegerField(_l("Minutes"), validators=[Optional(), NumberRange(0, MOST_MINUTES)])
    done_on = DayField(_l("On which day?"), validators=[InputRequired(_l("Choose the day on which it was."))])
    category = SelectField(_l("What was it about?"), choices=[])
    note = LineField(_l("Note"), maximum=LONGEST_NOTE)

    def offer_directions(self, coordinates: bool) -> None:
        keys = DIRECTIONS if coordinates else (HELPED_ME, I_HELPED)
        self.direction.choices = [SelectChoice(key, DIRECTIONS[key]) for key in keys]

    def help(self, recorder_id: int, chosen_people: Chosen) -> Help:
        """Of a form that is valid; for others the first of two is 0 until somebody is chosen."""
        for_others, done_on = self.direction.data == OTHERS, cast("date", self.done_on.data)
        return Help(
            one=chosen_people.one if for_others else recorder_id,
            others=chosen_people.others,
            is_helper=self.direction.data != HELPED_ME,
            minutes=(self.hours.data or 0) * MINUTES_AN_HOUR + (self.minutes.data or 0),
            done_on=done_on,
            category_id=int(self.category.data) if self.category.data else None,
            note=self.note.data or "",
        )


class Chosen:
    """Who was chosen so far: `others` in the order of choosing, and `one`, who helped them, where it is not oneself."""

    def __init__(self, one: int = 0, others: list[int] | None = None) -> None:
        self.one = one
        self.others = others or []

    @classmethod
    def sent(cls, values: MultiDict[str, str]) -> Chosen:
        others = [number for text in values.getlist("others") if (number := whole(text))]
        return cls(whole(values.get("one", "")), list(dict.fromkeys(others))[: MOST_PEOPLE + 1])

    def add(self, member_id: int) -> None:
        if member_id and member_id not in self.others:
            self.others.append(member_id)

    def remove(self, member_id: int) -> None:
        self.others = [other for other in self.others if other != member_id]

    @property
    def ids(self) -> list[int]:
        return [member_id for member_id in (self.one, *self.others) if member_id]


class PostForm(RecordForm):
    """With the rule that the preview showed."""

    sharing = HiddenField()

    @property
    def rule(self) -> str:
        return self.sharing.data if self.sharing.data in HOUR_SHARING else ""


class VersionForm(OnceForm):
    """`version` is the one that was shown."""

    version = IntegerField(validators=[InputRequired(), NumberRange(1, LARGEST_VERSION)])


class ReasonForm(VersionForm):
    reason = LineField(_l("Why?"), maximum=LONGEST_REASON)


def whole(text: str | None) -> int:
    """The id that `text` is, 0 for none."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= 18 else 0
