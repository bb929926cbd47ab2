"""Every address that changes something asks for the token of the page, from htmx too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.architecture.access import MATRIX, Access
from tests.conftest import new_client
from tests.support.client import CheckedClient, csrf_token
from tests.support.pages import Places
from tests.world import World

As = Callable[[str], CheckedClient]
# A mail program posts there (RFC 8058); the signed address is the proof, and tests/notices/test_mail.py looks after it.
PROVEN_OTHERWISE = {"notices.unsubscribe"}
CHANGING = [
    access for access in MATRIX if access.method not in {"GET", "HEAD"} and access.endpoint not in PROVEN_OTHERWISE
]


@pytest.fixture
def guarded(app: Flask, as_: As) -> As:
    """`guarded("alice")` is a browser of Alice's, or of nobody's, at a site that asks for tokens, as in production."""

    def opened(name: str) -> CheckedClient:
        browser = as_(name) if name else new_client(app)
        app.config["WTF_CSRF_ENABLED"] = True
        return browser

    return opened


@pytest.mark.parametrize("access", CHANGING, ids=str)
def test_without_a_token_nothing_is_done(guarded: As, places: Places, access: Access) -> None:
    path = access.path.replace("{alice_session}", "1").replace("{offline}", "1").format(**places)
    for who in ("alice", ""):
        browser = guarded(who)
        assert browser.post(path, data=access.data).status_code == 400, who
        assert browser.post(path, data={**access.data, "csrf_token": "made.up.token"}).status_code == 400, who
        htmx = {"HX-Request": "true", "X-CSRFToken": ""}
        assert browser.post(path, data=access.data, headers=htmx).status_code == 400, who


def test_anothers_token_is_worth_nothing(guarded: As, world: World) -> None:
    theirs = csrf_token(guarded("bob").get("/settings/privacy").text)
    assert guarded("alice").post("/settings/privacy", data={"csrf_token": theirs}).status_code == 400


def test_the_pages_own_token_is_taken(guarded: As, world: World) -> None:
    browser = guarded("alice")
    token = csrf_token(browser.get("/settings/privacy").text)
    assert browser.post("/settings/privacy", data={"csrf_token": token}).status_code == 303
    assert browser.post("/settings/privacy", headers={"X-CSRFToken": token}).status_code == 303
