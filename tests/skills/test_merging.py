"""Two skills become one: nobody loses an entry, every spelling and address leads to what is left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.skills import operations
from app.skills.models import Skill, SkillAlias, UserSkill
from app.skills.operations import Details
from tests.support.client import CheckedClient
from tests.world import World

Named = Callable[[str], Skill]
Entries = Callable[..., dict[str, UserSkill]]


def run(app: Flask, source: str, target: str) -> str:
    outcome = app.test_cli_runner().invoke(args=["skills", "merge", source, target])
    db.session.rollback()
    db.session.expire_all()
    return outcome.output


def test_entries_and_spellings_move(app: Flask, world: World, skill_named: Named, entries_in: Entries) -> None:
    source, target = skill_named("Sourdough bread").id, skill_named("Bread baking").id
    moving = set(db.session.scalars(select(SkillAlias.alias_key).where(SkillAlias.skill_id == source)))
    assert run(app, "Sourdough bread", "Bread baking") == "Sourdough bread is part of Bread baking now.\n"
    assert "Bread baking" in entries_in(world.alice, "offer")
    owners = set(db.session.scalars(select(SkillAlias.skill_id).where(SkillAlias.alias_key.in_(moving))))
    assert owners == {target}
    assert operations.resolve("SOURDOUGH bread") == skill_named("Bread baking")
    assert (skill_named("Sourdough bread").state, skill_named("Sourdough bread").merged_into_id) == ("merged", target)


def test_who_has_both_keeps_the_higher(app: Flask, world: World, skill_named: Named, entries_in: Entries) -> None:
    bread, dough = skill_named("Bread baking").id, skill_named("Sourdough bread").id
    soon = now() + timedelta(days=3)
    operations.add(world.carol, "want", bread, Details(4, 1, "", soon, paused=True))
    operations.add(world.carol, "want", dough, Details(2, 3, "rye", soon + timedelta(days=1)))
    operations.add(world.alice, "offer", bread, Details(5))
    db.session.commit()
    run(app, "Sourdough bread", "Bread baking")
    entry = entries_in(world.carol, "want")["Bread baking"]
    assert (entry.level, entry.priority, entry.note, entry.paused_at) == (4, 3, "rye", None)
    assert entry.expires_at == soon + timedelta(days=1)
    assert entries_in(world.alice, "offer")["Bread baking"].level == 5
    assert set(entries_in(world.alice, "offer")) == {"Python", "Bread baking"}


def test_old_addresses_lead_on(app: Flask, as_: Callable[[str], CheckedClient]) -> None:
    run(app, "Sourdough bread", "Bread baking")
    moved = as_("carol").get("/skills/sourdough-bread")
    assert (moved.status_code, moved.location) == (301, "/skills/bread-baking")


def test_no_chain_is_longer_than_one(app: Flask, as_: Callable[[str], CheckedClient], skill_named: Named) -> None:
    run(app, "Sourdough bread", "Bread baking")
    run(app, "Bread baking", "Pastry")
    target = skill_named("Pastry").id
    assert {skill_named(n).merged_into_id for n in ("Sourdough bread", "Bread baking")} == {target}
    assert as_("carol").get("/skills/sourdough-bread").location == "/skills/pastry"


def test_into_one_that_was_merged_means_what_it_became(app: Flask, skill_named: Named) -> None:
    run(app, "Sourdough bread", "Bread baking")
    assert run(app, "Pizza", "sourdough-bread") == "Pizza is part of Bread baking now.\n"
    assert skill_named("Pizza").merged_into_id == skill_named("Bread baking").id


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("Pizza", "pizza", "cannot be merged into itself"),
        ("JS", "JavaScript", "cannot be merged into itself"),
        ("Pizza", "Nothing known", "There is no skill “Nothing known”"),
        ("", "Pizza", "There is no skill “”"),
        ("%", "Pizza", "There is no skill “%”"),
        ("bread-baking", "sourdough-bread", "cannot be merged into itself"),
        ("sourdough-bread", "Pizza", "was merged before, into Bread baking"),
    ],
)
def test_what_is_refused(app: Flask, source: str, target: str, said: str) -> None:
    run(app, "Sourdough bread", "Bread baking")
    outcome = app.test_cli_runner().invoke(args=["skills", "merge", source, target])
    assert outcome.exit_code == 1
    assert said in outcome.output


def test_a_circle_is_refused(app: Flask, skill_named: Named) -> None:
    bread, dough = skill_named("Bread baking").id, skill_named("Sourdough bread").id
    operations.merge(dough, bread)
    with pytest.raises(DomainError):
        operations.merge(bread, dough)


def test_a_listed_skill_lists_the_proposed_one_it_joins(app: Flask, world: World, skill_named: Named) -> None:
    operations.propose(world.alice, "Bread of all kinds")
    db.session.commit()
    run(app, "Bread baking", "Bread of all kinds")
    assert skill_named("Bread of all kinds").state == "listed"
    assert skill_named("Bread of all kinds").category_id == skill_named("Pizza").category_id


def test_the_import_leaves_a_merge_alone(app: Flask, skill_named: Named) -> None:
    run(app, "Sourdough bread", "Bread baking")
    outcome = app.test_cli_runner().invoke(args=["skills", "import"])
    assert "Sourdough bread stays a spelling of Bread baking." in outcome.output
    assert "New: 0 skills" in outcome.output
    db.session.expire_all()
    assert skill_named("Sourdough bread").state == "merged"
