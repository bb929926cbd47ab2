"""The directory in a real browser: filters in place and without a script, the sheet on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

pytestmark = pytest.mark.browser


def test_results_follow_what_is_typed(open_page: OpenPage) -> None:
    page = open_page("/members", who="alice")
    page.locator("#find-text").press_sequentially("span", delay=20)
    expect(page.locator(".browse-total")).to_have_text("1 member")
    expect(page.locator("#find-text")).to_be_focused()
    expect(page).to_have_url(re.compile(r"[?&]q=span&"))
    page.go_back()
    expect(page.locator(".browse-total")).to_have_text("4 members")


def test_a_facet_keeps_the_focus(open_page: OpenPage) -> None:
    page = open_page("/members", who="alice")
    box = page.locator("#place-hillford")
    box.focus()
    page.keyboard.press("Space")
    expect(page.locator(".browse-total")).to_have_text("1 member")
    expect(box).to_be_focused()
    expect(box).to_be_checked()
    page.get_by_role("link", name="Remove Hillford").click()
    expect(page.locator(".browse-total")).to_have_text("4 members")
    expect(page.locator("#place-hillford")).not_to_be_checked()


def test_filters_are_a_sheet_on_a_phone(open_page: OpenPage) -> None:
    page = open_page("/members", who="alice", width=390)
    first = page.locator(".person-card").first.bounding_box()
    expect(page.locator("#facets")).to_be_hidden()
    page.locator(".filters-switch").click()
    expect(page.locator("#facets")).to_be_visible()
    assert page.locator(".person-card").first.bounding_box() == first, "the sheet pushes the results down"
    page.locator("#place-hillford").check()
    expect(page.locator("#filter-count")).to_have_text("1")
    page.get_by_text("Show 1 member").click()
    expect(page.locator("#facets")).to_be_hidden()
    expect(page.locator(".person-card")).to_have_count(1)


def test_without_a_script(open_page: OpenPage) -> None:
    page = open_page("/members", who="alice", javascript=False)
    page.locator("#place-hillford").check()
    page.get_by_role("button", name="Show members").click()
    expect(page.locator(".person-card-link")).to_have_text("Carol Castillo")
    page.locator(".person-card-link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Carol Castillo")
    page.goto("/matches")
    page.get_by_label("Free on").select_option(label="Monday")
    page.get_by_role("button", name="Show matches").click()
    expect(page.locator(".match-card")).to_have_count(1)
    page.locator(".fit summary").click()
    expect(page.locator(".fit-points tfoot td")).to_have_text("61")
