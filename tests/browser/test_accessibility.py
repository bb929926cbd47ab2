"""axe finds nothing on any page, light and dark, on a phone's width and a desk's."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.core.errors import error_page, texts
from tests.browser.conftest import OpenPage
from tests.support.pages import PAGES, THEMES, WIDTHS, PageToSee, prepare_places
from tests.world import World

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
# The quick run looks at each page in one of the four ways, taking turns; the full run at all of them.
WAYS = [(theme, width) for theme in THEMES for width in WIDTHS]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("number", "place"), list(enumerate(PAGES)), ids=[page.name for page in PAGES])
def test_axe_finds_nothing(open_page: OpenPage, world: World, number: int, place: PageToSee) -> None:
    theme, width = WAYS[number % len(WAYS)]
    assert violations(open_page, world, place, theme, width) == []


@pytest.mark.slow
@pytest.mark.parametrize(("theme", "width"), WAYS)
@pytest.mark.parametrize("place", PAGES, ids=[page.name for page in PAGES])
def test_axe_finds_nothing_in_any_way(
    open_page: OpenPage, world: World, place: PageToSee, theme: str, width: str
) -> None:
    assert violations(open_page, world, place, theme, width) == []


@pytest.mark.parametrize(("theme", "width"), WAYS[1:3])
def test_axe_finds_nothing_on_error_pages(open_page: OpenPage, app: Flask, theme: str, width: str) -> None:
    page = open_page("/sign-in", width=WIDTHS[width], theme=theme)
    found = {}
    for status in error_statuses(app):
        body = error_body(app, status)
        page.route(f"**/error-{status}", lambda route, _request, body=body: route.fulfill(body=body))
        page.goto(f"/error-{status}")
        found[status] = faults(page)
    assert {status: faulty for status, faulty in found.items() if faulty} == {}


def test_no_page_is_forgotten(shared_app: Flask) -> None:
    listed = {page.endpoint for page in PAGES}
    for rule in shared_app.url_map.iter_rules():
        shown = "GET" in (rule.methods or ()) and rule.endpoint not in NOT_PAGES
        assert not shown or rule.endpoint in listed, f"add {rule.endpoint} ({rule.rule}) to tests/support/pages.py"


NOT_PAGES = {
    "admin.invitation_code",
    "health.alive",
    "health.ready",
    "health.figures",
    "home.export",
    "home.logo",
    "home.picture",
    "settings.picture",
    "skills.suggestions",
}


def error_statuses(app: Flask) -> list[int]:
    with app.test_request_context():
        return sorted(texts())


def error_body(app: Flask, status: int) -> str:
    with app.test_request_context("/members"):
        return error_page(status).get_data(as_text=True)


def violations(open_page: OpenPage, world: World, place: PageToSee, theme: str, width: str) -> list[str]:
    page = open_page(place.path.format(**prepare_places(world)), place.who, WIDTHS[width], theme)
    return faults(page)


def faults(page: Page) -> list[str]:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "the page scrolls sideways"
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{v['id']}: {v['help']} — {v['nodes'][0]['html'][:200]} ({len(v['nodes'])}×)" for v in found]
