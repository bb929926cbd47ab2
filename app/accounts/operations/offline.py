"""Members without e-mail: coordinators bring them in and write down what they say about themselves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import names, phones
from app.accounts.models import TO_COORDINATORS, TO_MEMBERS, User
from app.accounts.numbers import skip_taken
from app.accounts.operations.arriving import arrive
from app.accounts.operations.locking import locked
from app.accounts.operations.profile import LONGEST_NAME_KEY, LONGEST_PLACE_KEY, set_languages
from app.community.operations import settings
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.text import fold

HIGHEST_NUMBER = 9_999_999


@dataclass(frozen=True)
class Record:
    """What coordinators may write about a member; `number` None leaves the one there is, or takes the next one."""

    name: str
    number: int | None = None
    phone: str = ""
    phone_visibility: str = TO_COORDINATORS
    location: str = ""
    languages: Collection[str] = field(default_factory=tuple)
    pronouns: str = ""
    bio: str = ""
    coordinators_note: str = ""


def add_offline(record: Record, actor_id: int) -> User:
    """A member who is in at once, cannot sign in and gets no mail. Raises DomainError at the field at fault."""
    community = settings()
    user = User(approved_at=now(), locale=community.locale)
    names.require_good(record.name)
    _write(user, record)
    if record.number is not None:
        _require_free(record.number)
        user.number = record.number
    db.session.add(user)
    _flush_number(record.number)
    set_languages(user.id, set(record.languages))
    audit.record("member-added", actor_id=actor_id, subject_id=user.id)
    arrive(user.id)
    return user


def change_record(user_id: int, record: Record, actor_id: int) -> None:
    """Raises DomainError at the field that cannot be taken."""
    user = locked(user_id)
    if record.name != user.name:
        names.require_good(record.name)
    before = {name: getattr(user, name) for name in _TEXTS}
    _write(user, record)
    changed = [name for name, value in before.items() if getattr(user, name) != value]
    if record.number is not None and record.number != user.number:
        _require_free(record.number)
        changed.append(f"number {user.number} to {record.number}")
        user.number = record.number
    _flush_number(record.number)
    set_languages(user_id, set(record.languages))
    audit.record("member-edited", actor_id=actor_id, subject_id=user_id, detail=", ".join(changed))


_TEXTS = ("name", "phone", "phone_visibility", "location", "pronouns", "bio", "coordinators_note")


def _write(user: User, record: Record) -> None:
    phones.require_good(record.phone)
    if record.phone_visibility not in (TO_COORDINATORS, TO_MEMBERS):
        raise DomainError(_("Please choose one."), "phone_visibility")
    for name in _TEXTS:
        setattr(user, name, getattr(record, name))
    user.name_key = fold(record.name)[:LONGEST_NAME_KEY]
    user.place_key = fold(record.location)[:LONGEST_PLACE_KEY]


def _require_free(number: int) -> None:
    if not 1 <= number <= HIGHEST_NUMBER:
        raise DomainError(_("A number from %(least)d to %(most)d, please.", least=1, most=HIGHEST_NUMBER), "number")
    with db.session.no_autoflush:
        if db.session.scalar(select(User.id).where(User.number == number)) is not None:
            raise _taken(number)


def _flush_number(number: int | None) -> None:
    """Two coordinators may give the same number at once: the second one learns it here."""
    if number is None:
        db.session.flush()
        return
    try:
        with db.session.begin_nested():
            db.session.flush()
    except IntegrityError as error:
        raise _taken(number) from error
    skip_taken(db.session.connection())


def _taken(number: int) -> DomainError:
    return DomainError(_("Number %(number)d belongs to another member.", number=number), "number")
