"""Made-up members in any number, always the same ones for the same number, with skills as unequal as in life.

The n-th most popular skill is chosen with a weight of 1 / (n + 10): of 100,000 members some 8,000 offer the first one,
some 150 the last one. Offers and wants share the order, which makes matching hardest.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import aliased

from app.accounts.models import AvailabilityHour, Block, User, UserLanguage
from app.core.db import Model, db, dialect_name
from app.skills.models import OFFER, WANT, PossibleSwap, Skill, UserSkill
from app.skills.operations import ensure_catalogue

START = datetime(2024, 1, 1, tzinfo=UTC)
FLATTENING = 10
PLACES = 200
LANGUAGES = ("en", "es", "de", "fr", "it", "pl", "ar", "zh")
STYLES = ("", "talking", "watching", "doing", "reading")


def populate(count: int) -> None:
    """Adds `count` members to an empty, migrated database, and lets it look at its statistics."""
    ensure_catalogue()
    db.session.commit()
    skill_ids = db.session.scalars(select(Skill.id).order_by(Skill.id)).all()
    random = Random(count)  # noqa: S311 nobody's secret
    numbers = range(1, count + 1)
    spoken = {n: languages(random) for n in numbers}
    load(User, ("id", "number", *MEMBER_COLUMNS), (member(n, spoken[n], random) for n in numbers))
    load(UserSkill, ENTRY_COLUMNS, (entry for n in numbers for entry in entries(n, skill_ids, random)))
    if dialect_name() == "postgresql":
        make_swaps()
    load(UserLanguage, ("user_id", "language"), ((n, code) for n in numbers for code in spoken[n]))
    load(AvailabilityHour, ("user_id", "hour"), ((n, hour) for n in numbers for hour in hours(random)))
    pairs = {tuple(random.sample(numbers, 2)) for _n in range(count // 10)}
    load(Block, ("blocker_id", "blocked_id", "created_at"), ((a, b, START) for a, b in sorted(pairs)))
    settle()


MEMBER_COLUMNS = (
    "name", "name_key", "location", "place_key", "languages_key", "learning_style", "approved_at", "paused_at",
    "closed_at", "created_at", "updated_at", "password_hash", "pronouns", "bio", "timezone", "locale", "role",
    "is_active", "is_verified",
)  # fmt: skip
ENTRY_COLUMNS = ("user_id", "kind", "skill_id", "level", "priority", "note", "paused_at", "created_at")


def member(number: int, spoken: set[str], random: Random) -> tuple[Any, ...]:
    """One in twenty takes a break, one in fifty has left."""
    joined = START + timedelta(minutes=number)
    place = f"place {int(PLACES * random.random() ** 2)}"
    paused = joined if random.random() < 0.05 else None
    closed = joined if random.random() < 0.02 else None
    name, key = f"Member {number}", "".join(f" {code} " for code in sorted(spoken))
    return (
        number, number, name, name.lower(), place.title(), place, key, random.choice(STYLES), joined, paused, closed,
        joined, joined, "", "", "", "UTC", "en", "member", True, False,
    )  # fmt: skip


def entries(number: int, skill_ids: Sequence[int], random: Random) -> Iterator[tuple[Any, ...]]:
    """Two to six offers, one to five wants; one entry in fifty is paused."""
    steps = list(accumulate(1 / (n + FLATTENING) for n in range(1, len(skill_ids) + 1)))
    for kind, least in (("offer", 2), ("want", 1)):
        for skill_id in set(random.choices(skill_ids, cum_weights=steps, k=random.randint(least, least + 4))):
            paused = START if random.random() < 0.02 else None
            yield number, kind, skill_id, random.randint(1, 5), random.randint(1, 3), "", paused, START


def languages(random: Random) -> set[str]:
    return {LANGUAGES[int(len(LANGUAGES) * random.random() ** 3)] for _n in range(random.randint(1, 3))}


def hours(random: Random) -> set[int]:
    """Up to four stretches of two to four hours, mostly evenings and weekends."""
    found: set[int] = set()
    for _n in range(random.randint(0, 4)):
        day = random.choice((0, 1, 2, 3, 4, 5, 5, 6, 6))
        first = day * 24 + (random.randint(17, 19) if day < 5 else random.randint(9, 19))
        found.update(range(first, first + random.randint(2, 4)))
    return found


def load(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows as fast as the database takes them."""
    if dialect_name() == "sqlite":
        db.session.execute(insert(model), [dict(zip(columns, row, strict=True)) for row in rows])
    else:
        table = io.StringIO("".join("\t".join(map(_field, row)) + "\n" for row in rows))
        cursor = db.session.connection().connection.cursor()
        # The rows are known to fit; a busy machine would take longer to check them than a page may wait.
        cursor.execute("SET LOCAL session_replication_role = replica; SET LOCAL statement_timeout = 0")
        cursor.copy_expert(f"COPY {model.__tablename__} ({', '.join(columns)}) FROM STDIN", table)
    db.session.commit()


def make_swaps() -> None:
    """What the triggers of `user_skills` would have made of its rows one by one; none of them has an end."""
    offer, want = aliased(UserSkill), aliased(UserSkill)
    swaps = (
        select(offer.user_id, offer.skill_id, want.skill_id, offer.level, want.level, want.priority)
        .join(want, want.user_id == offer.user_id)
        .where(offer.kind == OFFER, want.kind == WANT, offer.paused_at.is_(None), want.paused_at.is_(None))
    )
    columns = ["user_id", "offer_skill_id", "want_skill_id", "offer_level", "want_level", "want_priority"]
    db.session.execute(text("SET LOCAL statement_timeout = 0"))
    db.session.execute(insert(PossibleSwap).from_select(columns, swaps))
    db.session.commit()


def settle() -> None:
    """Statistics and, on PostgreSQL, visibility: what autovacuum does within minutes."""
    engine = db.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        if dialect_name() == "sqlite":
            connection.execute(text("ANALYZE"))
            return
        for statement in ("SET statement_timeout = 0", "VACUUM (ANALYZE)", "RESET statement_timeout"):
            connection.execute(text(statement))


def _field(value: Any) -> str:
    return "\\N" if value is None else str(value)
