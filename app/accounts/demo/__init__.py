"""The members of the demo community: an invented river town, and a few who join in from far away.

Hand-written people; a fixed seed spreads their joining and their last visit over the months before the loading.
"""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from app.accounts import availability, passwords
from app.accounts.demo.admissions import agree_all, invite
from app.accounts.models import TO_COORDINATORS, AvailabilitySlot, User, UserLanguage
from app.community.demo import is_among_colleagues
from app.core.clock import now
from app.core.db import db
from app.core.text import fold

PASSWORD = "guildhall-demo"  # noqa: S105 printed at the start, for everybody to use
SEED = 1871
FIRST_JOINED, LAST_JOINED = 545, 6  # days ago
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
TAKING_A_BREAK, NEWEST = "dagny", "robin"


@dataclass(frozen=True)
class Person:
    """`hours` as in "Mon 18-20:30, Sat 9-12", by the person's own clock. Without `email` one cannot sign in."""

    key: str
    name: str
    languages: str
    bio: str
    work: str
    hours: str = ""
    place: str = "Ottersford"
    zone: str = "Europe/London"
    pronouns: str = ""
    style: str = ""
    role: str = "member"
    locale: str = "en"
    email: bool = True
    phone: str = ""
    phone_visibility: str = TO_COORDINATORS
    coordinators_note: str = ""
    in_print: bool = False
    waiting: bool = False

    @property
    def address(self) -> str | None:
        return f"{self.key}@example.org" if self.email else None


@cache
def people() -> tuple[Person, ...]:
    """In the order of their joining."""
    rows = tomllib.loads(Path(__file__).with_name("people.toml").read_text())["people"]
    return tuple(Person(**row) for row in rows)


def load(preset: str) -> None:
    """Adds the members, as such a community knows them; the caller commits."""
    moment, chance = now(), random.Random(SEED)  # noqa: S311 nothing here is secret
    password_hash = passwords.hashed(PASSWORD)
    everybody = people()
    users = [
        member(person, joined, password_hash, moment, chance)
        for person, joined in zip(everybody, joinings(everybody, moment, chance), strict=True)
    ]
    for person, user in zip(everybody, users, strict=True):
        user.bio = person.work if is_among_colleagues(preset) else person.bio
    db.session.add_all(users)
    db.session.flush()
    for person, user in zip(everybody, users, strict=True):
        add_languages_and_hours(person, user.id, moment)
    agree_all(users)
    invite({person.key: user.id for person, user in zip(everybody, users, strict=True)})


def joinings(everybody: tuple[Person, ...], moment: datetime, chance: random.Random) -> list[datetime]:
    """When each of them joined; the last two came yesterday and today."""
    settled = chance.sample(range(LAST_JOINED, FIRST_JOINED), len(everybody) - 2)
    days = [*sorted(settled, reverse=True), 1, 0]
    return [moment - timedelta(days=ago, minutes=chance.randrange(20, 600)) for ago in days]


def member(person: Person, joined: datetime, password_hash: str, moment: datetime, chance: random.Random) -> User:
    """`chance` puts the last visit within the last days rather than weeks ago."""
    away = timedelta(hours=min(chance.expovariate(1 / 60), 24 * 45))
    return User(
        name=person.name,
        name_key=fold(person.name),
        email=person.address,
        email_key=person.address,
        password_hash=password_hash if person.email else "",
        pronouns=person.pronouns,
        location=person.place,
        place_key=fold(person.place),
        timezone=person.zone,
        locale=person.locale,
        learning_style=person.style,
        role=person.role,
        phone=person.phone,
        phone_visibility=person.phone_visibility,
        coordinators_note=person.coordinators_note,
        in_print=person.in_print,
        is_verified=person.email,
        approved_at=None if person.waiting else joined,
        paused_at=moment - timedelta(days=20) if person.key == TAKING_A_BREAK else None,
        last_login_at=max(moment - away, joined) if person.email else None,
        created_at=joined,
        updated_at=joined,
    )


def add_languages_and_hours(person: Person, user_id: int, moment: datetime) -> None:
    db.session.add_all(UserLanguage(user_id=user_id, language=code) for code in person.languages.split())
    db.session.add_all(
        AvailabilitySlot(user_id=user_id, weekday=weekday, starts=starts, ends=ends)
        for weekday, starts, ends in slots(person.hours)
    )
    db.session.flush()
    availability.refresh(user_id, moment)


def slots(hours: str) -> list[tuple[int, int, int]]:
    """Weekday, first and last minute of each stretch in "Mon 18-20:30, Sat 9-12"."""
    stretches = (stretch.split() for stretch in hours.split(", ") if stretch)
    parted = ((day, *clock.split("-")) for day, clock in stretches)
    return [(DAYS.index(day), minutes(starts), minutes(ends)) for day, starts, ends in parted]


def minutes(clock: str) -> int:
    hour, _, minute = clock.partition(":")
    return int(hour) * 60 + int(minute or 0)
