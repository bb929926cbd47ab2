"""Finding a skill: by search and radio buttons, by suggestions, by ticks for a start."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from app.core.db import db
from app.skills import operations, queries
from app.skills.models import Skill, UserSkill
from app.skills.operations import Details
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
Named = Callable[[str], Skill]
Entries = Callable[..., dict[str, UserSkill]]
Statements = Callable[[], Any]


class Somebody:
    def __init__(self, member: int) -> None:
        self.id = member


def found(text: str, viewer: int, limit: int = 20) -> list[str]:
    rows = db.session.execute(queries.suggestions(Somebody(viewer), text, "offer", limit)).all()
    return [row.name for row in rows]


def suggested(client: CheckedClient, **args: str) -> list[str]:
    return re.findall(r'data-value="([^"]*)"', client.get("/skills/suggestions", query_string=args).text)


def test_the_exact_spelling_comes_first_then_beginnings_then_the_rest(app: Flask, world: World) -> None:
    names = found("guitar", world.carol)
    assert names[0] == "Guitar"
    assert "Bass guitar" in names[1:]
    assert found("c", world.carol)[0] == "C"
    assert found("js", world.carol)[0] == "JavaScript"
    assert found("trickfilm", world.carol) == ["Animation"]


def test_among_equals_the_most_popular_comes_first(app: Flask, world: World, skill_named: Named) -> None:
    before = found("cook", world.carol)
    last = before[-1]
    for member in (world.alice, world.bob):
        operations.add(member, "want", skill_named(last).id, Details(1))
    db.session.commit()
    after = found("cook", world.carol)
    assert after.index(last) < before.index(last)


def test_at_most_twenty(app: Flask, world: World) -> None:
    assert len(found("a", world.carol)) == 20


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("ÜBERSETZ", "Translation"),
        ("ubersetz", "Translation"),
        ("pintura acrilica", "Acrylic painting"),
        ("pintura acrílica", "Acrylic painting"),
        ("GÜITÁR", "Guitar"),
    ],
)
def test_case_and_accents_do_not_matter(app: Flask, world: World, typed: str, name: str) -> None:
    assert name in found(typed, world.carol)


@pytest.mark.parametrize("typed", ["%", "_", "%%", "gui_ar", "\\", "\\%", "gui%r", "' OR 1=1 --", "x" * 3000])
def test_what_is_typed_is_a_value_never_a_pattern(app: Flask, world: World, as_: As, typed: str) -> None:
    assert found(typed, world.carol) == []
    assert as_("carol").get("/skills/suggestions", query_string={"q": typed, "kind": "want"}).status_code == 200
    assert as_("carol").get("/settings/skills", query_string={"q": typed, "kind": "want"}).status_code == 200
    assert as_("carol").get("/skills", query_string={"q": typed}).status_code == 200


def test_proposed_skills_show_to_their_proposer_and_to_who_knows_the_name(app: Flask, world: World) -> None:
    operations.propose(world.alice, "Rocketry")
    db.session.commit()
    assert found("rocket", world.alice) == ["Rocketry"]
    assert found("rocket", world.carol) == []
    assert found("ROCKETRY", world.carol) == ["Rocketry"]


def test_merged_skills_are_found_as_what_they_became(app: Flask, world: World, skill_named: Named) -> None:
    operations.merge(skill_named("Sourdough bread").id, skill_named("Bread baking").id)
    db.session.commit()
    assert found("sourdough bread", world.carol)[0] == "Bread baking"
    assert "Sourdough bread" not in found("sourdough", world.carol)


def test_suggestions_are_options_of_a_list(as_: As, statements: Statements) -> None:
    carol = as_("carol")
    with statements() as seen:
        answer = carol.get("/skills/suggestions?q=guitar&kind=want")
    assert len(seen) == 2
    assert answer.text.lstrip().startswith("<li")
    assert 'role="option" id="want-option-1" aria-selected="false" data-value="Guitar"' in answer.text
    assert "suggestions" in answer.text
    assert "<html" not in answer.text


def test_no_more_than_a_short_list_is_suggested(as_: As) -> None:
    assert len(suggested(as_("carol"), q="a", kind="offer")) == 9  # eight, and the proposal


def test_an_unknown_name_is_offered_as_a_proposal(as_: As) -> None:
    answer = as_("carol").get("/skills/suggestions?q=rocketry&kind=offer").text
    assert "Propose “rocketry” as a new skill" in answer
    assert suggested(as_("carol"), q="guitar", kind="offer").count("guitar") == 0
    assert suggested(as_("carol"), q="12345", kind="offer") == []


def test_what_is_on_the_list_already_cannot_be_chosen_again(as_: As) -> None:
    assert 'aria-disabled="true"' in as_("carol").get("/skills/suggestions?q=chess&kind=offer").text
    assert 'aria-disabled="true"' not in as_("carol").get("/skills/suggestions?q=chess&kind=want").text
    assert re.search(r'value="\d+" disabled', as_("carol").get("/settings/skills?kind=offer&q=chess").text)


@pytest.mark.parametrize("args", [{}, {"q": ""}, {"q": "   "}, {"kind": "want"}])
def test_nothing_typed_nothing_suggested(as_: As, args: dict[str, str]) -> None:
    answer = as_("carol").get("/skills/suggestions", query_string=args)
    assert (answer.status_code, answer.text) == (200, "")


def test_an_odd_kind_is_taken_for_offers(as_: As) -> None:
    assert 'id="offer-option-1"' in as_("carol").get("/skills/suggestions?q=guitar&kind=%3Cscript%3E").text
    assert as_("carol").get("/settings/skills?kind=%3Cscript%3E&q=guitar").status_code == 200


def test_without_a_script_a_search_and_radio_buttons_do_it(as_: As, world: World, entries_in: Entries) -> None:
    carol = as_("carol")
    page = carol.get("/settings/skills?kind=want&q=guitar").text
    radios = re.findall(r'type="radio" name="skill" value="(\w+)"( checked)?', page)
    assert 1 < len(radios) <= 20
    assert [bool(checked) for _value, checked in radios][:2] == [True, False]
    chosen = {"kind": "want", "q": "guitar", "skill": radios[0][0], "level": "1", "priority": "2", "note": ""}
    assert carol.post("/settings/skills/entries", data=chosen).status_code == 303
    assert "Guitar" in entries_in(world.carol, "want")


def test_a_search_without_result_offers_to_propose(as_: As) -> None:
    page = as_("carol").get("/settings/skills?kind=offer&q=rocketry").text
    assert "The catalogue has nothing like “rocketry”." in page
    assert 'name="skill" value="new" checked' in page
    assert 'name="skill" value="new"' not in as_("carol").get("/settings/skills?kind=offer&q=12345").text


@pytest.mark.parametrize(
    "address", ["/settings/skills", "/settings/skills?kind=want&q=a", "/settings/skills?welcome=1"]
)
@pytest.mark.parametrize("member", ["alice", "mod"])
def test_three_statements_at_most(
    app: Flask, as_: As, statements: Statements, world: World, address: str, member: str
) -> None:
    browser = as_(member)
    with statements() as seen:
        assert browser.get(address).status_code == 200
    assert len(seen) <= 4  # one of them is the member's own


def test_newcomers_tick_what_they_can(as_: As, world: World, skill_named: Named, entries_in: Entries) -> None:
    mod = as_("mod")
    page = mod.get("/settings/skills?welcome=1").text
    assert "First steps" in page
    assert 'href="/matches"' in page[page.index("That is enough to start with.") :]
    assert page.count("Popular here") == 2
    assert len(re.findall(r'type="checkbox" name="skill"', page)) == 24
    ticked = [str(skill_named(name).id) for name in ("Python", "Spanish", "Spanish")]
    answer = mod.post("/settings/skills/picks", data={"kind": "want", "skill": ticked})
    assert (answer.status_code, answer.location) == (303, "/settings/skills#want")
    assert {name: entry.level for name, entry in entries_in(world.mod, "want").items()} == {"Python": 1, "Spanish": 1}
    page = mod.get("/settings/skills").text
    assert "2 skills added." in page
    assert page.count("Popular here") == 1


def test_the_first_steps_go_on_until_they_are_left(as_: As, skill_named: Named) -> None:
    mod, guitar = as_("mod"), skill_named("Guitar").id
    page = mod.get("/settings/skills?welcome=1&kind=offer&q=guitar").text
    assert 'action="/settings/skills/entries?welcome=1"' in page
    sent = {"kind": "offer", "q": "guitar", "level": "3"}
    address = f"/settings/skills/entries/offer/{guitar}"
    answers = [
        mod.post("/settings/skills/entries?welcome=1", data=sent),
        mod.post(f"{address}?welcome=1", data={"level": "4"}),
        mod.post(f"{address}/pause?welcome=1"),
        mod.post(f"{address}/removal?welcome=1"),
        mod.post("/settings/skills/picks?welcome=1", data={"kind": "offer", "skill": [str(guitar)]}),
    ]
    assert {answer.location for answer in answers} == {"/settings/skills?welcome=1#offer"}
    page = mod.get("/settings/skills?welcome=1").text
    assert f'href="{address}?welcome=1"' in page
    assert "First steps" in mod.post("/settings/skills/picks?welcome=1", data={"kind": "offer"}).text


def test_what_most_members_chose_is_ticked_first(app: Flask) -> None:
    rows = db.session.execute(queries.starters(12)).all()
    assert {row.name for row in rows[:2]} == {"Python", "Spanish"}
    everyday = set(db.session.scalars(select(Skill.name).where(Skill.slug.in_(queries.EVERYDAY))))
    assert len(everyday) == 12
    db.session.execute(delete(UserSkill))
    assert {row.name for row in db.session.execute(queries.starters(12))} == everyday


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, "Tick at least one."),
        ({"skill": ["999999"]}, "not in the catalogue"),
        ({"skill": ["abc"]}, "not in the catalogue"),
        ({"skill": ["\x00"]}, "not in the catalogue"),
        ({"skill": [str(n) for n in range(60)]}, "At most 50 at once"),
        ({"skill": ["1"], "kind": "both"}, "Choose whether you offer or want it."),
    ],
)
def test_faulty_ticks(as_: As, world: World, entries_in: Entries, fields: dict[str, Any], said: str) -> None:
    answer = as_("mod").post("/settings/skills/picks", data={"kind": "offer", **fields})
    assert answer.status_code == 422
    assert said in answer.text
    assert entries_in(world.mod, "offer") == {}


def test_one_faulty_tick_saves_none_and_keeps_the_others_ticked(
    as_: As, world: World, skill_named: Named, entries_in: Entries
) -> None:
    python = str(skill_named("Python").id)
    answer = as_("mod").post("/settings/skills/picks", data={"kind": "offer", "skill": [python, "999999"]})
    assert f'value="{python}" checked' in answer.text
    assert entries_in(world.mod, "offer") == {}


def test_the_start_menu_leads_to_the_field(as_: As) -> None:
    page = as_("carol").get("/settings/skills?kind=want").text
    assert page.count("autofocus") == 1
    assert page.index("autofocus") > page.index('id="want-search"')
