"""Who fits whom: found in SQL, the same as computed by hand, and never those who must not appear."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import AvailabilityHour, Block, User
from app.core.clock import now
from app.core.db import db
from app.skills.models import UserSkill
from tests.directory.people import add_member, change, skill_id


def names(page: str) -> list[str]:
    return re.findall(r'<h2><a href="/members/\d+">([^<]*)</a></h2>', page)


def points(page: str) -> list[int]:
    return [int(found) for found in re.findall(r"<td>(\d+)</td>", page)]


def test_alice_and_bob_fit_both_ways(as_: Any, world: Any) -> None:
    """Spanish 5 for 2 and Python 4 for 2 are full fits of priority 2: 50 each way; 2 hours and the place beside."""
    page = as_("alice").get("/matches").text
    assert names(page) == ["Bob Brandt"]
    assert "Offers Spanish, which you want" in page
    assert "Wants Python, which you offer" in page
    assert points(page) == [25, 25, 2, 5, 4, 61]
    assert names(as_("bob").get("/matches").text) == ["Alice Adeyemi"]
    assert points(as_("bob").get("/matches").text) == [25, 25, 2, 5, 4, 61]


@pytest.mark.parametrize(
    "column",
    [{"closed_at": now()}, {"paused_at": now()}, {"approved_at": None}, {"is_active": False}, {"is_verified": False}],
    ids=lambda column: next(iter(column)),
)
@pytest.mark.parametrize("address", ["/matches", "/matches/one-way", "/matches/one-way?direction=learn"])
def test_who_must_not_appear(as_: Any, world: Any, column: dict[str, Any], address: str) -> None:
    make_one_way(world, address)
    assert names(as_("alice").get(address).text) == ["Bob Brandt"]
    change(User, world.bob, **column)
    assert names(as_("alice").get(address).text) == []


@pytest.mark.parametrize("address", ["/matches", "/matches/one-way", "/matches/one-way?direction=learn"])
@pytest.mark.parametrize("by_alice", [True, False])
def test_blocked_never_appear(as_: Any, world: Any, address: str, by_alice: bool) -> None:
    make_one_way(world, address)
    pair = (world.alice, world.bob) if by_alice else (world.bob, world.alice)
    db.session.add(Block(blocker_id=pair[0], blocked_id=pair[1]))
    db.session.commit()
    assert names(as_("alice").get(address).text) == []


@pytest.mark.parametrize("who", ["alice", "bob"])
@pytest.mark.parametrize("column", [{"paused_at": now()}, {"expires_at": now() - timedelta(minutes=1)}])
def test_entries_out_of_use_do_not_count(as_: Any, world: Any, who: str, column: dict[str, Any]) -> None:
    entry = (getattr(world, who), "want" if who == "alice" else "offer", skill_id("Spanish"))
    change(UserSkill, entry, **column)
    assert names(as_("alice").get("/matches").text) == []


def test_a_paused_viewer_gets_a_friendly_notice(as_: Any, world: Any) -> None:
    change(User, world.alice, paused_at=now())
    for address in ("/matches", "/matches/one-way"):
        page = as_("alice").get(address).text
        assert "You are taking a break" in page
        assert names(page) == []


def test_one_way_excludes_mutual_ones(as_: Any, world: Any) -> None:
    add_member("Dora", offers=[("Spanish", 4, 2)])
    add_member("Emil", wants=[("Python", 1, 3)])
    assert names(as_("alice").get("/matches/one-way").text) == ["Dora"]
    learners = as_("alice").get("/matches/one-way?direction=learn").text
    assert names(learners) == ["Emil"]
    assert points(learners) == [75, 75]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("skill=spanish", ["Dora"]),
        ("skill=chess", ["Emil"]),
        ("skill=knitting", []),
        ("place=mine", ["Dora"]),
        ("language=es", ["Emil"]),
        ("weekday=2", ["Emil"]),
        ("weekday=9", ["Dora", "Emil"]),
        ("skill=nothing-like-it", []),
    ],
)
def test_filters(as_: Any, world: Any, query: str, found: list[str]) -> None:
    change(User, world.bob, paused_at=now())
    add_member("Dora", offers=[("Spanish", 5, 2)], wants=[("Python", 1, 3)], place="Riverton", languages=["en"])
    db.session.add(UserSkill(user_id=world.alice, kind="want", skill_id=skill_id("Chess"), level=2, priority=2))
    add_member("Emil", offers=[("Chess", 5, 2)], wants=[("Python", 1, 1)], languages=["es"], hours=[50])
    assert names(as_("alice").get(f"/matches?{query}").text) == found


def test_the_order_is_stable(as_: Any, world: Any) -> None:
    """Equal scores go by number, so that the earlier member stands first and pages do not overlap."""
    made = [add_member(f"Twin {n:02}", offers=[("Spanish", 3, 2)], wants=[("Python", 2, 2)]) for n in range(50)]
    client, seen, url = as_("alice"), [], "/matches"
    while url:
        page = client.get(url).text
        seen += re.findall(r'<h2><a href="/members/(\d+)">', page)
        marked = re.search(r'rel="next" href="([^"]*)"', page)
        url = marked[1].replace("&amp;", "&") if marked else ""
    assert seen == [str(world.bob), *map(str, made)]


def test_pages_go_back(as_: Any, world: Any) -> None:
    for n in range(30):
        add_member(f"Twin {n:02}", offers=[("Spanish", n % 5 + 1, 2)], wants=[("Python", 2, 2)])
    client = as_("alice")
    first = client.get("/matches").text
    after = re.search(r'rel="next" href="([^"]*)"', first)
    assert after
    second = client.get(after[1].replace("&amp;", "&")).text
    before = re.search(r'rel="prev" href="([^"]*)"', second)
    assert before
    assert names(client.get(before[1].replace("&amp;", "&")).text) == names(first)
    assert client.get("/matches?after=bm8").status_code == 400


@pytest.mark.parametrize("address", ["/matches", "/matches/one-way", "/matches/one-way?direction=learn&weekday=0"])
def test_statements_do_not_grow_with_rows(as_: Any, world: Any, statements: Any, address: str) -> None:
    for n in range(30):
        add_member(f"Dora {n}", offers=[("Spanish", 4, 2)], wants=[("Python", 1, 2)], languages=["en"], hours=[18])
        add_member(f"Emil {n}", offers=[("Spanish", 4, 2)])
    client = as_("alice")
    with statements() as seen:
        client.get(address)
    assert len(seen) <= 4, seen


def test_empty_states_say_what_to_do(as_: Any, world: Any) -> None:
    assert "See one-way matches" in as_("carol").get("/matches").text
    assert "Choose what I want" in as_("mod").get("/matches").text
    assert "Choose what I offer" in as_("mod").get("/matches/one-way?direction=learn").text
    assert "Nobody with these filters" in as_("alice").get("/matches?weekday=3").text
    change(UserSkill, (world.carol, "offer", skill_id("Chess")), paused_at=now())
    assert "See who teaches what I want" in as_("carol").get("/matches").text


def test_at_most_eight_hours_count(as_: Any, world: Any) -> None:
    for member in (world.alice, world.bob):
        db.session.add_all(AvailabilityHour(user_id=member, hour=hour) for hour in range(100, 120))
    db.session.commit()
    page = as_("alice").get("/matches").text
    assert "You are both free 22 hours a week" in page
    assert points(page) == [25, 25, 8, 5, 4, 67]


def test_strangers_sign_in_first(client: Any, world: Any) -> None:
    for address in ("/matches", "/matches/one-way"):
        assert "/sign-in" in client.get(address).headers["Location"]


def make_one_way(world: Any, address: str) -> None:
    """Takes from Bob what would make him fit in the other direction too."""
    if "one-way" in address:
        kind, skill = ("offer", "Spanish") if "learn" in address else ("want", "Python")
        change(UserSkill, (world.bob, kind, skill_id(skill)), paused_at=now())
