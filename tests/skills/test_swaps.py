"""The swaps that members could make follow their lists at once, whoever changes them and in whatever way."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.skills import operations
from app.skills.models import KINDS, OFFER, WANT, PossibleSwap, Skill, UserSkill
from app.skills.operations import Details

KEYS = st.tuples(st.sampled_from(KINDS), st.integers(0, 2))
DAYS = st.sampled_from([None, 1, 2])
STEPS = st.one_of(
    st.tuples(st.just("set"), KEYS, st.integers(1, 5), st.integers(1, 3), DAYS, st.booleans()),
    st.tuples(st.just("remove"), KEYS),
    st.tuples(st.just("rename"), st.integers(0, 2), st.integers(0, 2)),
    st.tuples(st.just("pause all"), st.booleans()),
)


@given(steps=st.lists(STEPS, max_size=12))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_they_are_every_offer_with_every_want(app: Flask, steps: list[Any]) -> None:
    moment = now()
    try:
        skills = list(db.session.scalars(select(Skill.id).order_by(Skill.id).limit(3)))
        person = User(name="Somebody", name_key="somebody", approved_at=moment)
        db.session.add(person)
        db.session.flush()
        for step in steps:
            take(step, person.id, skills, moment)
            assert kept(person.id) == computed(person.id)
    finally:
        db.session.rollback()


def test_merging_skills_carries_them_along(app: Flask, world: Any) -> None:
    spanish, chess = skill("Spanish"), skill("Chess")
    operations.add(world.alice, OFFER, chess, Details(5))
    operations.merge(chess, spanish)
    for member in (world.alice, world.bob, world.carol):
        assert kept(member) == computed(member)
    assert all(chess not in pair[:2] for pair in kept(world.alice))


def test_who_is_deleted_leaves_none(app: Flask, world: Any) -> None:
    db.session.execute(delete(User).where(User.id == world.alice))
    assert kept(world.alice) == set()
    assert kept(world.bob) == computed(world.bob) != set()


@pytest.mark.parametrize("second", ["add", "pause"])
def test_two_changes_at_once_miss_no_swap(app: Flask, world: Any, second: str) -> None:
    """Each transaction sees nothing of the other's rows until it has ended."""
    chess, knitting, mine = skill("Chess"), skill("Knitting"), world.alice
    started, changed = threading.Barrier(2), []
    python = skill("Python")
    db.session.rollback()

    def change(verb: str) -> None:
        with app.app_context():
            started.wait()
            if verb == "add":
                operations.add(mine, OFFER, chess, Details(4))
            elif verb == "want":
                operations.add(mine, WANT, knitting, Details(1))
            else:
                operations.pause(mine, OFFER, python)
            db.session.commit()
            changed.append(verb)
            db.session.remove()

    threads = [threading.Thread(target=change, args=(verb,)) for verb in ("want", second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(changed) == sorted(["want", second])
    assert kept(mine) == computed(mine)


def take(step: Any, person: int, skills: list[int], moment: datetime) -> None:
    """One change as some part of the application makes it: one row, or many rows with one statement."""
    mine = UserSkill.user_id == person
    if step[0] == "set":
        (kind, number), level, priority, days, paused = step[1:]
        values = {
            "level": level,
            "priority": priority,
            "expires_at": moment + timedelta(days=days) if days else None,
            "paused_at": moment if paused else None,
        }
        key = {"user_id": person, "kind": kind, "skill_id": skills[number]}
        row = db.session.get(UserSkill, (person, kind, skills[number]))
        if row is None:
            db.session.add(UserSkill(**key, **values))
        else:
            for name, value in values.items():
                setattr(row, name, value)
        db.session.flush()
    elif step[0] == "remove":
        kind, number = step[1]
        db.session.execute(delete(UserSkill).where(mine, UserSkill.kind == kind, UserSkill.skill_id == skills[number]))
    elif step[0] == "rename":
        source, target = skills[step[1]], skills[step[2]]
        free = ~mine_of(person, target)
        if source != target and db.session.scalar(select(free)):
            db.session.execute(update(UserSkill).where(mine, UserSkill.skill_id == source).values(skill_id=target))
            db.session.expire_all()
    else:
        db.session.execute(update(UserSkill).where(mine).values(paused_at=moment if step[1] else None))


def mine_of(person: int, skill_id: int) -> Any:
    return select(UserSkill.user_id).where(UserSkill.user_id == person, UserSkill.skill_id == skill_id).exists()


def kept(person: int) -> set[tuple[Any, ...]]:
    rows = db.session.execute(
        select(
            PossibleSwap.offer_skill_id,
            PossibleSwap.want_skill_id,
            PossibleSwap.offer_level,
            PossibleSwap.want_level,
            PossibleSwap.want_priority,
            PossibleSwap.expires_at,
        ).where(PossibleSwap.user_id == person)
    )
    return {tuple(row) for row in rows}


def computed(person: int) -> set[tuple[Any, ...]]:
    db.session.expire_all()
    mine = db.session.scalars(select(UserSkill).where(UserSkill.user_id == person, UserSkill.paused_at.is_(None))).all()
    return {
        (
            offer.skill_id,
            want.skill_id,
            offer.level,
            want.level,
            want.priority,
            min((end for end in (offer.expires_at, want.expires_at) if end), default=None),
        )
        for offer in mine
        if offer.kind == OFFER
        for want in mine
        if want.kind == WANT
    }


def skill(name: str) -> int:
    return db.session.scalars(select(Skill.id).where(Skill.name == name)).one()
