"""A member's own row repeats which languages they speak, at once, whoever changes them and in whatever way."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from app.accounts.models import User, UserLanguage
from app.core.db import db

CODES = st.sampled_from(["de", "en", "es", "haw"])
STEPS = st.one_of(
    st.tuples(st.just("learn"), CODES),
    st.tuples(st.just("forget"), CODES),
    st.tuples(st.just("hand over"), CODES),
    st.tuples(st.just("forget all"), CODES),
)


@given(steps=st.lists(STEPS, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_repeats_the_rows(app: Flask, world: Any, steps: list[Any]) -> None:
    try:
        for verb, code in steps:
            take(verb, code, world.alice, world.bob)
            for member in (world.alice, world.bob):
                assert key_of(member) == computed(member)
    finally:
        db.session.rollback()


def test_two_changes_at_once_are_both_in_it(app: Flask, world: Any) -> None:
    """Each transaction sees nothing of the other's rows until it has ended."""
    started = threading.Barrier(2)

    def learn(code: str) -> None:
        with app.app_context():
            started.wait()
            db.session.add(UserLanguage(user_id=world.alice, language=code))
            db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=learn, args=(code,)) for code in ("fr", "it")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert key_of(world.alice) == computed(world.alice) == " en  fr  it "


def test_a_code_is_not_found_in_a_longer_one(app: Flask, world: Any) -> None:
    """Hausa is "ha", Hawaiian "haw"."""
    db.session.add(UserLanguage(user_id=world.alice, language="haw"))
    db.session.flush()
    assert db.session.scalar(select(User.languages_key.contains(" haw ")).where(User.id == world.alice))
    assert not db.session.scalar(select(User.languages_key.contains(" ha ")).where(User.id == world.alice))


def take(verb: str, code: str, member: int, other: int) -> None:
    mine = UserLanguage.user_id == member
    spoken = set(db.session.scalars(select(UserLanguage.language).where(mine)))
    if verb == "learn" and code not in spoken:
        db.session.add(UserLanguage(user_id=member, language=code))
        db.session.flush()
    elif verb == "forget":
        db.session.execute(delete(UserLanguage).where(mine, UserLanguage.language == code))
    elif verb == "forget all":
        db.session.execute(delete(UserLanguage).where(mine))
    elif verb == "hand over" and code in spoken:
        db.session.execute(delete(UserLanguage).where(UserLanguage.user_id == other, UserLanguage.language == code))
        db.session.execute(update(UserLanguage).where(mine, UserLanguage.language == code).values(user_id=other))
    db.session.expire_all()


def key_of(member: int) -> str | None:
    db.session.expire_all()
    return db.session.scalar(select(User.languages_key).where(User.id == member))


def computed(member: int) -> str:
    spoken = select(UserLanguage.language).where(UserLanguage.user_id == member).order_by(UserLanguage.language)
    return "".join(f" {code} " for code in db.session.scalars(spoken))
