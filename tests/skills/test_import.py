"""The import adds what is missing and leaves the rest alone."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from app.core.db import db
from app.core.errors import DomainError
from app.skills import operations
from app.skills.models import Skill, SkillAlias, SkillCategory, UserSkill
from app.skills.operations import CatalogueRow, Imported
from tests.world import World

Named = Callable[[str], Skill]


def counts() -> tuple[int, ...]:
    return tuple(
        db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (SkillCategory, Skill, SkillAlias)
    )


def imported(*rows: CatalogueRow) -> Imported:
    done = operations.import_catalogue(rows)
    db.session.commit()
    return done


def read(text: str) -> list[CatalogueRow]:
    return operations.read_catalogue(io.StringIO(text))


def test_the_shipped_catalogue_is_whole(app: Flask) -> None:
    categories, skills, aliases = counts()
    assert categories == 21
    assert skills >= 600
    assert aliases > 2 * skills
    assert db.session.scalar(select(func.count()).where(Skill.state == "listed")) == skills


def test_it_is_there_from_the_first_use_and_imported_once(app: Flask) -> None:
    assert operations.ensure_catalogue() is False
    for table in (UserSkill, SkillAlias, Skill, SkillCategory):
        db.session.execute(delete(table))
    assert operations.ensure_catalogue() is True
    assert counts()[0] == 21


def test_a_second_import_changes_nothing(app: Flask) -> None:
    before, changed = counts(), db.session.scalar(select(func.max(Skill.updated_at)))
    outcome = app.test_cli_runner().invoke(args=["skills", "import"])
    assert outcome.exit_code == 0, outcome.output
    assert "New: 0 skills, 0 categories, 0 spellings." in outcome.output
    assert counts() == before
    assert db.session.scalar(select(func.max(Skill.updated_at))) == changed


def test_new_skills_categories_and_spellings_are_added(app: Flask, skill_named: Named) -> None:
    done = imported(CatalogueRow("Space", "Rocketry", ("rockets",)), CatalogueRow("Languages", "Spanish", ("hispano",)))
    assert (done.categories, done.skills, done.aliases, done.kept) == (1, 1, 3, [])
    assert skill_named("Rocketry").slug == "rocketry"
    resolved = operations.resolve("HISPANO")
    assert resolved is not None
    assert resolved.name == "Spanish"


def test_nothing_is_renamed(app: Flask, skill_named: Named) -> None:
    done = imported(CatalogueRow("Software development", "JS"), CatalogueRow("Writing", "JavaScript"))
    assert done.skills == 0
    assert done.kept == ["JS stays a spelling of JavaScript."]
    assert skill_named("JavaScript").category_id == skill_named("Python").category_id


def test_a_spelling_stays_with_its_skill(app: Flask) -> None:
    done = imported(
        CatalogueRow("Music & stage", "Guitar", ("Klavier",)), CatalogueRow("Music & stage", "Guitar", ("Violin",))
    )
    assert [sentence for sentence in done.kept if sentence.startswith("Violin stays a spelling of Violin")]
    resolved = operations.resolve("violin")
    assert resolved is not None
    assert resolved.name == "Violin"


def test_names_come_before_other_rows_spellings(app: Flask, skill_named: Named) -> None:
    imported(CatalogueRow("Space", "Orbits", ("Satellites",)), CatalogueRow("Space", "Satellites"))
    assert operations.resolve("satellites") == skill_named("Satellites")


def test_names_that_look_alike_get_addresses_of_their_own(app: Flask, skill_named: Named) -> None:
    imported(
        CatalogueRow("Space", "Moon rock"), CatalogueRow("Space", "Moon-Rock"), CatalogueRow("Space", "Suggestions")
    )
    assert {skill_named(n).slug for n in ("Moon rock", "Moon-Rock")} == {"moon-rock", "moon-rock-2"}
    assert skill_named("Suggestions").slug == "suggestions-2"  # /skills/suggestions is a page of its own


def test_a_proposed_skill_in_the_file_is_listed(app: Flask, world: World, skill_named: Named) -> None:
    operations.propose(world.alice, "Rocketry")
    db.session.commit()
    done = imported(CatalogueRow("Space", "rocketry"))
    assert (done.skills, done.listed) == (0, 1)
    assert skill_named("Rocketry").state == "listed"
    assert imported(CatalogueRow("Space", "rocketry")).listed == 0


def test_accents_may_be_left_out(app: Flask) -> None:
    imported(CatalogueRow("Space", "Étoiles filantes"))
    assert operations.resolve("etoiles FILANTES") == operations.resolve("étoiles filantes") is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "first line"),
        ("name,category\n", "first line"),
        ("category,name,aliases\nSpace,Rocketry\n", "Line 2 has 2 columns"),
        ("category,name,aliases\n,Rocketry,\n", "Line 2: a category"),
        ("category,name,aliases\nSpace,,\n", "Line 2: names"),
        ("category,name,aliases\nSpace," + "x" * 51 + ",\n", "Line 2: names"),
        ("category,name,aliases\nSpace,Rocketry," + "y" * 51 + "\n", "Line 2: names"),
        ("category,name,aliases\nSpace,Rocket\x07ry,\n", "Line 2 holds a control character"),
        ('category,name,aliases\nSpace,"Rocketry" x,\n', "cannot be read"),
    ],
)
def test_a_faulty_file_names_its_line(app: Flask, text: str, said: str) -> None:
    with pytest.raises(DomainError) as refused:
        read(text)
    assert said in refused.value.message


def test_a_faulty_file_imports_nothing(app: Flask, tmp_path: Path) -> None:
    before = counts()
    for content in (b"category,name,aliases\nSpace,Rocketry,\nSpace,,\n", b"category,name,aliases\nSpace,Rock\xff,\n"):
        (tmp_path / "skills.csv").write_bytes(content)
        outcome = app.test_cli_runner().invoke(args=["skills", "import", str(tmp_path / "skills.csv")])
        assert outcome.exit_code == 1
        assert outcome.output.startswith("Error: Line 3" if b"\xff" not in content else "Error: Line")
    db.session.rollback()
    assert counts() == before


def test_a_file_from_a_spreadsheet_with_a_mark_at_its_start(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "skills.csv").write_text("category,name,aliases\nSpace,Rocketry,rockets|\n", encoding="utf-8-sig")
    outcome = app.test_cli_runner().invoke(args=["skills", "import", str(tmp_path / "skills.csv")])
    assert "New: 1 skills, 1 categories, 2 spellings." in outcome.output
