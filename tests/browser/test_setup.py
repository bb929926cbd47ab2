"""The first set-up in a browser: each preset from an empty community to a home page that shows what is on, no more."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import delete

from app.accounts.models import User
from app.community import setup
from app.community.presets import PRESETS
from app.core.db import db
from app.core.registry import registry
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import faults
from tests.support.leading import endpoints_in, example, rules, rules_of

pytestmark = pytest.mark.browser


@pytest.fixture
def link(app: Flask) -> str:
    """To an empty community."""
    db.session.execute(delete(User))
    token = setup.make_link()
    db.session.commit()
    db.session.remove()
    return f"/setup/{token}"


@pytest.mark.parametrize(("number", "preset"), list(enumerate(PRESETS)), ids=list(PRESETS))
def test_each_preset_ends_on_its_home_page(
    open_page: OpenPage, app: Flask, link: str, number: int, preset: str
) -> None:
    """Phone and desk, with JavaScript and without, take turns. What is on and off is read from the registry."""
    page = open_page(link, width=(390, 1280)[number % 2], javascript=number % 2 == 0)
    set_up(page, preset)
    expect(page.get_by_role("heading", name="Your community starts")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Welcome back, Rosa")
    page.wait_for_load_state()
    leads_to = endpoints_in(app, page.content())
    for switch in registry().switches.values():
        on = switch.key in PRESETS[preset].features
        assert any(rules(switch, endpoint) for endpoint in leads_to) is on, f"{switch.key} on the home page"
        for rule in rules_of(app, switch):
            if not rule.arguments and "GET" in (rule.methods or ()):
                answer = page.request.get(example(app, rule))
                assert answer.status == (200 if on else 404), rule.rule
    gone = page.goto(link)
    assert gone is not None
    assert gone.status == 410


def test_what_was_refused_is_said_to_everybody(open_page: OpenPage, link: str) -> None:
    page = open_page(link, width=390)
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Name of the community").fill("")
    page.locator("form[action^='/setup/']").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_text("Nothing was saved yet").wait_for()
    assert faults(page) == []


def set_up(page: Page, preset: str) -> None:
    page.get_by_label(str(PRESETS[preset].label)).check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Name of the community").fill("Riverton")
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Invited people only").check()
    page.get_by_role("button", name="Save and go on").click()
    page.get_by_label("Your name").fill("Rosa Lind")
    page.get_by_label("E-mail address").fill("rosa@example.org")
    page.get_by_label("Password").fill("three quiet rivers")
    page.get_by_role("button", name="Open the community").click()
    page.get_by_role("link", name="Go on without it").click()
    page.get_by_role("link", name="To the home page").click()
