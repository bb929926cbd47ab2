"""Fields that several forms share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any

from flask_babel import lazy_gettext
from wtforms import Field, PasswordField, SelectField, TimeField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError
from wtforms.widgets import EmailInput

from app.accounts import availability, emails
from app.core.errors import DomainError
from app.core.forms import LineField, required
from app.core.text import clean, has_forbidden

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
MINUTES_A_DAY = 24 * 60


class SecretField(PasswordField):
    """A password as it was typed, blanks included; it is never shown again."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""


class AddressField(LineField):
    """An e-mail address."""

    widget = EmailInput()

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        kwargs.setdefault("validators", [required(_l("Type an e-mail address."))])
        super().__init__(label, emails.LONGEST, **kwargs)


class ZoneField(SelectField):
    """A time zone, in groups by region."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        unknown = _l("Please choose a time zone from the list.")
        super().__init__(label, choices=_zones, default="UTC", **unless_chosen(unknown), **kwargs)


class ClockField(TimeField):
    """A time of day, None when it is left empty."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, format=["%H:%M", "%H:%M:%S"], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        text = clean("".join(c for c in valuelist[0] if not has_forbidden(c))) if valuelist else ""
        self.raw_data = [text[:20]]
        if text:
            try:
                super().process_formdata([text])
            except ValueError as error:
                raise ValueError(_l("This is not a time of day. It looks like 18:30.")) from error

    @property
    def minutes(self) -> int | None:
        """Minutes from midnight."""
        found: time | None = self.data
        return None if found is None else found.hour * 60 + found.minute


def _zones() -> list[SelectChoice]:
    return [SelectChoice(zone, city, optgroup=region or None) for region, zone, city in availability.timezone_choices()]


def text_of(field: Field) -> str:
    """What was typed; WTForms' hints allow None, which a field of a sent form never is."""
    return field.data or ""


def unless_chosen(message: str) -> dict[str, Any]:
    """What a field of choices says about a choice that it does not have."""
    return {"invalid_choice_message": message}


def obeys(rule: Callable[[str], object]) -> Callable[[Any, Field], None]:
    """A validator from a rule of ours that raises DomainError."""

    def check(_form: Any, field: Field) -> None:
        try:
            rule(field.data or "")
        except DomainError as error:
            raise ValidationError(error.message) from error

    return check
