"""axe finds nothing on any page, light and dark, on a phone's width and a desk's."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page

from app.core.errors import error_page, texts
from tests.browser.conftest import OpenPage
from tests.support.pages import PAGES, THEMES, WIDTHS, Places

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
WAYS = [(theme, width) for theme in THEMES for width in WIDTHS]
# Every page in every way, a quarter at a time; the quick run sees each page in one way, taking turns.
ROUNDS = [
    pytest.param(theme, width, part, id=f"{theme}-{width}-{part}", marks=() if part == number else (pytest.mark.slow,))
    for number, (theme, width) in enumerate(WAYS)
    for part in range(len(WAYS))
]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("theme", "width", "part"), ROUNDS)
def test_axe_finds_nothing(open_page: OpenPage, places: Places, theme: str, width: str, part: int) -> None:
    pages = PAGES[part :: len(WAYS)]
    windows = {who: open_page("/healthz", who, WIDTHS[width], theme) for who in {place.who for place in pages}}
    found = {}
    for place in pages:
        windows[place.who].goto(place.path.format(**places))
        found[place.name] = faults(windows[place.who])
    assert {name: faulty for name, faulty in found.items() if faulty} == {}


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
    "accounts.live",
    "accounts.live_state",
    "admin.import_template",
    "admin.invitation_code",
    "chats.count",
    "chats.file",
    "chats.lines",
    "chats.preview",
    "exchanges.calendar",
    "health.alive",
    "health.ready",
    "health.figures",
    "home.export",
    "home.logo",
    "home.picture",
    "notices.bell",
    "notices.open_notice",
    "posts.picture",
    "settings.picture",
    "skills.suggestions",
    "wallet.offline_statement_csv",
    "wallet.organisation_statement_csv",
    "wallet.statement_csv",
}


def error_statuses(app: Flask) -> list[int]:
    with app.test_request_context():
        return sorted(texts())


def error_body(app: Flask, status: int) -> str:
    with app.test_request_context("/members"):
        return error_page(status).get_data(as_text=True)


def faults(page: Page) -> list[str]:
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        return ["the page scrolls sideways"]
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{v['id']}: {v['help']} — {v['nodes'][0]['html'][:200]} ({len(v['nodes'])}×)" for v in found]
