"""What the members of the demo community offer and want.

Most of them fit several others in both directions, a few in one only, and the newcomer nobody yet.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import select

from app.accounts.demo import people
from app.accounts.models import User
from app.community.demo import is_among_colleagues
from app.core.db import db
from app.core.text import fold
from app.skills.models import OFFER, WANT, SkillAlias, UserSkill
from app.skills.operations import ensure_catalogue, propose

# What matters most to somebody stands first.
PRIORITIES = (3, 2, 2, 1, 1, 1)
PROPOSER, PROPOSED = "nils", "Splicing rope"


@dataclass(frozen=True)
class Hand:
    """Catalogue names, each with its level: how well one can it, or where one stands. `notes` stand at a skill."""

    offers: str
    wants: str
    notes: Mapping[str, str] = field(default_factory=dict)


@cache
def casts() -> dict[str, dict[str, Hand]]:
    """The people by key, once among neighbours and once among colleagues."""
    tables = tomllib.loads(Path(__file__).with_name("hands.toml").read_text())
    return {cast: {key: Hand(**hand) for key, hand in hands.items()} for cast, hands in tables.items()}


def load(preset: str) -> None:
    """Adds the catalogue and the members' skills; the caller commits. Raises LookupError for a skill not in it."""
    ensure_catalogue()
    hands = casts()["colleagues" if is_among_colleagues(preset) else "neighbours"]
    ids = skill_ids(hands)
    members = select(User.name, User.id, User.created_at)  # their names differ, and not all have an address
    known = {name: (member_id, joined) for name, member_id, joined in db.session.execute(members)}
    for person in people():
        db.session.add_all(rows(hands[person.key], *known[person.name], ids))
        if person.key == PROPOSER:
            add_proposal(known[person.name][0])


def add_proposal(member_id: int) -> None:
    """A skill that waits for a moderator, and is its proposer's own already."""
    proposed = propose(member_id, PROPOSED)
    db.session.add(UserSkill(user_id=member_id, kind=OFFER, skill_id=proposed.id, level=5, priority=1))


def rows(hand: Hand, member_id: int, joined: datetime, ids: dict[str, int]) -> Iterator[UserSkill]:
    for kind, text in ((OFFER, hand.offers), (WANT, hand.wants)):
        for priority, (name, level) in zip(PRIORITIES, entries(text), strict=False):
            yield UserSkill(
                user_id=member_id,
                kind=kind,
                skill_id=ids[name],
                level=level,
                priority=priority,
                note=hand.notes.get(name, ""),
                created_at=joined,
            )


def entries(text: str) -> Iterator[tuple[str, int]]:
    """The names and levels in "Guitar 3, Football 4"."""
    for entry in text.split(", "):
        name, _, level = entry.rpartition(" ")
        yield name, int(level)


def skill_ids(hands: Mapping[str, Hand]) -> dict[str, int]:
    """The catalogue's id for every name used here."""
    names = {name for hand in hands.values() for text in (hand.offers, hand.wants) for name, _ in entries(text)}
    found = select(SkillAlias.alias_key, SkillAlias.skill_id).where(SkillAlias.alias_key.in_(map(fold, names)))
    by_alias = dict(db.session.execute(found).all())
    if unknown := sorted(name for name in names if fold(name) not in by_alias):
        raise LookupError(f"The catalogue does not know: {', '.join(unknown)}")
    return {name: by_alias[fold(name)] for name in names}
