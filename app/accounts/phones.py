"""Telephone numbers as members write them: nothing is dialled here, so any way of writing one is good."""

from __future__ import annotations

import re

from flask_babel import gettext as _

from app.core.errors import DomainError

LONGEST = 40
WRITTEN = re.compile(r"\+?[\d\s()./-]*(?:(?:ext|x)\.?\s?\d+)?", re.ASCII | re.IGNORECASE)
FEWEST_DIGITS = 3


def require_good(phone: str) -> None:
    """Raises DomainError (field "phone") for what nobody could dial; "" is no number, and good."""
    if phone and (not WRITTEN.fullmatch(phone) or len(digits(phone)) < FEWEST_DIGITS or len(phone) > LONGEST):
        raise DomainError(_("This is not a telephone number. It looks like +34 600 123 456."), "phone")


def digits(text: str) -> str:
    """What two ways of writing a number have in common."""
    return re.sub(r"[^0-9]", "", text)
