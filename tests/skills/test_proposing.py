"""One skill for all its spellings; an unknown one is proposed, once, whoever else does so at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from app.core.db import db
from app.core.errors import DomainError
from app.core.text import clean, fold
from app.skills import operations
from app.skills.models import Skill, SkillAlias
from app.skills.spelling import LONGEST_KEY, plain_key, told_spellings
from tests.world import World


def name_of(text: str) -> str:
    skill = operations.resolve(text)
    return skill.name if skill else ""


@pytest.mark.parametrize("spelling", ["JS", "javascript ", "JavaScript", "ＪＳ", "  JAVA\tscript "])
def test_spellings_of_one_skill(app: Flask, spelling: str) -> None:
    assert name_of(spelling) == "JavaScript"


def test_c_and_its_relatives_are_three(app: Flask) -> None:
    found = [operations.resolve(text) for text in ("C", "c++", "C#")]
    assert [skill and skill.slug for skill in found] == ["c", "c-plus-plus", "c-sharp"]


@pytest.mark.parametrize("text", ["", "%", "_", "Java%", "Bas_", "\\", "x" * 5000])
def test_what_is_typed_is_a_value(app: Flask, text: str) -> None:
    assert operations.resolve(text) is None


def test_a_proposed_skill_is_there_at_once(app: Flask, world: World) -> None:
    skill = operations.propose(world.alice, "  Rocket   Science ")
    db.session.commit()
    assert (skill.name, skill.slug, skill.state, skill.category_id) == (
        "Rocket Science",
        "rocket-science",
        "proposed",
        None,
    )
    assert operations.propose(world.bob, "rocket science").id == skill.id
    assert db.session.get_one(Skill, skill.id).proposed_by_id == world.alice


def test_a_known_spelling_is_not_proposed_again(app: Flask, world: World) -> None:
    assert operations.propose(world.alice, "js").name == "JavaScript"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "12345",
        "+++",
        "x" * 51,
        "Roc\u202eketry",  # writes the rest backwards
        "Roc\u200bketry",  # no width
        "Roc\x00ketry",
        "Roc\ue000ketry",  # private use
        "Jаvа",  # the vowels are Cyrillic
        "Ρiano",  # the first letter is Greek
        "\ufdfa" * 12,  # unfolds to 18 letters each
    ],
)
def test_names_that_are_refused(app: Flask, world: World, name: str) -> None:
    with pytest.raises(DomainError) as refused:
        operations.propose(world.alice, name)
    assert refused.value.field == "q"
    assert db.session.scalar(select(func.count()).where(Skill.state == "proposed")) == 0


@pytest.mark.parametrize("name", ["書道", "Каллиграфия", "Java для всех", "Ελληνικοί χοροί", "كتابة", "D&D", "Étude"])
def test_names_in_any_script_are_welcome(app: Flask, world: World, name: str) -> None:
    skill = operations.propose(world.alice, name)
    db.session.commit()
    assert skill.slug
    assert name_of(name.upper()) == name


def test_the_same_address_for_two_names(app: Flask, world: World) -> None:
    slugs = [
        operations.propose(world.alice, name).slug for name in ("Moon rock", "Moon-rock", "Moon/rock", "Suggestions")
    ]
    assert slugs == ["moon-rock", "moon-rock-2", "moon-rock-3", "suggestions-2"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60))
def test_any_text_is_proposed_or_refused(app: Flask, world: World, text: str) -> None:
    try:
        skill = operations.propose(world.alice, text)
    except DomainError as refused:
        assert refused.message
    else:
        db.session.flush()
        assert fold(skill.name) == fold(clean(text)) or operations.resolve(text) == skill
        assert len(skill.slug) <= 120
        keys = db.session.scalars(select(SkillAlias.alias_key).where(SkillAlias.skill_id == skill.id))
        assert all(len(key) <= LONGEST_KEY for key in keys)
    finally:
        db.session.rollback()


def test_eight_at_once_make_one_skill(app: Flask, world: World) -> None:
    start, found, errors = threading.Barrier(8), [], []

    def propose(member: int) -> None:
        with app.app_context():
            start.wait()
            try:
                found.append(operations.propose(member, "Rocketry").id)
                db.session.commit()
            except Exception as error:  # noqa: BLE001 the thread's failure is the test's
                errors.append(error)
            finally:
                db.session.remove()

    members = [world.alice, world.bob, world.carol, world.mod] * 2
    threads = [threading.Thread(target=propose, args=(member,)) for member in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(found) == 8
    assert len(set(found)) == 1
    assert db.session.scalar(select(func.count()).where(Skill.name == "Rocketry")) == 1


def test_accents_are_taken_off_latin_letters_only() -> None:
    assert plain_key("Café ÇA") == "cafe ca"
    assert plain_key("Йога") == "йога"
    assert plain_key("がっき") == fold("がっき")


def test_spellings_that_are_told_leave_out_what_goes_without_saying() -> None:
    assert told_spellings(["café", "cafe", "coffee making", "espresso"], "Coffee making") == ["café", "espresso"]


def test_accepting_lists_a_proposed_skill(app: Flask, world: World, skill_named: Callable[[str], Skill]) -> None:
    operations.propose(world.alice, "Rocketry")
    db.session.commit()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["skills", "proposed"]).output == "Rocketry\n"
    assert runner.invoke(args=["skills", "accept", "rocketry", "Nowhere"]).exit_code == 1
    assert "Rocketry is listed now." in runner.invoke(args=["skills", "accept", "rocketry", "Science & data"]).output
    assert skill_named("Rocketry").state == "listed"
    assert runner.invoke(args=["skills", "accept", "rocketry", "Science & data"]).exit_code == 1
    assert runner.invoke(args=["skills", "proposed"]).output == ""
