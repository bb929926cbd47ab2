"""Changing what the coordinators decide: one rule for each setting, whichever way it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import gettext as _
from sqlalchemy import select

from app.community import domains
from app.community.colours import COLOURS
from app.community.models import HOUR_SHARING, JOINING, THE_ONE, CommunitySettings
from app.core import files
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.i18n import LOCALES
from app.core.models import StoredFile
from app.core.text import clean

LONGEST = 80
WORDS = {"on": True, "off": False}
LOGO_TYPE = "image/webp"


def settings() -> CommunitySettings:
    return db.session.get_one(CommunitySettings, THE_ONE)


def locked() -> CommunitySettings:
    """The settings, for changing them."""
    return db.session.scalars(select(CommunitySettings).with_for_update()).one()


def change(name: str, value: str) -> None:
    """Sets one setting from its text. Raises DomainError for an unknown name or a value that does not fit."""
    if name not in RULES:
        raise DomainError(_("The settings are %(names)s.", names=", ".join(RULES)))
    setattr(locked(), name, RULES[name](clean(value)))


def change_all(values: Mapping[str, str]) -> None:
    """Sets several settings. Raises DomainError at the first field that does not fit."""
    for name, value in values.items():
        try:
            change(name, value)
        except DomainError as error:
            raise DomainError(error.message, name) from error


def set_logo(picture: bytes, owner_id: int) -> None:
    """`picture` comes from core.images.fitted; the logo of before goes."""
    row = locked()
    old_id = row.logo_id
    row.logo_id = files.store(picture, owner_id=owner_id, name="logo.webp", media_type=LOGO_TYPE).id
    db.session.flush()
    _delete_file(old_id)


def remove_logo() -> None:
    row = locked()
    old_id, row.logo_id = row.logo_id, None
    db.session.flush()
    _delete_file(old_id)


def mail_works() -> None:
    """A test mail has left."""
    locked().mail_tested_at = now()


def welcome_is_over() -> None:
    """The coordinators have seen enough of their first steps."""
    locked().welcomed_at = now()


def _delete_file(file_id: int | None) -> None:
    if file_id is not None:
        db.session.delete(db.session.get_one(StoredFile, file_id))


def _name(text: str) -> str:
    if not text or len(text) > LONGEST:
        raise DomainError(_("The name takes 1 to %(max)d characters.", max=LONGEST))
    return text


def _place(text: str) -> str:
    if len(text) > LONGEST:
        raise DomainError(_("At most %(max)d characters, please.", max=LONGEST))
    return text


def _switch(text: str) -> bool:
    if text not in WORDS:
        raise DomainError(_("This is either on or off."))
    return WORDS[text]


def _one_of(known: Mapping[str, object]) -> Callable[[str], str]:
    def check(text: str) -> str:
        if text not in known:
            raise DomainError(_("This is one of %(names)s.", names=", ".join(known)))
        return text

    return check


RULES: dict[str, Callable[[str], str | bool]] = {
    "name": _name,
    "place": _place,
    "locale": _one_of(LOCALES),
    "colour": _one_of(COLOURS),
    "public_directory": _switch,
    "joining": _one_of(dict.fromkeys(JOINING)),
    "allowed_domains": domains.normal,
    "hour_sharing": _one_of(dict.fromkeys(HOUR_SHARING)),
}
