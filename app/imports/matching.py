"""Who in a file is here already, who is new, and who cannot be taken because of somebody who is here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select

from app.accounts.models import User
from app.core.db import AnyRow, db
from app.core.text import fold
from app.imports import columns as c
from app.imports.values import Fault, Person, shown
from app.skills.models import SkillAlias


@dataclass
class Matched:
    """`known` are (person, id) of members who are here; `displaced` the numbers of members who make room for the file.

    `taken_numbers` counts the rows that could be taken if those members made room.
    """

    new: list[Person] = field(default_factory=list)
    known: list[tuple[Person, int]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    displaced: list[int] = field(default_factory=list)
    taken_numbers: int = 0


def match(people: list[Person], headers: dict[str, str], moves_numbers: bool) -> Matched:
    """Compares with the members by address, then by number and name, then by name alone; one statement."""
    members = _Members(people)
    matched = Matched()
    for person in people:
        if not person.name:
            continue
        _place(person, members, headers, moves_numbers, matched)
    return matched


def unknown_skills(people: Iterable[Person]) -> list[str]:
    """The spellings that no skill has, each once; one statement."""
    spelled = {fold(text): text for person in people for text in (*person.offers, *person.wants)}
    if not spelled:
        return []
    found = set(db.session.scalars(select(SkillAlias.alias_key).where(SkillAlias.alias_key.in_(spelled))))
    return [text for key, text in spelled.items() if key not in found]


class _Members:
    """Those members whom some row may mean."""

    def __init__(self, people: list[Person]) -> None:
        addresses = {person.email_key for person in people if person.email_key}
        numbers = {person.number for person in people if person.number}
        named = {person.name_key for person in people if not person.email_key and not person.number}
        meant = or_(
            User.email_key.in_(addresses),
            User.number.in_(numbers),
            and_(User.email_key.is_(None), User.emptied_at.is_(None), User.name_key.in_(named)),
        )
        rows = db.session.execute(
            select(User.id, User.number, User.name, User.name_key, User.email, User.email_key, User.emptied_at).where(
                meant
            )
        ).all()
        self.by_address = {row.email_key: row for row in rows if row.email_key}
        self.by_number = {row.number: row for row in rows}
        self.by_name = {row.name_key: row for row in rows if not row.email_key and not row.emptied_at}


def _place(person: Person, members: _Members, headers: dict[str, str], moves: bool, into: Matched) -> None:
    """Puts one person where it belongs."""

    def refuse(column: str, value: object, reason: str) -> None:
        into.faults.append(Fault(person.line, headers.get(column, column), shown(str(value)), reason))

    same_address = members.by_address.get(person.email_key) if person.email_key else None
    same_number = members.by_number.get(person.number) if person.number else None
    if same_address:
        if same_address.name_key == person.name_key:
            into.known.append((person, same_address.id))
        else:
            refuse(c.EMAIL, person.email, _("This is the address of %(name)s, who is here.", name=same_address.name))
    elif same_number is None:
        _by_name_or_new(person, members, into)
    elif _is_same(person, same_number):
        into.known.append((person, same_number.id))
    elif same_number.name_key == person.name_key and not same_number.emptied_at and not moves:
        refuse(
            c.EMAIL,
            person.email,
            _("%(name)s is here with this number and another address.", name=same_number.name),
        )
    elif moves:
        into.displaced.append(same_number.id)
        into.new.append(person)
    else:
        into.taken_numbers += 1
        refuse(c.NUMBER, person.number, _("%(name)s has this number here.", name=same_number.name))


def _by_name_or_new(person: Person, members: _Members, into: Matched) -> None:
    alone = not person.email_key and not person.number
    same_name = members.by_name.get(person.name_key) if alone else None
    if same_name:
        into.known.append((person, same_name.id))
    else:
        into.new.append(person)


def _is_same(person: Person, member: AnyRow) -> bool:
    """By number and name, unless their addresses tell two people."""
    if member.name_key != person.name_key or member.emptied_at:
        return False
    return not (person.email_key and member.email_key)
