"""The member directory: what is found, how it is counted, who sees what."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import AvailabilityHour, Block, User, UserLanguage
from app.community.models import THE_ONE, CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.skills.models import UserSkill
from tests.directory.people import add_member, change, skill_id


def names(page: str) -> list[str]:
    """The names on the cards, in order."""
    return re.findall(r'class="person-card-link" href="[^"]*">([^<]*)<', page)


def search(client: Any, query: str = "") -> list[str]:
    response = client.get(f"/members?{query}")
    assert response.status_code == 200
    return names(response.text)


def test_lists_others_newest_first(as_: Any, world: Any) -> None:
    assert search(as_("alice")) == ["Ada Min", "Mona Dahl", "Carol Castillo", "Bob Brandt"]


def test_by_name(as_: Any, world: Any) -> None:
    assert search(as_("alice"), "sort=name") == ["Ada Min", "Bob Brandt", "Carol Castillo", "Mona Dahl"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=bob", ["Bob Brandt"]),
        ("q=BRANDT+spanish", ["Bob Brandt"]),
        ("q=bob+chess", []),
        ("q=castellano", ["Bob Brandt"]),
        ("q=python&kind=want", ["Bob Brandt"]),
        ("q=python&kind=offer", []),
        ("q=hillford", ["Carol Castillo"]),
        ("q=%25", []),
        ("q=_", []),
        ("q=%5C", []),
        ("q=" + "x" * 500, []),
        ("q=%F0%9F%A5%90", []),
        ("skill=spanish", ["Bob Brandt"]),
        ("skill=python", ["Bob Brandt"]),
        ("skill=python&kind=offer", []),
        ("skill=python&kind=want", ["Bob Brandt"]),
        ("skill=spanish&level=5", ["Bob Brandt"]),
        ("skill=chess&level=5", []),
        ("skill=no-such-skill", []),
        ("category=languages", ["Bob Brandt"]),
        ("place=hillford", ["Carol Castillo"]),
        ("place=hillford&place=riverton&kind=offer", ["Carol Castillo", "Bob Brandt"]),
        ("language=en", ["Bob Brandt"]),
        ("weekday=0", ["Bob Brandt"]),
        ("weekday=0&part=evening", ["Bob Brandt"]),
        ("weekday=0&part=morning", []),
        ("weekday=1", []),
        ("weekday=9&level=99&kind=sideways&part=noon", ["Ada Min", "Mona Dahl", "Carol Castillo", "Bob Brandt"]),
    ],
)
def test_finds(as_: Any, world: Any, query: str, found: list[str]) -> None:
    assert search(as_("alice"), query) == found


def test_weekday_is_the_readers(as_: Any, world: Any) -> None:
    """Bob's Monday evening in UTC is Tuesday morning in Auckland."""
    change(User, world.alice, timezone="Pacific/Auckland")
    assert search(as_("alice"), "weekday=0") == []
    assert search(as_("alice"), "weekday=1&part=morning") == ["Bob Brandt"]


def test_a_level_without_kind_is_about_offers(as_: Any, world: Any) -> None:
    add_member("Dora", wants=[("Chess", 5, 2)])
    assert search(as_("alice"), "skill=chess&level=3") == ["Carol Castillo"]
    assert search(as_("alice"), "skill=chess&level=3&kind=want") == ["Dora"]


@pytest.mark.parametrize(
    "column",
    [{"closed_at": now()}, {"paused_at": now()}, {"approved_at": None}, {"is_active": False}, {"is_verified": False}],
)
def test_hides_who_is_not_here(as_: Any, world: Any, column: dict[str, Any]) -> None:
    change(User, world.bob, **column)
    assert "Bob Brandt" not in search(as_("alice"))


@pytest.mark.parametrize("way", ["alice blocks bob", "bob blocks alice"])
def test_hides_blocked_both_ways(as_: Any, world: Any, way: str) -> None:
    blocker, blocked = (world.alice, world.bob) if way.startswith("alice") else (world.bob, world.alice)
    db.session.add(Block(blocker_id=blocker, blocked_id=blocked))
    db.session.commit()
    assert "Bob Brandt" not in search(as_("alice"))
    assert "Bob Brandt" in search(as_("carol"))


@pytest.mark.parametrize("column", [{"paused_at": now()}, {"expires_at": now() - timedelta(minutes=1)}])
def test_entries_out_of_use_are_not_found(as_: Any, world: Any, column: dict[str, Any]) -> None:
    change(UserSkill, (world.bob, "offer", skill_id("Spanish")), **column)
    assert search(as_("alice"), "q=spanish") == []
    assert search(as_("alice"), "skill=spanish") == []
    assert "Spanish" not in as_("alice").get("/members?q=bob").text.split('id="results"')[1]


def test_a_merged_skill_leads_to_what_it_became(as_: Any, world: Any) -> None:
    from app.skills.models import Skill

    change(Skill, skill_id("Chess"), state="merged", merged_into_id=skill_id("Spanish"))
    assert search(as_("alice"), "skill=chess") == ["Bob Brandt"]


def test_facets_count_with_the_other_filters(as_: Any, world: Any) -> None:
    page = as_("alice").get("/members?place=riverton").text
    assert facet(page, "place") == {"riverton": "3", "hillford": "1"}
    assert facet(page, "language") == {"en": "1"}
    assert facet(page, "category")["languages"] == "1"
    assert "games" not in " ".join(facet(page, "category"))
    assert facet(page, "weekday") == {"0": "1", **{str(n): "0" for n in range(1, 7)}}


def test_facets_beyond_a_thousand_are_lower_bounds(as_: Any, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.directory.queries.facets.MOST", 3)
    page = as_("alice").get("/members").text
    assert "2+ members" in page
    assert all(count.endswith("+") for count in facet(page, "place").values())


def test_levels_are_counted_from_the_top_down(as_: Any, world: Any) -> None:
    page = as_("alice").get("/members").text
    levels = page.split('id="facet-level"')[1].split("</select>")[0]
    assert "Basics or more (2)" in levels
    assert "Advanced or more (2)" in levels
    assert "Expert (1)" in levels


def test_active_filters_are_chips_that_take_themselves_off(as_: Any, world: Any) -> None:
    page = as_("alice").get("/members?q=b&category=languages&skill=spanish&sort=name").text
    chips = page.split('class="active-filters"')[1].split("</ul>")[0]
    assert 'href="/members?category=languages&amp;skill=spanish&amp;sort=name"' in chips
    assert 'href="/members?q=b&amp;skill=spanish&amp;sort=name"' in chips
    assert "Spanish" in chips
    assert "Clear all" in chips


def test_empty_states_help(as_: Any, world: Any) -> None:
    assert "Show everybody" in as_("alice").get("/members?q=nobodyhasthisname").text
    for other in (world.bob, world.carol, world.mod, world.admin):
        change(User, other, paused_at=now())
    assert "You are early" in as_("alice").get("/members").text


@pytest.mark.parametrize("sort", ["newest", "name"])
def test_pages_show_each_member_once_there_and_back(as_: Any, world: Any, sort: str) -> None:
    for n in range(60):
        add_member(f"Member {n:02}")
    client, seen, url = as_("alice"), [], f"/members?sort={sort}"
    while url:
        page = client.get(url).text
        seen.append(names(page))
        url = link(page, "next")
    assert [len(part) for part in seen] == [24, 24, 16]
    assert len({name for part in seen for name in part}) == 64
    assert names(client.get(link(page, "prev")).text) == seen[1]


def test_a_foreign_cursor_is_a_damaged_request(as_: Any, world: Any) -> None:
    assert as_("alice").get("/members?after=nonsense").status_code == 400


def test_cards_show_the_first_three_skills(as_: Any, world: Any) -> None:
    add_member("Dora", offers=[(name, 3, 2) for name in ("Chess", "Knitting", "Yoga", "Python", "Spanish")])
    page = as_("alice").get("/members?q=dora").text
    assert "+2 more" in page


@pytest.mark.parametrize(
    "query", ["", "q=dora&category=languages&level=2&language=en&place=riverton&weekday=0&skill=spanish"]
)
def test_statements_do_not_grow_with_rows(as_: Any, world: Any, statements: Any, query: str) -> None:
    for n in range(30):
        add_member(f"Dora {n}", offers=[("Spanish", 4, 2)], place="Riverton", languages=("en",), hours=(18,))
    client = as_("alice")
    with statements() as seen:
        client.get(f"/members?{query}")
    assert len(seen) == 4, seen


class TestStrangers:
    def test_are_asked_to_sign_in(self, client: Any, world: Any) -> None:
        response = client.get("/members?q=bob")
        assert response.status_code == 303
        assert "/sign-in?next=/members" in response.headers["Location"]

    def test_see_names_and_skills_where_the_directory_is_open(self, client: Any, world: Any) -> None:
        open_directory()
        page = client.get("/members?q=bob").text
        assert names(page) == ["Bob Brandt"]
        assert "Spanish" in page
        for private in ("Riverton", "English", "likes to share", "/picture/", "Free on", "Level"):
            assert private not in page, private

    @pytest.mark.parametrize("query", ["q=hillford", "place=nowhere", "language=xx", "weekday=3", "level=5&q=carol"])
    def test_cannot_find_out_more_by_filtering(self, client: Any, world: Any, query: str) -> None:
        open_directory()
        found = search(client, query)
        assert found == search(client, "q=hillford" if "hillford" in query else "q=carol" if "carol" in query else "")
        assert ("hillford" in query) == (not found)

    def test_page_through(self, client: Any, world: Any) -> None:
        open_directory()
        for n in range(30):
            add_member(f"Member {n:02}")
        assert len(search(client, "sort=name")) == 24


def test_overlapping_facet_sets_stay_apart(as_: Any, world: Any) -> None:
    """A facet's own choice does not narrow its counts, the others' does."""
    db.session.add(UserLanguage(user_id=world.carol, language="es"))
    db.session.add(AvailabilityHour(user_id=world.carol, hour=30))
    db.session.commit()
    page = as_("alice").get("/members?language=es&weekday=1").text
    assert names(page) == ["Carol Castillo"]
    assert facet(page, "language") == {"es": "1"}
    assert facet(page, "weekday")["1"] == "1"
    assert facet(page, "weekday")["0"] == "0"


def facet(page: str, name: str) -> dict[str, str]:
    """Value → count text of a facet's check boxes."""
    counts = {}
    for option in page.split(f'type="checkbox" name="{name}" value="')[1:]:
        counts[option.split('"', 1)[0]] = option.split('class="facet-count">', 1)[1].split("<", 1)[0]
    return counts


def link(page: str, rel: str) -> str:
    marked = page.split(f'rel="{rel}" href="')
    return marked[1].split('"', 1)[0].replace("&amp;", "&") if len(marked) > 1 else ""


def open_directory() -> None:
    change(CommunitySettings, THE_ONE, public_directory=True)
