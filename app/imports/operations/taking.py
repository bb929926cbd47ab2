"""Taking in: all members of a file or none, in one transaction, whoever else does the same at this moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import numbers
from app.accounts.models import User, UserLanguage
from app.community.models import CommunitySettings
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.i18n import LOCALES
from app.core.registry import registry
from app.core.text import fold
from app.imports import matching
from app.imports.models import Import, ImportedMember, ImportUpload
from app.imports.operations import opening
from app.imports.posts import Brought, by_author
from app.imports.reading import Looked
from app.imports.values import Person
from app.skills.levels import USUAL_LEVEL, USUAL_PRIORITY
from app.skills.models import OFFER, WANT, SkillAlias, UserSkill
from app.skills.operations import propose_several

BATCH = 1000
POSTS = "posts"
# Rows with and without a value go into one statement.
TOGETHER = {"render_nulls": True}


@dataclass(frozen=True)
class Importer:
    """Who takes in; new members start with this time zone and language."""

    id: int
    timezone: str
    locale: str


@dataclass(frozen=True)
class Outcome:
    """How many are new, how many were here, how many brought a balance, and how many posts came along."""

    added: int
    known: int
    opened: int = 0
    posts: int = 0


def take_in(importer: Importer, upload_id: int, looked: Looked) -> Outcome:
    """Adds the members of a file that was read and checked before: that is slow and needs no transaction.

    Raises Conflict when the file is gone, perhaps taken in a moment ago, and DomainError when it has faults.
    """
    _one_at_a_time()
    upload = db.session.get(ImportUpload, upload_id, with_for_update=True, populate_existing=True)
    if upload is None or upload.uploader_id != importer.id or upload.expires_at <= now():
        raise Conflict(_("This file is no longer here. It may have been taken in a moment ago, in another window."))
    matched = matching.match(looked.checked.people, looked.table.headers, upload.moves_numbers)
    if looked.checked.faults or matched.faults:
        raise DomainError(_("Something in this file has to be mended first. Nobody was taken in."))
    unopened = opening.unopened(matched.known)
    outcome = Outcome(len(matched.new), len(matched.known))
    if matched.new or unopened:
        try:
            with db.session.begin_nested():
                outcome = _add(importer, upload, matched, unopened, looked.posts)
        except IntegrityError as error:
            raise Conflict(
                _("Somebody joined with one of these addresses a moment ago. Nobody was taken in; please look again.")
            ) from error
    db.session.delete(upload)
    db.session.flush()
    return outcome


def _one_at_a_time() -> None:
    """Numbers are given under the lock of this row: imports wait for each other here, and newcomers for them."""
    db.session.execute(select(CommunitySettings.id).with_for_update())


def _add(
    importer: Importer,
    upload: ImportUpload,
    matched: matching.Matched,
    unopened: Sequence[tuple[Person, int]],
    posts: Sequence[Brought],
) -> Outcome:
    _make_room(importer.id, matched)
    people = _numbered(matched.new)
    batch = Import(
        actor_id=importer.id,
        name=upload.name,
        kind=upload.kind,
        sha256=upload.sha256,
        added=len(people),
        known=len(matched.known),
        opened=len(unopened),
        proposed_skills=propose_several(importer.id, matching.unknown_skills(matched.new)),
    )
    db.session.add(batch)
    db.session.flush()
    ids = _insert_members(importer, people)
    _insert(UserLanguage, list(_spoken(ids, matched.new)))
    _insert(UserSkill, list(_entries(ids, matched.new)))
    new = list(zip(matched.new, ids, strict=True))
    openings = opening.open_books(batch, importer.id, [*new, *unopened])
    batch.opened = len(openings)
    here = {user_id: (person, user_id, False) for person, user_id in matched.known}
    came = [*((person, user_id, True) for person, user_id in new), *here.values()]
    _insert(ImportedMember, [_standing(batch.id, *each, openings.get(each[1])) for each in came])
    batch.brought = _hand_on(list(by_author(list(posts), {user_id: person for person, user_id in new})))
    numbers.skip_taken(db.session.connection())
    detail = f"{batch.id}: {batch.added} from {batch.name}"
    audit.record("members-imported", actor_id=importer.id, subject_id=None, detail=detail)
    brought = batch.brought.get(POSTS, [])
    return Outcome(batch.added, batch.known, batch.opened, len(brought))


def _hand_on(posts: list[tuple[int, Brought]]) -> dict[str, Any]:
    """What the new members wrote goes to whoever has a place for it."""
    taker = registry().import_takers.get(POSTS)
    return {POSTS: taker.take(posts)} if taker and posts else {}


def _make_room(actor_id: int, matched: matching.Matched) -> None:
    """Members whose number the file needs get the one that the file gives them, or the next free one."""
    if not matched.displaced:
        return
    given = {user_id: person.number for person, user_id in matched.known if person.number}
    taken = set(db.session.scalars(select(User.number).where(User.number.in_(given.values()))))
    fresh = _reserve([person.number or 0 for person in matched.new], len(matched.displaced))
    for user_id, number in zip(matched.displaced, fresh, strict=True):
        wanted = given.get(user_id)
        chosen = wanted if wanted and wanted not in taken else number
        db.session.execute(update(User).where(User.id == user_id).values(number=chosen))
        audit.record("number-changed", actor_id=actor_id, subject_id=user_id, detail=str(chosen))


def _numbered(people: Sequence[Person]) -> list[tuple[Person, int]]:
    """Each with a number: the file's own, otherwise the next free ones."""
    without = sum(1 for person in people if person.number is None)
    free = iter(_reserve([person.number or 0 for person in people], without))
    return [(person, person.number or next(free)) for person in people]


def _reserve(given: list[int], count: int) -> range:
    """So many numbers above all that somebody has or that the file gives."""
    highest = db.session.scalar(select(func.max(User.number))) or 0
    going = db.session.scalar(select(CommunitySettings.next_number)) or 1
    first = max(highest + 1, going, max(given, default=0) + 1)
    if count:
        db.session.execute(update(CommunitySettings).values(next_number=first + count))
    return range(first, first + count)


def _insert_members(importer: Importer, people: list[tuple[Person, int]]) -> list[int]:
    """Their ids, in the same order; found by their numbers, which are theirs alone."""
    moment = now()
    _insert(User, [_member(importer, person, number, moment) for person, number in people])
    added = select(User.number, User.id).where(User.number.in_([number for _person, number in people]))
    ids = dict(db.session.execute(added).all())
    return [ids[number] for _person, number in people]


def _member(importer: Importer, person: Person, number: int, moment: Any) -> dict[str, Any]:
    """Approved, because a coordinator brings the member; the address is proven when its owner answers."""
    return {
        "number": number,
        "name": person.name,
        "name_key": person.name_key[:180],
        "email": person.email or None,
        "email_key": person.email_key or None,
        "phone": person.phone,
        "location": person.place,
        "place_key": fold(person.place)[:240],
        "bio": person.about,
        "coordinators_note": person.note,
        "timezone": importer.timezone,
        "locale": person.locale if person.locale in LOCALES else importer.locale,
        "created_at": person.joined or moment,
        "approved_at": moment,
    }


def _entries(ids: list[int], people: Sequence[Person]) -> Iterator[dict[str, Any]]:
    """What they offer and want. Two spellings of one skill are one entry."""
    spelled = {fold(text) for person in people for text in (*person.offers, *person.wants)}
    keys = select(SkillAlias.alias_key, SkillAlias.skill_id).where(SkillAlias.alias_key.in_(spelled))
    skills = dict(db.session.execute(keys).all())
    for user_id, person in zip(ids, people, strict=True):
        for kind, texts in ((OFFER, person.offers), (WANT, person.wants)):
            for skill_id in dict.fromkeys(skills[fold(text)] for text in texts):
                level = {"level": USUAL_LEVEL[kind], "priority": USUAL_PRIORITY}
                yield {"user_id": user_id, "kind": kind, "skill_id": skill_id, **level}


def _spoken(ids: list[int], people: Sequence[Person]) -> Iterator[dict[str, Any]]:
    for user_id, person in zip(ids, people, strict=True):
        for code in person.languages:
            yield {"user_id": user_id, "language": code}


def _standing(import_id: int, person: Person, user_id: int, is_new: bool, opening_id: int | None) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "user_id": user_id,
        "line": person.line,
        "is_new": is_new,
        "balance_seconds": person.balance,
        "opening_id": opening_id,
    }


def _insert(model: Any, rows: list[dict[str, Any]]) -> None:
    for batch in _batches(rows):
        db.session.execute(insert(model), batch, execution_options=TOGETHER)


def _batches(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]
