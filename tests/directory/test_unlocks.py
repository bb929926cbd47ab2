"""Which skill would bring more matches, how many, and that adding it does."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.accounts.models import Block, User
from app.core.clock import now
from app.core.db import db
from app.directory.queries import unlocks
from app.directory.queries.entries import own_facts
from app.skills.models import Skill, UserSkill
from tests.directory.people import add_member, change, skill_id
from tests.directory.test_matches import names

PYTHON, SPANISH = [("Python", 1, 2)], [("Spanish", 5, 2)]


def hints(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<span class="unlock-text">(.*?)<small>(.*?)</small>', page, re.DOTALL)
    return [(question.strip(), count.strip()) for question, count in found]


def test_the_skill_that_brings_most_comes_first(as_: Any, world: Any) -> None:
    """Alice offers Python and wants Spanish."""
    add_member("Dora", offers=[("Chess", 3, 2), ("Yoga", 3, 2)], wants=PYTHON)
    add_member("Emil", offers=[("Chess", 1, 2)], wants=PYTHON)
    add_member("Fay", offers=SPANISH, wants=[("Sewing", 1, 3)])
    assert hints(as_("alice").get("/matches").text) == [
        ("Want to learn Chess?", "2 new matches"),
        ("Can you offer Sewing?", "1 new match"),
        ("Want to learn Yoga?", "1 new match"),
    ]


def test_the_button_adds_it_and_brings_them(as_: Any, world: Any) -> None:
    add_member("Dora", offers=[("Chess", 3, 2)], wants=PYTHON)
    browser = as_("alice")
    page = browser.get("/matches").text
    action = re.search(r'action="(/settings/skills/entries\?next=[^"]*)"', page)
    assert action
    values = dict(re.findall(r'name="(kind|skill|level)" value="([^"]*)"', page.split('class="unlocks"')[1]))
    answer = browser.post(action[1], data=values)
    assert (answer.status_code, answer.location) == (303, "/matches")
    assert sorted(names(browser.get("/matches").text)) == ["Bob Brandt", "Dora"]
    entry = db.session.get_one(UserSkill, (world.alice, "want", skill_id("Chess")))
    assert (entry.level, entry.priority) == (1, 2)
    assert hints(browser.get("/matches").text) == [("Can you offer Knitting?", "1 new match")]


def test_adding_leads_nowhere_else(as_: Any, world: Any) -> None:
    data = {"kind": "want", "skill": str(skill_id("Chess")), "level": "1"}
    answer = as_("alice").post("/settings/skills/entries?next=//evil.example", data=data)
    assert answer.location == "/settings/skills#want"


@pytest.mark.parametrize(
    "column",
    [{"closed_at": now()}, {"paused_at": now()}, {"approved_at": None}, {"is_active": False}, {"is_verified": False}],
    ids=lambda column: next(iter(column)),
)
def test_who_is_not_shown_is_not_counted(as_: Any, world: Any, column: dict[str, Any]) -> None:
    dora = add_member("Dora", offers=[("Chess", 3, 2)], wants=PYTHON)
    change(User, dora, email="dora@example.org", email_key="dora@example.org", **column)
    assert hints(as_("alice").get("/matches").text) == []


@pytest.mark.parametrize("by_alice", [True, False])
def test_blocked_are_not_counted(as_: Any, world: Any, by_alice: bool) -> None:
    dora = add_member("Dora", offers=[("Chess", 3, 2)], wants=PYTHON)
    pair = (world.alice, dora) if by_alice else (dora, world.alice)
    db.session.add(Block(blocker_id=pair[0], blocked_id=pair[1]))
    db.session.commit()
    assert hints(as_("alice").get("/matches").text) == []


def test_what_one_has_or_nobody_lists_is_not_advised(as_: Any, world: Any) -> None:
    add_member("Dora", offers=[("Python", 3, 2), ("Yoga", 3, 2)], wants=PYTHON)
    change(Skill, skill_id("Yoga"), state="proposed")
    assert hints(as_("alice").get("/matches").text) == []


def test_what_fits_already_counts_for_nothing(as_: Any, world: Any) -> None:
    add_member("Dora", offers=[("Chess", 3, 2), *SPANISH], wants=PYTHON)
    assert hints(as_("alice").get("/matches").text) == []


@pytest.mark.parametrize("address", ["/matches/one-way", "/matches?weekday=1"])
def test_only_the_whole_list_of_mutual_matches_advises(as_: Any, world: Any, address: str) -> None:
    add_member("Dora", offers=[("Chess", 3, 2)], wants=PYTHON)
    assert hints(as_("alice").get(address).text) == []


def test_where_many_are_asked_the_count_is_a_lower_bound(as_: Any, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unlocks, "ASKED", 1)
    own_facts.cache_clear()
    for name in ("Dora", "Emil"):
        add_member(name, offers=[("Chess", 3, 2)], wants=PYTHON)
    try:
        assert hints(as_("alice").get("/matches").text) == [("Want to learn Chess?", "At least 1 new match")]
    finally:
        own_facts.cache_clear()
