"""The catalogue in the language of a community."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import Flask
from sqlalchemy import delete, func, select, update

from app.community.models import CommunitySettings
from app.core.db import db
from app.core.i18n import DEFAULT_LOCALE, LOCALES
from app.core.text import fold
from app.skills import operations
from app.skills.models import Skill, SkillAlias, SkillCategory, UserSkill
from app.skills.operations.naming import shipped
from app.skills.spelling import LONGEST_NAME
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
Named = Callable[[str], Skill]


def speak(language: str) -> operations.Imported:
    done = operations.speak(language)
    db.session.commit()
    return done


def test_every_language_names_every_skill_once() -> None:
    english = shipped(DEFAULT_LOCALE)
    for language in LOCALES:
        told = shipped(language)
        assert [row.original for row in told] == [row.name for row in english]
        assert len({fold(row.name) for row in told}) == len(told)
        assert len({row.category for row in told}) == len({row.category for row in english})
        assert all(0 < len(name) <= LONGEST_NAME for row in told for name in (row.name, *row.aliases))


def test_no_translated_name_means_another_skill() -> None:
    """Neither a name nor a spelling in one language belongs to another skill in any language."""
    owners: dict[str, str] = {}
    for language in LOCALES:
        for row in shipped(language):
            for text in (row.name, *row.aliases):
                assert owners.setdefault(fold(text), row.original) == row.original, text


def test_names_become_spanish_and_english_still_finds_them(app: Flask, skill_named: Named) -> None:
    done = speak("es")
    assert (done.skills, done.categories, done.kept) == (0, 0, [])
    guitar = skill_named("Guitarra")
    assert guitar.slug == "guitar"
    for spelling in ("guitarra", "Guitar", "GUITARRA"):
        found = operations.resolve(spelling)
        assert found is not None
        assert found.id == guitar.id
    names = set(db.session.scalars(select(SkillCategory.name)))
    assert {"Cocina y alimentación", "Idiomas"} <= names
    assert len(names) == 21
    left = {row.name for row in shipped(DEFAULT_LOCALE)} - {row.name for row in shipped("es")}
    assert not db.session.scalar(select(func.count()).where(Skill.name.in_(left)))


def test_the_second_time_changes_nothing_and_english_comes_back(app: Flask, skill_named: Named) -> None:
    before = set(db.session.execute(select(Skill.slug, Skill.name, Skill.name_key)).all())
    speak("es")
    again = speak("es")
    assert (again.renamed, again.aliases, again.skills) == (0, 0, 0)
    speak("en")
    assert set(db.session.execute(select(Skill.slug, Skill.name, Skill.name_key)).all()) == before


def test_what_coordinators_named_stays(app: Flask, world: World, skill_named: Named) -> None:
    bread = skill_named("Bread baking")
    operations.rename(world.mod, bread.id, bread.version, "Bread and rolls")
    db.session.execute(update(SkillCategory).where(SkillCategory.slug == "languages").values(name="Tongues"))
    mine = operations.propose(world.carol, "Acordes secretos")
    speak("es")
    assert skill_named("Bread and rolls").id == bread.id
    assert skill_named("Acordes secretos").id == mine.id
    assert db.session.scalar(select(SkillCategory.name).where(SkillCategory.slug == "languages")) == "Tongues"


def test_a_name_that_another_skill_has_is_not_taken(app: Flask, world: World, skill_named: Named) -> None:
    drawing = skill_named("Drawing")
    operations.add_alias(world.mod, drawing.id, drawing.version, "Embalar cajas")
    speak("es")
    assert skill_named("Packing boxes").slug == "packing-boxes"
    found = operations.resolve("embalar cajas")
    assert found is not None
    assert found.name == "Dibujo"


def test_a_file_may_name_translated_categories(app: Flask) -> None:
    speak("es")
    row = operations.CatalogueRow("Cocina y alimentación", "Arroz con leche")
    assert operations.import_catalogue([row]).categories == 0


def test_the_picker_finds_both_languages(app: Flask, as_: As, world: World) -> None:
    speak("es")
    for typed in ("guitarra", "guitar"):
        page = as_("carol").get(f"/settings/skills?kind=offer&q={typed}").text
        assert "Guitarra" in page
        assert not re.search(r">\s*Guitar\s*<", page)


def test_the_command_follows_the_community_or_what_it_is_told(app: Flask, skill_named: Named) -> None:
    for table in (UserSkill, SkillAlias, Skill, SkillCategory):
        db.session.execute(delete(table))
    db.session.execute(update(CommunitySettings).values(locale="es"))
    db.session.commit()
    run = app.test_cli_runner()
    assert "New: 640 skills, 21 categories" in run.invoke(args=["skills", "import"]).output
    assert skill_named("Guitarra").slug == "guitar"
    outcome = run.invoke(args=["skills", "import", "--language", "en"])
    assert "names are in the language" in outcome.output
    db.session.rollback()
    assert skill_named("Guitar").slug == "guitar"
    assert run.invoke(args=["skills", "import", "--language", "xx"]).exit_code == 2
