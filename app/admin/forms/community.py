"""What administrators decide about the community."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice

from app.community import domains
from app.community.colours import COLOURS
from app.community.models import APPROVAL, EACH, INVITED, OPEN, SHARED
from app.community.operations import LONGEST
from app.community.presets import PRESETS
from app.core.forms import Form, LineField, LinesField, required
from app.core.i18n import LOCALES

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
ONE_OF_THEM: dict[str, Any] = {"invalid_choice_message": _l("Please choose one.")}
JOINING = [
    SelectChoice(OPEN, _l("Anyone")),
    SelectChoice(INVITED, _l("Invited people only")),
    SelectChoice(APPROVAL, _l("Anyone, after a coordinator said yes")),
]
JOINING_TEXTS = {
    OPEN: _l("Whoever signs up and confirms the address is in at once."),
    INVITED: _l("Members and coordinators send invitations or pass a link on."),
    APPROVAL: _l("Newcomers wait, and nobody sees them, until a coordinator lets them in."),
}
HOUR_SHARING = [
    SelectChoice(EACH, _l("The full time counts for each")),
    SelectChoice(SHARED, _l("They share the time")),
]
HOUR_SHARING_TEXTS = {
    EACH: _l("Two hours of help for three people: each of them gives two hours."),
    SHARED: _l("Two hours of help for three people: each of them gives forty minutes."),
}
PRESET_TEXTS = {preset.key: preset.text for preset in PRESETS.values()}


class PlaceForm(Form):
    name = LineField(_l("Name of the community"), LONGEST, validators=[required(_l("Give your community a name."))])
    place = LineField(_l("Place"), LONGEST)
    locale = SelectField(
        _l("Language"),
        choices=lambda: [SelectChoice(*pair) for pair in LOCALES.items()],
        **ONE_OF_THEM,
    )


class RulesForm(Form):
    joining = RadioField(_l("Who may join"), choices=JOINING, **ONE_OF_THEM)
    allowed_domains = LinesField(_l("Only with these mail domains"), domains.LONGEST)
    public_directory = BooleanField(_l("Open the directory to visitors"))


class SettingsForm(PlaceForm, RulesForm):
    colour = RadioField(
        _l("Colour"),
        choices=[SelectChoice(colour.key, colour.label) for colour in COLOURS.values()],
        **ONE_OF_THEM,
    )


class HourSharingForm(Form):
    hour_sharing = RadioField(
        _l("When several people were helped, or helped, at once"), choices=HOUR_SHARING, **ONE_OF_THEM
    )


class LogoForm(Form):
    logo = FileField(_l("Logo"), validators=[FileRequired(_l("Choose a picture first."))])


class PresetForm(Form):
    preset = RadioField(
        _l("What are you?"),
        choices=[SelectChoice(preset.key, preset.label) for preset in PRESETS.values()],
        **ONE_OF_THEM,
    )


class EmptyForm(Form):
    """A button."""


def decided(form: Form) -> dict[str, str]:
    """What the form says, as the texts that community.operations.change_all takes."""
    return {field.name: _text(field.data) for field in form if field.name != "csrf_token"}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value or "")
