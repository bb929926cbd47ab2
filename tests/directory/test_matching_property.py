"""Random small worlds: SQL finds the same members, scores and order as a plain computation does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import AvailabilityHour, Block, User, UserLanguage
from app.core.clock import now
from app.core.db import db
from app.directory import scoring
from app.directory.fairness import APART, ORDINARY, PLACES, RESERVED
from app.directory.filters import LEARN, TEACH
from app.directory.queries import matches
from app.directory.scoring import Meeting
from app.skills.models import Skill, UserSkill

KEPT, PAUSED, EXPIRED = "kept", "paused", "expired"


@dataclass
class Person:
    """`offers` and `wants` map a skill's number to (level, priority, state)."""

    offers: dict[int, tuple[int, int, str]]
    wants: dict[int, tuple[int, int, str]]
    hours: set[int]
    languages: set[str]
    place: str
    style: str
    hidden: str
    blocked: str
    is_new: bool
    id: int = field(default=0, init=False)


ENTRIES = st.dictionaries(
    st.integers(0, 3),
    st.tuples(st.integers(1, 5), st.integers(1, 3), st.sampled_from([KEPT, KEPT, KEPT, PAUSED, EXPIRED])),
    max_size=4,
)
PEOPLE = st.builds(
    Person,
    offers=ENTRIES,
    wants=ENTRIES,
    hours=st.sets(st.integers(0, 12), max_size=12),
    languages=st.sets(st.sampled_from(["en", "es", "de"]), max_size=3),
    place=st.sampled_from(["", "riverton", "hillford"]),
    style=st.sampled_from(["", "doing", "reading"]),
    hidden=st.sampled_from(["", "", "", "", "paused_at", "closed_at"]),
    blocked=st.sampled_from(["", "", "", "", "by me", "by them"]),
    is_new=st.booleans(),
)


@given(viewer=PEOPLE, others=st.lists(PEOPLE, max_size=6))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sql_scores_as_python_does(app: Flask, viewer: Person, others: list[Person]) -> None:
    try:
        settle(viewer, others)
        for direction in ("", TEACH, LEARN):
            assert found(viewer, direction) == expected(viewer, others, direction)
    finally:
        db.session.rollback()


@given(viewer=PEOPLE, others=st.lists(PEOPLE, max_size=8))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_first_ones_lose_nobody(app: Flask, viewer: Person, others: list[Person]) -> None:
    """The first three are the same whether everybody is looked at or only those who may be among them."""
    try:
        settle(viewer, others)
        for direction in ("", TEACH, LEARN):
            assert found(viewer, direction, best=3)[:3] == expected(viewer, others, direction)[:3]
    finally:
        db.session.rollback()


def found(viewer: Person, direction: str, best: int = 0) -> list[tuple[int, int, int, int]]:
    """(standing, score, base, id) as the statement says, in its order."""
    statement = matches.scored(matches.Shape(direction, best=best, fair=True))
    values = matches.values(SimpleNamespace(id=viewer.id), now())
    rows = db.session.execute(statement.order_by(*(key.sorting for key in matches.order(statement))), values)
    return [(row.standing, row.score, row.base, row.id) for row in rows]


def expected(viewer: Person, others: list[Person], direction: str) -> list[tuple[int, int, int, int]]:
    scored = []
    standings = {True: APART, False: ORDINARY}
    for other in others:
        teach, learn = meetings(other.offers, viewer.wants), meetings(viewer.offers, other.wants)
        if other.hidden or other.blocked or not fits(teach, learn, direction):
            continue
        scores = [scoring.direction_score(part) for part in (teach, learn) if part]
        base = scoring.harmonic_mean(*scores) if not direction else scores[0]
        bonus = scoring.bonuses(
            len(viewer.hours & other.hours),
            viewer.place == other.place != "",
            bool(viewer.languages & other.languages),
            viewer.style == other.style != "",
        )
        apart = bool(viewer.languages and other.languages) and not viewer.languages & other.languages
        scored.append((standings[apart], base + bonus, base, other.id))
    new = {other.id for other in others if other.is_new}
    best_first = sorted(scored, key=lambda row: (-row[1], row[3]))
    reserved = [row for row in best_first if row[3] in new and row[0] == ORDINARY][: len(PLACES)]
    with_places = [(RESERVED, *row[1:]) if row in reserved else row for row in scored]
    return sorted(with_places, key=lambda row: (-row[0], -row[1], row[3]))


def meetings(offers: dict[int, Any], wants: dict[int, Any]) -> list[Meeting]:
    return [
        Meeting(offers[skill][0], wants[skill][0], wants[skill][1])
        for skill in offers.keys() & wants.keys()
        if offers[skill][2] == KEPT == wants[skill][2]
    ]


def fits(teach: list[Meeting], learn: list[Meeting], direction: str) -> bool:
    if not direction:
        return bool(teach and learn)
    return bool(teach) == (direction == TEACH) and bool(learn) == (direction == LEARN)


def settle(viewer: Person, others: list[Person]) -> None:
    """Writes the world into the open transaction, which the test rolls back; the fixed world steps aside."""
    for member in db.session.scalars(select(User)):
        member.paused_at = now()
    skills = db.session.scalars(select(Skill.id).order_by(Skill.id).limit(4)).all()
    for person in (viewer, *others):
        add(person, skills)
    for other in others:
        if other.blocked:
            pair = (viewer.id, other.id) if other.blocked == "by me" else (other.id, viewer.id)
            db.session.add(Block(blocker_id=pair[0], blocked_id=pair[1]))
    db.session.flush()


def add(person: Person, skills: Any) -> None:
    member = User(
        name="Somebody",
        name_key="somebody",
        location=person.place,
        place_key=person.place,
        learning_style=person.style,
        approved_at=now(),
        created_at=now() - (timedelta(days=29) if person.is_new else timedelta(days=31)),
    )
    if person.hidden:
        setattr(member, person.hidden, now())
    db.session.add(member)
    db.session.flush()
    person.id = member.id
    for kind, entries in (("offer", person.offers), ("want", person.wants)):
        for skill, (level, priority, state) in entries.items():
            entry = UserSkill(user_id=member.id, kind=kind, skill_id=skills[skill], level=level, priority=priority)
            entry.paused_at = now() if state == PAUSED else None
            entry.expires_at = now() - timedelta(days=1) if state == EXPIRED else now() + timedelta(days=1)
            db.session.add(entry)
    db.session.add_all(AvailabilityHour(user_id=member.id, hour=hour) for hour in person.hours)
    db.session.add_all(UserLanguage(user_id=member.id, language=code) for code in person.languages)
