"""A feature that is off has no addresses and no links; what is in use cannot be switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import literal, select

from app.community import operations, switching
from app.core.db import db
from app.core.registry import InUse, Switch, registry
from tests.conftest import new_client
from tests.support.client import CheckedClient
from tests.support.pages import PAGES, prepare_places
from tests.world import World

SignedIn = Callable[[str], CheckedClient]
MATCHES = ("/matches", "/matches/one-way")


@pytest.fixture
def without_matches(app: Flask) -> None:
    switching.decide({"matches": False})
    db.session.commit()
    db.session.remove()


@pytest.fixture
def busy(app: Flask) -> Iterator[Switch]:
    """A feature in which two things are open."""
    found = [InUse("Contract with Bob", "/contracts/7"), InUse("Contract with Carol")]
    switch = Switch("tasks", "Tasks", "A board for everybody.", in_use=lambda: found)
    registry().add_switches(switch)
    yield switch
    del registry().switches["tasks"]


@pytest.mark.parametrize("path", MATCHES)
@pytest.mark.parametrize("role", ["", "alice", "admin"])
def test_what_is_off_has_no_address(app: Flask, as_: SignedIn, without_matches: None, path: str, role: str) -> None:
    browser = as_(role) if role else new_client(app)
    assert browser.get(path).status_code == 404


def test_no_page_leads_to_what_is_off(app: Flask, as_: SignedIn, world: World, without_matches: None) -> None:
    places = prepare_places(world)
    for page in PAGES:
        if not page.path.startswith("/dev") and page.who != "newcomer":
            browser = as_(page.who) if page.who else new_client(app)
            text = browser.get(page.path.format(**places)).get_data(as_text=True)
            assert 'href="/matches' not in text, f"{page.name} leads to the matches"


def test_switching_costs_no_statement(as_: SignedIn, statements: Callable[[], Any], world: World) -> None:
    counts = []
    for on in (True, False):
        switching.decide({"matches": on})
        db.session.commit()
        db.session.remove()
        browser = as_("alice")
        browser.get("/settings/skills")
        with statements() as seen:
            assert browser.get("/settings/skills").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_dashboard_asks_for_no_matches_when_they_are_off(
    as_: SignedIn, statements: Callable[[], Any], without_matches: None
) -> None:
    with statements() as seen:
        text = as_("alice").get("/").get_data(as_text=True)
    assert "People who fit you" not in text
    assert not any("score" in statement for statement in seen)


def test_switched_on_again_everything_is_as_it_was(as_: SignedIn, without_matches: None) -> None:
    switching.decide({"matches": True})
    db.session.commit()
    assert "Bob Brandt" in as_("alice").get("/matches").get_data(as_text=True)


def test_a_badge_counts_while_its_feature_is_on(app: Flask, as_: SignedIn, world: World) -> None:
    registry().add_badge("matches-test", lambda _user_id: select(literal(41)).scalar_subquery(), feature="matches")
    try:
        assert badge_of(app, as_) == 41
        switching.decide({"matches": False})
        db.session.commit()
        assert badge_of(app, as_) == 0
    finally:
        del registry().badges["matches-test"]


def badge_of(app: Flask, as_: SignedIn) -> int:
    seen = []

    def note(response: Any) -> Any:
        seen.append(g.visit.viewer.badges["matches-test"])
        return response

    app.after_request_funcs.setdefault(None, []).append(note)
    try:
        as_("alice").get("/settings/skills")
    finally:
        app.after_request_funcs[None].remove(note)
    return seen[0]


def test_what_is_in_use_stays_on(as_: SignedIn, busy: Switch) -> None:
    answer = as_("admin").post("/admin/features", data={"features": ["matches"]})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert 'href="/contracts/7"' in text
    assert "Contract with Carol" in text
    assert operations.settings().switches == {}


def test_a_preset_does_not_switch_off_what_is_in_use(as_: SignedIn, busy: Switch) -> None:
    answer = as_("admin").post("/admin/preset", data={"preset": "time-bank"})
    assert answer.status_code == 409
    assert operations.settings().preset == "everything"


def test_features_one_by_one(as_: SignedIn, world: World) -> None:
    admin = as_("admin")
    assert admin.post("/admin/features", data={}).status_code == 303
    assert admin.get("/matches").status_code == 404
    assert admin.post("/admin/features", data={"features": ["matches", "unknown"]}).status_code == 303
    assert admin.get("/matches").status_code == 200
    assert operations.settings().switches == {"matches": True}


def test_a_preset_switches_everything_and_changes_the_words(app: Flask, as_: SignedIn) -> None:
    as_("admin").post("/admin/features", data={"features": ["matches"]})
    assert as_("admin").post("/admin/preset", data={"preset": "research"}).status_code == 303
    assert operations.settings().switches == {}
    landing = new_client(app).get("/").get_data(as_text=True)
    assert "Somebody here knows the answer." in landing
    assert "Swaps like these" not in landing
    assert as_("alice").get("/matches").status_code == 404


def test_an_unknown_preset_is_refused(as_: SignedIn) -> None:
    assert as_("admin").post("/admin/preset", data={"preset": "circus"}).status_code == 422
