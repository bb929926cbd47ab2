"""The form of preferences: a question for each kind of notice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext
from wtforms import IntegerField, RadioField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange
from wtforms.widgets import HiddenInput

from app.core.access import LARGEST_ID
from app.core.forms import Form, chosen
from app.core.registry import NoticeKind
from app.notices.models import DIGEST, IN_APP, MAIL, OFF

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext

CHANNELS = {
    IN_APP: _l("Here only"),
    MAIL: _l("Mail at once"),
    DIGEST: _l("Daily mail"),
    OFF: _l("Not at all"),
}
BY_MAIL = _l("By mail")


class ReadAllForm(Form):
    """Marks what was shown, not what came since."""

    newest = IntegerField(validators=[InputRequired(), NumberRange(0, LARGEST_ID)], widget=HiddenInput())


def preferences_form(kinds: Iterable[NoticeKind], channels: Mapping[str, str]) -> Form:
    """One field of radio buttons for each kind, by its name, filled with the member's channels."""
    fields = {kind.name: _field(kind, channels[kind.name]) for kind in kinds}
    made: type[Form] = type("PreferencesForm", (Form,), fields)
    return made()


def _field(kind: NoticeKind, channel: str) -> RadioField:
    labels = CHANNELS if IN_APP in kind.channels else {**CHANNELS, MAIL: BY_MAIL}
    choices = [SelectChoice(name, labels[name]) for name in CHANNELS if name in kind.channels]
    return RadioField(kind.label, choices=choices, default=channel, validators=[chosen()])
