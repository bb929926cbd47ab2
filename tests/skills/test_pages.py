"""The catalogue, the page of one skill, and what other packages ask."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from app.accounts.models import Block, User
from app.core.clock import now
from app.core.db import db
from app.skills import operations, queries
from app.skills.models import Skill, UserSkill
from app.skills.operations import Details
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
Named = Callable[[str], Skill]
Statements = Callable[[], Any]


def members_on(page: str) -> list[str]:
    return re.findall(r'skill-person-name">([^<]+?)\s*(?:<|$)', page)


def set_member(member: int, **values: Any) -> None:
    db.session.execute(update(User).where(User.id == member).values(**values))
    db.session.commit()


def test_the_catalogue_by_category_with_counts(as_: As, statements: Statements) -> None:
    carol = as_("carol")
    with statements() as seen:
        page = carol.get("/skills").text
    assert len(seen) == 2
    assert page.count("skill-category") == 21
    assert re.search(r'href="/skills/python">Python <span>1</span>', page)
    assert 'class="none" href="/skills/guitar">Guitar<' in page


def test_the_catalogue_can_be_searched(as_: As) -> None:
    page = as_("carol").get("/skills?q=JS").text
    assert 'href="/skills/javascript"' in page
    assert "/skills/guitar" not in page
    empty = as_("carol").get("/skills?q=rocketry").text
    assert "Nothing like “rocketry” yet" in empty
    assert 'href="/settings/skills?kind=offer&amp;q=rocketry"' in empty


def test_the_page_of_a_skill(as_: As, statements: Statements) -> None:
    carol = as_("carol")
    with statements() as seen:
        page = carol.get("/skills/python").text
    assert len(seen) <= 4
    assert members_on(page) == ["Alice Adeyemi"]
    assert "Also: " in page
    assert "Software development" in page
    assert members_on(carol.get("/skills/python?kind=want").text) == ["Bob Brandt"]
    assert "Wanted by 1" in page
    assert 'href="/settings/skills?kind=offer&amp;q=Python#add-offer"' in page
    assert "You offer this" in as_("alice").get("/skills/python").text


@pytest.mark.parametrize("slug", ["nothing", "Python", "py%", "_", "x" * 300])
def test_unknown_skills_are_not_there(as_: As, slug: str) -> None:
    assert as_("carol").get(f"/skills/{slug}").status_code == 404


def test_members_only(client: CheckedClient) -> None:
    for address in ("/skills", "/skills/python", "/skills/suggestions?q=a"):
        assert client.get(address).status_code == 303


@pytest.mark.parametrize(
    "values",
    [{"paused_at": now()}, {"is_active": False}, {"approved_at": None}, {"closed_at": now()}, {"is_verified": False}],
)
def test_members_who_are_not_there_are_not_counted_either(
    app: Flask, as_: As, world: World, values: dict[str, Any]
) -> None:
    set_member(world.alice, **values)
    page = as_("carol").get("/skills/python").text
    assert members_on(page) == []
    assert "Offered by 0" in page
    assert 'class="none" href="/skills/python"' in as_("carol").get("/skills").text


@pytest.mark.parametrize("blocker", ["alice", "carol"])
def test_blocked_members_do_not_meet(app: Flask, as_: As, world: World, blocker: str) -> None:
    other = world.carol if blocker == "alice" else world.alice
    db.session.execute(insert(Block).values(blocker_id=getattr(world, blocker), blocked_id=other))
    db.session.commit()
    assert members_on(as_("carol").get("/skills/python").text) == []
    assert members_on(as_("bob").get("/skills/python").text) == ["Alice Adeyemi"]


@pytest.mark.parametrize("values", [{"paused_at": now()}, {"expires_at": now() - timedelta(minutes=1)}])
def test_entries_that_rest_are_nobody_elses_business(app: Flask, as_: As, world: World, values: dict[str, Any]) -> None:
    db.session.execute(update(UserSkill).where(UserSkill.user_id == world.alice).values(values))
    db.session.commit()
    assert members_on(as_("carol").get("/skills/python").text) == []
    assert db.session.execute(queries.skills_of([world.alice])).all() == []
    assert len(db.session.execute(queries.entries_of(world.alice)).all()) == 3
    assert "Python" in as_("alice").get("/settings/skills").text


def test_pages_of_members_without_gaps(app: Flask, as_: As, skill_named: Named) -> None:
    chess = skill_named("Chess").id
    names = [f"Member {number:02}" for number in range(60)]
    rows = [
        {"name": name, "name_key": name.lower(), "is_verified": True, "approved_at": now(), "email": None}
        for name in names
    ]
    db.session.execute(insert(User), rows)
    ids = db.session.scalars(select(User.id).where(User.name.startswith("Member"))).all()
    offers = [{"user_id": i, "kind": "offer", "skill_id": chess, "level": 1 + i % 5} for i in ids]
    db.session.execute(insert(UserSkill), offers)
    db.session.commit()
    seen, address = [], "/skills/chess"
    while address:
        page = as_("alice").get(address).text
        seen += members_on(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == 61
    assert sorted(seen) == sorted([*names, "Carol Castillo"])
    assert as_("alice").get("/skills/chess?after=nonsense").status_code == 400


def test_a_proposed_skill_is_in_no_list(app: Flask, as_: As, world: World) -> None:
    skill = operations.propose(world.alice, "Rocketry")
    for member in (world.alice, world.bob):
        operations.add(member, "offer", skill.id, Details(3))
    db.session.commit()
    assert "Rocketry" not in as_("carol").get("/skills").text
    assert "Rocketry" not in as_("carol").get("/skills?q=rocketry").text.replace("“rocketry”", "")
    assert "Rocketry" not in [row.name for row in db.session.execute(queries.popular(50))]
    assert "Rocketry" not in [row.name for row in db.session.execute(queries.starters(50))]
    page = as_("carol").get("/skills/rocketry").text
    assert "A member proposed this skill." in page
    assert members_on(page) == ["Alice Adeyemi", "Bob Brandt"]


def test_skills_of_many_members_in_one_statement(app: Flask, world: World, skill_named: Named) -> None:
    operations.add(world.alice, "want", skill_named("Guitar").id, Details(1, 3, "folk"))
    db.session.commit()
    rows = db.session.execute(queries.skills_of([world.alice, world.bob])).all()
    told = [(row.user_id, row.kind, row.name, row.level, row.priority, row.note, row.state) for row in rows]
    assert told[0] == (world.alice, "want", "Guitar", 1, 3, "folk", "listed")
    assert [row[2] for row in told if row[0] == world.alice] == ["Guitar", "Python", "Sourdough bread", "Spanish"]
    assert len(told) == 6
    assert rows[0].slug == "guitar"


def test_popular_skills(app: Flask, world: World, skill_named: Named) -> None:
    operations.add(world.carol, "offer", skill_named("Spanish").id, Details(3))
    db.session.commit()
    rows = db.session.execute(queries.popular(2)).all()
    assert [tuple(row) for row in rows] == [("Spanish", "spanish", 2), ("Chess", "chess", 1)]


@pytest.mark.parametrize(("member", "missing"), [("alice", 0), ("bob", 0), ("mod", 1)])
def test_the_badge_asks_for_what_is_missing(app: Flask, world: World, member: str, missing: int) -> None:
    count = select(queries.missing_kinds_count(User.id)).where(User.id == getattr(world, member))
    assert db.session.scalar(count) == missing


def test_export_and_forgetting(app: Flask, world: World) -> None:
    operations.propose(world.alice, "Rocketry")
    db.session.commit()
    exported = queries.export(world.alice)
    assert json.loads(json.dumps(exported)) == exported
    assert {entry["skill"] for entry in exported["entries"]} == {"Python", "Sourdough bread", "Spanish"}
    assert exported["proposed"] == ["Rocketry"]
    operations.forget_member(world.alice)
    db.session.commit()
    assert queries.export(world.alice) == {"entries": [], "proposed": []}
    assert queries.export(world.bob)["entries"]
    assert operations.resolve("rocketry") is not None
