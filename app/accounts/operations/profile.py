"""What members say about themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import delete

from app.accounts import languages, names, phones
from app.accounts.models import LEARNING_STYLES, TO_COORDINATORS, TO_MEMBERS, UserLanguage
from app.accounts.operations.locking import locked
from app.core import files
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.i18n import LOCALES
from app.core.models import StoredFile
from app.core.text import fold

LONGEST_NAME_KEY, LONGEST_PLACE_KEY = 180, 240
PICTURE_TYPE = "image/webp"


@dataclass(frozen=True)
class Profile:
    name: str
    pronouns: str
    bio: str
    location: str
    learning_style: str
    languages: Collection[str]
    phone: str = ""
    phone_visibility: str = TO_COORDINATORS


def change_profile(user_id: int, profile: Profile) -> None:
    """Raises DomainError at the field that cannot be taken."""
    user = locked(user_id)
    if profile.name != user.name:
        names.require_good(profile.name)
    if profile.learning_style not in ("", *LEARNING_STYLES):
        raise DomainError(_("Please choose one."), "learning_style")
    if profile.phone_visibility not in (TO_COORDINATORS, TO_MEMBERS):
        raise DomainError(_("Please choose one."), "phone_visibility")
    phones.require_good(profile.phone)
    user.phone, user.phone_visibility = profile.phone, profile.phone_visibility
    user.name, user.name_key = profile.name, fold(profile.name)[:LONGEST_NAME_KEY]
    user.pronouns, user.bio, user.learning_style = profile.pronouns, profile.bio, profile.learning_style
    user.location, user.place_key = profile.location, fold(profile.location)[:LONGEST_PLACE_KEY]
    set_languages(user_id, set(profile.languages))


def change_locale(user_id: int, locale: str) -> None:
    if locale not in LOCALES:
        raise DomainError(_("Please choose one."), "locale")
    locked(user_id).locale = locale


def set_paused(user_id: int, paused: bool) -> None:
    """Takes a break (appears in no suggestions) or comes back; the start of a running break stays as it is."""
    user = locked(user_id)
    user.paused_at = (user.paused_at or now()) if paused else None


def set_in_print(user_id: int, agreed: bool) -> None:
    """Whether the member stands in the directory that is printed."""
    locked(user_id).in_print = agreed


def set_picture(user_id: int, squared: bytes) -> None:
    """`squared` comes from core.images.squared; the picture of before goes."""
    user = locked(user_id)
    old_id = user.picture_id
    stored = files.store(squared, owner_id=user_id, name="picture.webp", media_type=PICTURE_TYPE)
    user.picture_id = stored.id
    db.session.flush()
    _delete_file(old_id)


def remove_picture(user_id: int) -> None:
    user = locked(user_id)
    old_id, user.picture_id = user.picture_id, None
    db.session.flush()
    _delete_file(old_id)


def _delete_file(file_id: int | None) -> None:
    if file_id is not None:
        db.session.execute(delete(StoredFile).where(StoredFile.id == file_id))


def set_languages(user_id: int, chosen: set[str]) -> None:
    """The caller holds the member's row. Raises DomainError at the field."""
    if not chosen <= languages.codes():
        raise DomainError(_("Please choose from the list."), "languages")
    if len(chosen) > languages.MOST:
        raise DomainError(_("At most %(max)d languages, please.", max=languages.MOST), "languages")
    db.session.execute(delete(UserLanguage).where(UserLanguage.user_id == user_id))
    db.session.add_all(UserLanguage(user_id=user_id, language=code) for code in sorted(chosen))
