"""What the site's own scripts and htmx add: menus, forms that are sent once, filters without a new page, the theme."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Route, expect
from sqlalchemy import update

from app.accounts.models import User, UserSession
from app.core.clock import now
from app.core.db import db
from tests.browser.conftest import OpenPage
from tests.world import World

pytestmark = pytest.mark.browser

IS_OPEN = "element => element.open"
GROUND = "getComputedStyle(document.body).backgroundColor"
THEME = "document.documentElement.dataset.bsTheme"


class TestMenus:
    def test_escape_closes_and_gives_the_focus_back(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/", who="alice")
        menu = page.locator(".site-nav details[data-menu]").first
        menu.locator("summary").click()
        menu.get_by_role("link", name="Matches").focus()
        page.keyboard.press("Escape")
        assert not menu.evaluate(IS_OPEN)
        expect(menu.locator("summary")).to_be_focused()

    def test_a_click_elsewhere_closes(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/", who="alice", width=390)
        menu = page.locator(".bottom-bar details[data-menu]").last
        menu.locator("summary").click()
        expect(menu.get_by_role("button", name="Sign out")).to_be_visible()
        page.get_by_role("heading", level=1).click()
        assert not menu.evaluate(IS_OPEN)

    def test_going_on_with_the_keyboard_closes(self, open_page: OpenPage, world: World) -> None:
        page = open_page(f"/members/{world.bob}", who="alice")
        menu = page.locator("details.confirm")
        menu.locator("summary").click()
        page.keyboard.press("Shift+Tab")
        assert not menu.evaluate(IS_OPEN)

    @pytest.mark.parametrize("width", [768, 992, 1024, 1280])
    def test_the_bar_has_room_for_everything(self, open_page: OpenPage, world: World, width: int) -> None:
        """In the language with the longer words; a tool that is cut off would stand beyond the window's edge."""
        db.session.execute(update(User).values(locale="es"))
        db.session.commit()
        page = open_page("/", who="alice", width=width)
        rows = page.locator(".site-header-row > *:visible, .site-nav > *:visible, .site-tools > *:visible")
        boxes = [box for box in (row.bounding_box() for row in rows.all()) if box and box["width"] > 1]
        assert max(box["x"] + box["width"] for box in boxes) <= width
        assert len({round(box["y"] + box["height"] / 2) for box in boxes}) == 1
        expect(page.get_by_role("link", name="Guildhall").first).to_be_attached()

    def test_one_opens_the_other_closes(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/", who="alice")
        page.locator(".site-nav details[data-menu] summary").first.click()
        page.locator(".site-tools details[data-menu] summary").last.click()
        expect(page.locator("details[data-menu][open]")).to_have_count(1)


class TestSendingOnce:
    def test_a_double_click_posts_once(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/settings/profile", who="alice")
        held: list[Route] = []
        page.route("**/settings/profile", lambda route: hold_posts(route, held))
        with page.expect_request(lambda request: request.method == "POST"):
            page.get_by_role("button", name="Save profile").dblclick(delay=60)
        page.request.get("/healthz")  # meanwhile the routes are handed over; a page that is being left cannot be asked
        held[0].continue_()
        expect(page.get_by_role("status")).to_contain_text("Your profile is saved.")
        assert len(held) == 1

    def test_a_form_can_be_sent_again_after_coming_back(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/settings/profile", who="alice")
        page.get_by_label("Pronouns").fill("she/her")
        page.get_by_role("button", name="Save profile").click()
        expect(page.get_by_role("status")).to_contain_text("Your profile is saved.")
        page.goto("/settings")
        page.go_back()
        page.get_by_label("Pronouns").fill("they/them")
        page.get_by_role("button", name="Save profile").click()
        expect(page.get_by_role("status")).to_contain_text("Your profile is saved.")
        expect(page.get_by_label("Pronouns")).to_have_value("they/them")


class TestFailedRequests:
    @pytest.mark.parametrize("failure", ["away", "500", "503", "404", "429"])
    def test_it_is_said(self, open_page: OpenPage, world: World, failure: str) -> None:
        page = open_page("/members", who="alice")
        page.route("**/members?*", lambda route: fail(route, failure))
        page.get_by_label("Monday").check()
        expect(page.locator("#flashes")).to_contain_text("That did not work.")
        expect(page.get_by_role("region", name="Results")).to_contain_text("Bob Brandt")

    def test_signed_out_meanwhile_leads_to_signing_in(self, open_page: OpenPage, app: Flask, world: World) -> None:
        page = open_page("/members", who="alice")
        # What a page fetches by itself leads there too, and may be quicker than the click.
        page.route("**/live**", lambda route: route.abort())
        page.reload()
        db.session.query(UserSession).update({"revoked_at": now()})
        db.session.commit()
        page.get_by_label("Monday").click()
        expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
        assert parse_qs(urlsplit(page.url).query) == {"next": ["/members"]}


class TestTheme:
    def test_the_button_changes_it_and_comes_back(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/members?q=python", who="alice")
        seen = [page.evaluate(THEME)]
        for _turn in range(3):
            page.get_by_role("button", name=re.compile("^Colours")).click()
            expect(page.locator("html")).not_to_have_attribute("data-bs-theme", seen[-1])
            seen.append(page.evaluate(THEME))
            assert page.url.endswith("/members?q=python")
        assert seen == ["auto", "light", "dark", "auto"]

    def test_it_comes_from_the_server_so_that_nothing_flashes(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/sign-in", javascript=False)
        light = page.evaluate(GROUND)
        for _turn in range(2):
            page.get_by_role("button", name=re.compile("^Colours")).click()
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        expect(page.locator("body")).not_to_have_css("background-color", light)
        assert 'data-bs-theme="dark"' in page.request.get("/sign-in").text()

    def test_auto_follows_the_device_without_a_script(self, open_page: OpenPage) -> None:
        page = open_page("/sign-in", theme="dark", javascript=False)
        dark = page.evaluate(GROUND)
        page.emulate_media(color_scheme="light")
        expect(page.locator("body")).not_to_have_css("background-color", dark)
        assert page.evaluate(THEME) == "auto"


class TestDirectory:
    def test_filters_change_results_and_address_without_a_new_page(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/members", who="alice")
        page.evaluate("window.sameDocument = true")
        results = page.get_by_role("region", name="Results")
        expect(results).to_contain_text("Carol Castillo")
        page.get_by_label("Monday").check()
        expect(results).not_to_contain_text("Carol Castillo")
        expect(results).to_contain_text("Bob Brandt")
        expect(page).to_have_url(re.compile("weekday=0"))
        page.get_by_placeholder("Spanish, bike repair").fill("nobody at all")
        expect(results).to_contain_text("Nobody like that yet")
        expect(page).to_have_url(re.compile("q=nobody"))
        assert page.evaluate("window.sameDocument")

    def test_back_brings_the_results_of_before(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/members", who="alice")
        page.get_by_label("Monday").check()
        expect(page).to_have_url(re.compile("weekday=0"))
        page.go_back()
        expect(page).to_have_url(re.compile("/members$"))
        expect(page.get_by_role("region", name="Results")).to_contain_text("Carol Castillo")
        expect(page.get_by_label("Monday")).not_to_be_checked()

    def test_the_address_alone_gives_the_same(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/members?weekday=0", who="alice", javascript=False)
        expect(page.get_by_label("Monday")).to_be_checked()
        expect(page.get_by_role("region", name="Results")).not_to_contain_text("Carol Castillo")

    def test_a_sheet_of_filters_on_a_phone(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/members", who="alice", width=390)
        monday = page.get_by_label("Monday")
        expect(monday).to_be_hidden()
        page.locator(".filters-switch").click()
        monday.check()
        page.locator(".sheet-foot").get_by_text("Show 1 member").click()
        expect(monday).to_be_hidden()
        expect(page.locator(".filters-switch")).to_contain_text("1")
        expect(page.get_by_role("region", name="Results")).not_to_contain_text("Carol Castillo")

    def test_the_sheet_works_without_a_script(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/members", who="alice", width=390, javascript=False)
        page.locator(".filters-switch").click()
        page.get_by_label("Monday").check()
        page.get_by_role("button", name="Show members").click()
        expect(page.get_by_role("region", name="Results")).not_to_contain_text("Carol Castillo")


class TestRefusedForms:
    def test_the_summary_has_the_focus_and_leads_to_the_field(self, open_page: OpenPage, world: World) -> None:
        page = open_page("/settings/availability", who="alice")
        page.get_by_text("More times").first.click()
        page.get_by_label("Monday from").nth(1).fill("10:30")
        page.get_by_role("button", name="Save hours").click()
        summary = page.locator(".error-summary")
        expect(summary).to_be_focused()
        summary.get_by_role("link").click()
        ends = page.get_by_label("Monday until").nth(1)
        expect(ends).to_be_focused()
        expect(ends).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("Monday from").nth(1)).to_have_value("10:30")


def hold_posts(route: Route, held: list[Route]) -> None:
    if route.request.method == "POST":
        held.append(route)
    else:
        route.continue_()


def fail(route: Route, failure: str) -> None:
    if failure == "away":
        route.abort()
    else:
        route.fulfill(status=int(failure), content_type="text/html", body="<p>an error page</p>")
