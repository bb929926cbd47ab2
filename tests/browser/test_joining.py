"""Joining by invitation on a phone: few fields, few bytes, with and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from app.accounts import operations
from app.community import terms
from app.core.db import db
from tests.accounts.mailbox import link
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import faults
from tests.world import World

PHONE = 390
MOST_FIELDS = 8
MOST_BYTES = 120_000
FIELDS = "main input:not([type=hidden]), main select, main textarea"

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("javascript", [True, False])
def test_in_within_a_few_fields(open_page: OpenPage, world: World, javascript: bool) -> None:
    """Name, address and password; then the skills are ticked, and three people are shown with their reasons."""
    page = open_page(invitation(world), width=PHONE, javascript=javascript)
    fields = asked(page)
    page.get_by_label("Your name").fill("Pia Sommer")
    page.get_by_label("Password").fill("velvet otter umbrella")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("What can you help with?")
    assert fields + asked_more(page) <= MOST_FIELDS
    offer = page.locator("#offer")
    offer.locator("label").filter(has_text="Python").first.click()
    offer.get_by_role("button", name="Add").first.click()
    page.get_by_role("link", name="See who fits").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("People to meet")
    assert asked_more(page) == 0
    expect(page.locator(".person")).to_have_count(3)
    assert page.locator(".person-text span").count() >= 3


def test_the_first_visit_is_light(open_page: OpenPage, world: World) -> None:
    path = invitation(world)
    page = open_page("/healthz", width=PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked_for: set[str] = set()
    sizes: dict[str, float] = {}

    def ask(event: Any) -> None:
        if not event["request"]["url"].startswith("data:"):
            asked_for.add(event["requestId"])

    def note(event: Any) -> None:
        sizes[event["requestId"]] = event["encodedDataLength"]

    session.on("Network.requestWillBeSent", ask)
    session.on("Network.loadingFinished", note)
    page.goto(path, wait_until="networkidle")
    assert "invites you to" in page.content()
    assert len(asked_for) >= 3
    assert asked_for <= set(sizes), "the size of something that was asked for is not known"
    total = sum(sizes.values())
    assert total < MOST_BYTES, f"{total:.0f} bytes for {len(sizes)} files"


def invitation(world: World) -> str:
    operations.invite(world.mod, "pia@example.org", "See you on Friday?", 14)
    db.session.commit()
    path = link("invitation")
    db.session.remove()
    return path


def asked(page: Page) -> int:
    """The fields of the form, the folded time zone too."""
    return page.locator(FIELDS).count()


def asked_more(page: Page) -> int:
    """What is still to be filled in on a later step; ticking a skill is no field, typing and choosing are."""
    to_fill = "main input:not([type=hidden], [type=checkbox], [type=radio]), main select, main textarea"
    return page.locator(to_fill).locator("visible=true").count()


@pytest.mark.parametrize(("width", "theme"), [(PHONE, "light"), (1280, "dark")])
def test_axe_finds_nothing_where_terms_are_asked(open_page: OpenPage, world: World, width: int, theme: str) -> None:
    terms.publish("# Be kind\n\nAlways, and [read on](https://example.org).\n\n- one\n- two", 0)
    db.session.commit()
    db.session.remove()
    page = open_page("/members?q=bob", "alice", width=width, theme=theme)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Terms of")
    assert faults(page) == []
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Agree and go on").click()
    expect(page).to_have_url(re.compile(r"/members\?q=bob$"))


@pytest.mark.parametrize("width", [PHONE, 1280])
def test_axe_finds_nothing_where_one_is_asked_to_agree_while_joining(
    open_page: OpenPage, world: World, width: int
) -> None:
    terms.publish("# Be kind", 0)
    db.session.commit()
    page = open_page(invitation(world), width=width)
    assert asked(page) <= MOST_FIELDS
    assert faults(page) == []
