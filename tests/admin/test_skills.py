"""Moderators look after the catalogue: accepting, renaming, spellings, merging, declining; the later of two is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.core.db import db
from app.core.models import AuditEvent
from app.skills import operations
from app.skills.models import Skill, SkillAlias, SkillCategory, UserSkill
from app.skills.operations import Details
from tests.accounts.mailbox import received
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def proposed(world: World) -> int:
    """A skill that Carol proposed and offers."""
    skill = operations.propose(world.carol, "Wild yeast bread")
    operations.add(world.carol, "offer", skill.id, Details(4))
    db.session.commit()
    return skill.id


def skill_of(name: str) -> Skill:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(Skill).where(Skill.name == name)).one()


def at(skill_id: int) -> Skill | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get(Skill, skill_id)


def category(name: str = "Music") -> str:
    return str(db.session.scalars(select(SkillCategory.id).where(SkillCategory.name.contains(name))).first())


def send(browser: CheckedClient, skill: Skill, action: str, **data: str) -> Any:
    version, skill_id = skill.version, skill.id
    return browser.post(f"/admin/skills/{skill_id}/{action}", data={"version": str(version), **data})


def audited() -> list[tuple[str, int | None]]:
    db.session.rollback()
    rows = select(AuditEvent.action, AuditEvent.actor_id).where(AuditEvent.action.startswith("skill-"))
    return [(row.action, row.actor_id) for row in db.session.execute(rows.order_by(AuditEvent.id))]


def test_a_proposal_is_counted_and_accepted_under_a_new_name(app: Flask, as_: As, world: World, proposed: int) -> None:
    mod = as_("mod")
    assert "Wild yeast bread" in mod.get("/admin/skills").text
    assert "1 waiting" in mod.get("/admin").text
    skill = skill_of("Wild yeast bread")
    answer = send(mod, skill, "acceptance", name="Wild sourdough", category=category())
    assert answer.status_code == 303
    listed = skill_of("Wild sourdough")
    assert (listed.state, listed.id) == ("listed", proposed)
    assert operations.resolve("wild yeast bread") == listed
    assert "1 waiting" not in mod.get("/admin").text
    assert audited() == [("skill-accepted", world.mod)]
    assert as_("bob").get(f"/skills/{listed.slug}").status_code == 200


def test_the_badge_costs_members_no_statement(app: Flask, as_: As, proposed: int, statements: Any) -> None:
    with statements() as seen:
        page = as_("bob").get("/settings/privacy").text
    assert len(seen) == 3  # the member, whether in print, the blocks
    assert "/admin" not in page


def test_renaming_keeps_the_old_name_and_the_address(app: Flask, as_: As, world: World) -> None:
    mod, skill = as_("mod"), skill_of("Chess")
    assert send(mod, skill, "name", name="Königsspiel").status_code == 303
    renamed = skill_of("Königsspiel")
    assert renamed.slug == "chess"
    assert {operations.resolve(text) for text in ("chess", "KÖNIGSSPIEL", "konigsspiel")} == {renamed}
    assert as_("bob").get("/skills/chess").status_code == 200
    page = mod.get(f"/admin/skills/{renamed.id}").text
    assert "Undo" in page
    assert send(mod, renamed, "name", name="Chess").status_code == 303
    assert skill_of("Chess").slug == "chess"
    assert audited() == [("skill-renamed", world.mod)] * 2


def test_only_the_case_of_a_name_changes(app: Flask, as_: As) -> None:
    assert send(as_("mod"), skill_of("Chess"), "name", name="CHESS").status_code == 303
    assert db.session.get_one(SkillAlias, "chess").alias == "CHESS"
    assert skill_of("CHESS").name_key == "chess"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "Type the name"),
        ("JS", "“JS” is a spelling of “JavaScript” already"),
        ("x" * 51, "At most 50"),
        ("123", "at least one letter"),
        ("Раypal", "mixes alphabets"),
        ("a\u200bb", "invisible character"),
    ],
)
@pytest.mark.parametrize(("action", "field"), [("name", "name"), ("aliases", "alias")])
def test_spellings_that_are_refused(app: Flask, as_: As, action: str, field: str, name: str, said: str) -> None:
    answer = send(as_("mod"), skill_of("Chess"), action, **{field: name})
    assert answer.status_code == 422
    assert said.replace("the name", "a spelling") in answer.text or said in answer.text
    assert audited() == []


def test_spellings_come_and_go(app: Flask, as_: As, world: World) -> None:
    mod, skill = as_("mod"), skill_of("Chess")
    assert send(mod, skill, "aliases", alias="Échiquier").status_code == 303
    assert operations.resolve("echiquier") == skill_of("Chess")
    assert "Échiquier" in mod.get(f"/admin/skills/{skill.id}").text
    again = send(mod, skill_of("Chess"), "aliases", alias="échiquier")
    assert again.status_code == 422
    assert "one of its spellings already" in again.text
    assert send(mod, skill_of("Chess"), "aliases/removal", alias="Échiquier").status_code == 303
    assert operations.resolve("echiquier") is None
    assert operations.resolve("échiquier") is None
    assert audited() == [("skill-alias-added", world.mod), ("skill-alias-removed", world.mod)]


def test_the_name_itself_stays(app: Flask, as_: As) -> None:
    answer = send(as_("mod"), skill_of("Chess"), "aliases/removal", alias="chess")
    assert answer.status_code == 422
    assert operations.resolve("chess") == skill_of("Chess")
    assert send(as_("mod"), skill_of("Chess"), "aliases/removal", alias="JS").status_code == 409


def test_another_category(app: Flask, as_: As, world: World) -> None:
    skill = skill_of("Chess")
    assert send(as_("mod"), skill, "category", category=category("Music")).status_code == 303
    assert str(skill_of("Chess").category_id) == category("Music")
    for wrong in ("", "99999", "x", "-1"):
        assert send(as_("mod"), skill_of("Chess"), "category", category=wrong).status_code == 422
    assert audited() == [("skill-moved", world.mod)]


def test_merging_shows_first_what_happens(app: Flask, as_: As, world: World, proposed: int) -> None:
    mod, bread = as_("mod"), skill_of("Sourdough bread")
    operations.add(world.carol, "offer", bread.id, Details(2))
    db.session.commit()
    assert "Which one do you mean?" in mod.get(f"/admin/skills/{proposed}/merge?q=sourdough").text
    preview = mod.get(f"/admin/skills/{proposed}/merge?into={bread.id}").text
    assert "1 member moves." in preview
    assert "1 of them has both" in preview
    assert "Wild yeast bread" in preview
    answer = send(mod, skill_of("Wild yeast bread"), "merge", into=str(bread.id))
    assert answer.location == f"/admin/skills/{bread.id}"
    moved = as_("alice").get("/skills/wild-yeast-bread")
    assert (moved.status_code, moved.location) == (301, "/skills/sourdough-bread")
    assert db.session.get_one(UserSkill, (world.carol, "offer", bread.id)).level == 4
    (mail,) = received("skill_decided")
    assert mail.to == "carol@example.org"
    assert "part of “Sourdough bread”" in mail.text
    assert audited() == [("skill-merged", world.mod)]
    assert "It is part of another skill now" in mod.get(f"/admin/skills/{proposed}").text


@pytest.mark.parametrize("into", ["", "0", "99999", "x", "9" * 30])
def test_merging_into_nothing(app: Flask, as_: As, into: str) -> None:
    mod, skill = as_("mod"), skill_of("Chess")
    assert mod.get(f"/admin/skills/{skill.id}/merge?into={into}").status_code == 200
    assert send(mod, skill, "merge", into=into).status_code == 422
    assert send(mod, skill_of("Chess"), "merge", into=str(skill_of("Chess").id)).status_code == 422
    assert skill_of("Chess").state == "listed"


def test_declining_takes_it_away_and_tells_those_who_had_it(app: Flask, as_: As, world: World, proposed: int) -> None:
    operations.add(world.bob, "want", proposed, Details(1))
    db.session.commit()
    mod, skill = as_("mod"), skill_of("Wild yeast bread")
    assert send(mod, skill, "decline").status_code == 422
    assert send(mod, skill_of("Wild yeast bread"), "decline", words=f"Too narrow. {HOSTILE}").status_code == 303
    assert at(proposed) is None
    assert db.session.scalar(select(func.count()).where(UserSkill.skill_id == proposed)) == 0
    mails = received("skill_decided")
    assert {mail.to for mail in mails} == {"bob@example.org", "carol@example.org"}
    assert all(HOSTILE in mail.text and HOSTILE not in mail.html for mail in mails)
    assert mod.get(f"/admin/skills/{proposed}").status_code == 404
    assert audited() == [("skill-declined", world.mod)]


def test_a_listed_skill_is_not_declined(app: Flask, as_: As) -> None:
    assert send(as_("mod"), skill_of("Chess"), "decline", words="No.").status_code == 409
    assert skill_of("Chess").state == "listed"


def test_something_older_was_shown(app: Flask, as_: As) -> None:
    old, mod = skill_of("Chess"), as_("mod")
    version = old.version
    send(as_("admin"), old, "name", name="Chess and checkers")
    late = mod.post(f"/admin/skills/{old.id}/name", data={"version": str(version), "name": "Draughts"})
    assert late.status_code == 409
    assert "this is “Chess and checkers”" in late.text
    for wrong in ("", "x", "-1", "9" * 40):
        data = {"version": wrong, "alias": "Schach"}
        assert mod.post(f"/admin/skills/{old.id}/aliases", data=data).status_code == 409


@pytest.mark.parametrize("second", ["acceptance", "merge", "decline"])
def test_two_at_once_have_one_outcome(app: Flask, as_: As, proposed: int, second: str) -> None:
    bread = skill_of("Sourdough bread").id
    data = {"name": "Wild yeast bread", "category": category(), "into": str(bread), "words": "No."}
    version = str(skill_of("Wild yeast bread").version)
    browsers = {"acceptance": as_("mod"), "second": as_("admin")}
    barrier, answers = threading.Barrier(2), {}
    db.session.remove()

    def act(who: str, action: str) -> None:
        barrier.wait()
        address = f"/admin/skills/{proposed}/{action}"
        answers[who] = browsers[who].post(address, data={"version": version, **data})

    threads = [
        threading.Thread(target=act, args=("acceptance", "acceptance")),
        threading.Thread(target=act, args=("second", second)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers.values()) == [303, 409]
    assert "Somebody was faster" in next(a for a in answers.values() if a.status_code == 409).text
    assert len(audited()) == 1


def test_search_finds_every_state(app: Flask, as_: As, world: World, proposed: int) -> None:
    operations.merge(skill_of("Pizza").id, skill_of("Bread baking").id)
    db.session.commit()
    mod = as_("mod")
    page = mod.get("/admin/skills?q=bread").text
    assert "Wild yeast bread" in page
    assert "Sourdough bread" in page
    assert "part of Bread baking" in mod.get("/admin/skills?q=pizza").text
    assert "Nothing like" in mod.get("/admin/skills?q=%25%27--").text
    assert "after=" in mod.get("/admin/skills?q=a").text


def test_hostile_names(app: Flask, as_: As, world: World) -> None:
    skill = operations.propose(world.carol, HOSTILE)
    db.session.commit()
    for path in ("/admin/skills", f"/admin/skills/{skill.id}", f"/admin/skills/{skill.id}/merge"):
        assert HOSTILE not in as_("mod").get(path).text
