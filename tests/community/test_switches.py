"""A feature that is off has no addresses and no links; what is in use cannot be switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import literal, select

from app.accounts.states import joining_mark
from app.community import operations, switching
from app.core import outbox
from app.core.db import db
from app.core.models import OutboxMail
from app.core.registry import InUse, Switch, Verb, registry
from tests.conftest import new_client
from tests.support.browsing import NEWCOMER
from tests.support.client import CheckedClient
from tests.support.leading import endpoints_in, example, rules, rules_of
from tests.support.pages import PAGES, PageToSee, Places
from tests.world import PASSWORD_HASH, World

SignedIn = Callable[[str], CheckedClient]


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


def switched_off() -> Iterator[Switch]:
    """Every feature with a switch, one after another while it is off; the walks below know none of them by name. What
    is in use does not stand in the way here."""
    for key, switch in registry().switches.items():
        operations.locked().switches = {other: other != key for other in registry().switches}
        db.session.commit()
        db.session.remove()
        yield switch


@pytest.mark.parametrize("role", ["", "alice", "mod", "admin"])
def test_what_is_off_has_no_address(app: Flask, as_: SignedIn, role: str) -> None:
    """Every method of every rule in the address map."""
    for switch in switched_off():
        ruled = rules_of(app, switch)
        assert ruled, f"{switch.key} rules no address"
        browser = as_(role) if role else new_client(app)
        for rule in ruled:
            for method in (rule.methods or set()) - {"OPTIONS"}:
                answer = browser.open(example(app, rule), method=method)
                assert answer.status_code == 404, f"{method} {rule.rule} is there although {switch.key} is off"


def test_what_a_switch_rules_is_there(app: Flask) -> None:
    """A misspelt endpoint would rule nothing and hide nothing."""
    for switch in registry().switches.values():
        assert switch.endpoints <= set(app.view_functions), f"{switch.key} names an endpoint that there is not"
        assert switch.blueprints <= set(app.blueprints), f"{switch.key} names a blueprint that there is not"


@pytest.mark.parametrize("share", [8, pytest.param(1, marks=pytest.mark.slow)])
def test_no_page_leads_to_what_is_off(app: Flask, as_: SignedIn, places: Places, share: int) -> None:
    """All pages, in every state that the list of pages knows: searches, settings, the "+" menu, the queues, errors.

    The quick run asks all of them with everything off, and with one thing off every eighth, taking turns.
    """
    for number, switch in enumerate(switched_off()):
        assert_none_leads(app, as_, PAGES[number % share :: share], places, [switch])
    everything = list(registry().switches.values())
    operations.locked().switches = {switch.key: False for switch in everything}
    db.session.commit()
    assert_none_leads(app, as_, PAGES, places, everything)


def assert_none_leads(app: Flask, as_: SignedIn, pages: list[PageToSee], places: Places, off: list[Switch]) -> None:
    for page in pages:
        leads = endpoints_in(app, opened(app, as_, page, places))
        found = {(switch.key, endpoint) for switch in off for endpoint in leads if rules(switch, endpoint)}
        assert not found, f"{page.name} leads to {found}, which is off"


def test_the_walk_over_the_pages_would_find_a_link(app: Flask, as_: SignedIn, places: Places) -> None:
    led = {page.name: set(endpoints_in(app, opened(app, as_, page, places))) for page in PAGES}
    for switch in registry().switches.values():
        leading = [name for name, found in led.items() if any(rules(switch, endpoint) for endpoint in found)]
        assert len(leading) > 10, f"hardly a page leads to {switch.key}: {leading}"


def opened(app: Flask, as_: SignedIn, page: PageToSee, places: Places) -> str:
    browser = as_(page.who) if page.who not in ("", "newcomer") else new_client(app)
    if page.who == "newcomer":
        with browser.session_transaction() as session:
            session["joining"] = {"email": NEWCOMER, "mark": joining_mark(PASSWORD_HASH)}
    return browser.get(page.path.format(**places)).text


def test_no_mail_leads_to_what_is_off(app: Flask, places: Places) -> None:
    for switch in switched_off():
        mails = db.session.scalars(select(OutboxMail)).all()
        rendered = [mail for mail in map(outbox.render, mails) if mail]
        assert len({mail.subject for mail in rendered}) >= 4
        for mail in rendered:
            found = {endpoint for endpoint in endpoints_in(app, mail.text + mail.html) if rules(switch, endpoint)}
            assert not found, f"“{mail.subject}” leads to {found} although {switch.key} is off"


def test_no_verb_and_no_place_of_what_is_off(app: Flask, as_: SignedIn) -> None:
    """Those that are registered, and one more for each switch, as a feature of tomorrow would add it."""
    before = list(registry().verbs)
    for switch in registry().switches.values():
        endpoint = next(rule.endpoint for rule in rules_of(app, switch) if not rule.arguments)
        registry().add_verbs(Verb(f"Start {switch.key}", "plus", endpoint, 5))
    try:
        home = as_("alice").get("/").text
        assert all(f"Start {key}" in home for key in registry().switches)
        for switch in switched_off():
            text = as_("alice").get("/").text
            assert f"Start {switch.key}" not in text
            assert not any(rules(switch, endpoint) for endpoint in endpoints_in(app, text))
    finally:
        registry().verbs = before


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
    assert operations.settings().switches == {key: key == "matches" for key in registry().switches}


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
