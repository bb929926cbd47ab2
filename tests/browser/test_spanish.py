"""Spanish words are longer than English ones: every page holds them on a phone, and says nothing in English."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import update

from app.accounts.models import User
from app.community.models import CommunitySettings
from app.core.db import db
from app.core.i18n import LANGUAGE_COOKIE
from app.skills.operations import speak
from tests.browser.conftest import OpenPage
from tests.support.pages import PAGES, Places
from tests.world import World

PHONE = 390
PARTS = 3  # each within the time that a test has on a busy machine
# What reaches beyond the right edge without a container that scrolls by itself.
TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth + 1;
  if (document.documentElement.scrollWidth <= edge) return [];
  const shown = [...document.body.querySelectorAll("*")].filter((e) => e.checkVisibility());
  const wide = shown.filter((e) => e.getBoundingClientRect().right > edge);
  return wide.slice(-3).map((e) => `${e.tagName} ${e.className}: ${e.textContent.trim().slice(0, 60)}`);
}"""
pytestmark = pytest.mark.browser


@pytest.fixture
def places(places: Places) -> Places:
    """A community that speaks Spanish, and members who do."""
    speak("es")
    db.session.execute(update(User).values(locale="es"))
    db.session.execute(update(CommunitySettings).values(locale="es"))
    db.session.commit()
    return places


@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in range(1, PARTS))])
def test_no_page_scrolls_sideways_on_a_phone(open_page: OpenPage, places: Places, part: int) -> None:
    pages = PAGES[part::PARTS]
    windows = {who: spanish(open_page("/healthz", who, PHONE)) for who in {place.who for place in pages}}
    wide: dict[str, list[str]] = {}
    for place in pages:
        page = windows[place.who]
        page.goto(place.path.format(**places))
        assert page.locator("html").get_attribute("lang") == "es", place.name
        if found := page.evaluate(TOO_WIDE):
            wide[place.name] = found
    assert wide == {}


def test_a_visitor_switches_without_javascript(open_page: OpenPage, world: World) -> None:
    page = open_page("/sign-in", width=PHONE, javascript=False)
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Qué bien verte")
    assert page.url.endswith("/sign-in")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Welcome back")


def spanish(page: Page) -> Page:
    page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "es", "url": page.url}])
    return page
