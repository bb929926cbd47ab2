"""Changing what the coordinators decide."""

from __future__ import annotations

from app.community.models import THE_ONE, CommunitySettings
from app.core.db import db
from app.core.errors import DomainError
from app.core.i18n import LOCALES
from app.core.text import clean

WORDS = {"on": True, "off": False}


def settings() -> CommunitySettings:
    return db.session.get_one(CommunitySettings, THE_ONE)


def change(name: str, value: str) -> None:
    """Sets one setting from its text. Raises DomainError for an unknown name or a value that does not fit."""
    row = settings()
    text = clean(value)
    if name == "public_directory":
        if text not in WORDS:
            raise DomainError("public_directory is on or off.")
        row.public_directory = WORDS[text]
    elif name == "locale":
        if text not in LOCALES:
            raise DomainError(f"locale is one of {', '.join(LOCALES)}.")
        row.locale = text
    elif name in {"name", "place"}:
        if len(text) > 80 or (name == "name" and not text):
            raise DomainError(f"{name} takes 1 to 80 characters.")
        setattr(row, name, text)
    else:
        raise DomainError("The settings are name, place, locale and public_directory.")
