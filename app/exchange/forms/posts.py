"""What members send about their posts."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional

from app.core.forms import DayField, Form, LineField, LinesField, chosen, required
from app.core.money import format_amount
from app.exchange.models.posts import LONGEST_PLACE, LONGEST_TEXT, LONGEST_TITLE, OFFER, REQUEST
from app.exchange.operations.posts import PostDetails

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
DURATIONS = (15, 30, 45, 60, 90, 120, 180, 240, 360, 480, 960)
LONGEST_SKILL = 50
LARGEST_VERSION = 2**31 - 1


def choose_duration(field: SelectField, chosen_minutes: int | None, nothing: str) -> None:
    """Fills the list of durations, with the one that is chosen already."""
    known = sorted({*DURATIONS, *([chosen_minutes] if chosen_minutes else [])})
    field.choices = [SelectChoice("", nothing), *(SelectChoice(str(each), format_amount(each)) for each in known)]


class PostForm(Form):
    """`skill`, `skill_2`, `skill_3` are names; `category` and `minutes` are filled by the view."""

    version = HiddenField()
    kind = RadioField(
        _l("What is it?"),
        choices=[SelectChoice(REQUEST, _l("I need something")), SelectChoice(OFFER, _l("I offer something"))],
        validators=[chosen()],
    )
    title = LineField(
        _l("In a few words"), maximum=LONGEST_TITLE, validators=[required(_l("Say in a few words what it is about."))]
    )
    text = LinesField(_l("More about it"), maximum=LONGEST_TEXT)
    skill = LineField(_l("Skill"), maximum=LONGEST_SKILL)
    skill_2 = LineField(_l("Second skill"), maximum=LONGEST_SKILL)
    skill_3 = LineField(_l("Third skill"), maximum=LONGEST_SKILL)
    category = SelectField(_l("Category"), choices=[])
    place = LineField(_l("Place"), maximum=LONGEST_PLACE)
    starts_on = DayField(_l("On"), validators=[Optional()])
    ends_on = DayField(_l("Until"), validators=[Optional()])
    minutes = SelectField(_l("How long it takes"), choices=[])
    until = DayField(_l("Take it down after"), validators=[Optional()])
    picture = FileField(_l("Picture"))
    drop_picture = BooleanField(_l("Take the picture away"))

    @property
    def skill_names(self) -> dict[str, str]:
        """What was typed, by field."""
        return {name: self[name].data for name in ("skill", "skill_2", "skill_3") if self[name].data}

    def details(self, skill_ids: list[int]) -> PostDetails:
        return PostDetails(
            kind=self.kind.data,
            title=self.title.data or "",
            text=self.text.data or "",
            skill_ids=skill_ids,
            category_id=int(self.category.data) if self.category.data else None,
            place=self.place.data or "",
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            minutes=int(self.minutes.data) if self.minutes.data else None,
            until=self.until.data,
        )


class VersionForm(Form):
    """`version` is the one that was shown."""

    version = IntegerField(validators=[NumberRange(1, LARGEST_VERSION)])
