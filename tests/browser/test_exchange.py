"""The loop as two new neighbours walk it on a phone: a request, a chat, a proposal, a time, and what was done; with and
without JavaScript."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.clock import now
from app.core.db import db
from app.exchange.models import Exchange
from tests.browser.conftest import OpenPage
from tests.exchange.agreements import assert_books, balances, give_hours, set_aside
from tests.world import World

PHONE = 390


@pytest.fixture(params=[True, False], ids=["with a script", "without"])
def two_phones(request: pytest.FixtureRequest, open_page: OpenPage) -> tuple[Page, Page]:
    """Alice's and Bob's."""
    alice, bob = (open_page("/posts", who, width=PHONE, javascript=request.param) for who in ("alice", "bob"))
    return alice, bob


def test_the_loop(app: Flask, world: World, two_phones: tuple[Page, Page]) -> None:
    alice, bob = two_phones
    give_hours(world.alice, 120)
    post_url = put_up_a_request(alice)
    bob.goto(post_url)
    bob.get_by_role("button", name="I can help").click()
    expect(bob.get_by_label("Your message", exact=True)).to_have_value(re.compile("Carry a sofa"))
    bob.get_by_role("button", name="Send message").click()
    expect(bob.locator(".chat-line.mine")).to_have_count(1)
    propose(bob, post_url)
    agree_and_plan(alice)
    for page in (alice, bob):
        confirm(page)
    db.session.rollback()
    exchange = db.session.query(Exchange).one()
    chat_id = exchange.chat_id
    assert exchange.state == "completed"
    assert (balances(world.alice, world.bob), set_aside()) == ([60, 60], 0)
    assert_books()
    db.session.rollback()  # the page notes what was read, and one writes at a time
    bob.goto(f"/chats/{chat_id}")
    expect(bob.locator("#lines").get_by_text("The exchange is completed: Carry a sofa")).to_be_visible()


def put_up_a_request(page: Page) -> str:
    page.goto("/posts/new?kind=request")
    page.get_by_label("In a few words").fill("Carry a sofa")
    page.get_by_label("How long it takes").select_option("60")
    page.get_by_role("button", name="Put it up").click()
    expect(page.get_by_role("heading", name="Carry a sofa")).to_be_visible()
    return page.url


def propose(page: Page, post_url: str) -> None:
    page.goto(post_url)
    page.get_by_role("link", name="Propose an exchange").click()
    expect(page.get_by_label("You help with")).to_have_value("Carry a sofa")
    page.get_by_role("button", name="Send proposal").click()
    expect(page.get_by_text("You have proposed this.")).to_be_visible()


def agree_and_plan(page: Page) -> None:
    page.goto("/exchanges")
    page.get_by_role("link", name=re.compile("Carry a sofa")).click()
    page.get_by_role("button", name="Agree").click()
    expect(page.get_by_text("1 h of yours are set aside for it.")).to_be_visible()
    page.get_by_role("link", name="Set a time to meet").click()
    page.get_by_label("When").fill((now() + timedelta(days=2)).strftime("%Y-%m-%dT18:30"))
    page.get_by_role("button", name="Save the time").click()
    expect(page.get_by_role("link", name=re.compile("^Calendar"))).to_be_visible()


def confirm(page: Page) -> None:
    page.goto("/exchanges")
    page.get_by_role("link", name=re.compile("Carry a sofa")).click()
    button = page.get_by_role("button", name="Confirm")
    if not button.is_visible():
        page.get_by_role("heading", name="What was done?").click()
    button.click()
    expect(page.get_by_text("Thank you, it is confirmed.")).to_be_visible()


def test_nothing_is_wider_than_a_phone(app: Flask, world: World, two_phones: tuple[Page, Page]) -> None:
    alice, _bob = two_phones
    for path in ("/posts", "/posts/new", "/posts/mine", "/exchanges", f"/exchanges/with/{world.bob}"):
        alice.goto(path)
        assert alice.evaluate("document.documentElement.scrollWidth") <= PHONE, path
