"""What reports say, in the reader's language."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext

from app.reports.models import (
    DISABLED,
    DISMISSED,
    IN_REVIEW,
    NOTHING,
    OPEN,
    RESOLVED,
    WARNED,
)

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext

REASONS: dict[str, Any] = {
    "harassment": _l("Harassment, threats or insults"),
    "spam": _l("Advertising or spam"),
    "dishonest": _l("Not who they say they are, or a fraud"),
    "unsafe": _l("Somebody may come to harm"),
    "other": _l("Something else"),
}
STATES: dict[str, Any] = {
    OPEN: _l("Waiting"),
    IN_REVIEW: _l("Being looked at"),
    RESOLVED: _l("Settled"),
    DISMISSED: _l("Nothing found"),
}
TONES = {OPEN: "warning", IN_REVIEW: "info", RESOLVED: "success", DISMISSED: "secondary"}
OUTCOMES: dict[str, Any] = {
    WARNED: _l("Warn by mail"),
    DISABLED: _l("Switch the account off"),
    NOTHING: _l("Nothing more to do"),
}
# What came of it, once it is settled.
SETTLED: dict[str, Any] = {
    WARNED: _l("warned by mail"),
    DISABLED: _l("account switched off"),
    NOTHING: _l("nothing more was needed"),
}
PARTS: dict[str, Any] = {
    "name": _l("Name"),
    "pronouns": _l("Pronouns"),
    "bio": _l("About"),
    "location": _l("Place"),
    "offer": _l("Offers"),
    "want": _l("Wants to learn"),
    "message": _l("Message"),
    "files": _l("Files"),
    "post": _l("Post"),
}
