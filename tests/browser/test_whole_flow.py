"""From the first page to a match's profile: without JavaScript, by keyboard alone, with the CSS of older phones."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from tests.accounts.mailbox import link
from tests.browser.conftest import OpenPage
from tests.browser.old_css import as_then, faults_then, serve_as_then
from tests.support.pages import THEMES
from tests.world import World

NAME, ADDRESS, PASSWORD = "Dana Dillon", "dana@example.net", "velvet otter umbrella"
MOST_STOPS = 80
pytestmark = pytest.mark.browser


def test_without_javascript_on_a_phone(open_page: OpenPage, world: World) -> None:
    page = open_page("/", width=390, javascript=False)
    join_and_meet(page, stays_within_the_screen)


@pytest.mark.parametrize("theme", THEMES)
def test_with_the_css_of_older_phones(open_page: OpenPage, world: World, theme: str) -> None:
    page = open_page("/healthz", width=390, theme=theme)
    serve_as_then(page.context)
    page.goto("/")
    join_and_meet(page, can_be_seen)
    for path in ("/members", "/settings/profile", "/settings/account", "/settings/availability"):
        page.goto(path)
        can_be_seen(page)


def test_the_older_css_has_teeth(open_page: OpenPage) -> None:
    """What such a phone does not know is really switched off, and the loss is noticed."""
    page = open_page("/healthz")
    css = as_then(
        "input { color: #000; border: 1px solid light-dark(#000, #fff) } p { color: red; color: oklch(0.5 0.1 100) }"
        "a { color: #999; background: #fff } @layer x { p { color: blue } } p:has(a) { color: green }"
    )
    page.set_content("<p>text</p><p><a href='/'>link</a></p><input name='field'>")
    page.evaluate("css => document.adoptedStyleSheets = [Object.assign(new CSSStyleSheet())]", "")
    page.evaluate("css => document.adoptedStyleSheets[0].replaceSync(css)", css)
    assert page.locator("p").last.evaluate("e => getComputedStyle(e).color") == "rgb(255, 0, 0)"
    assert [fault.split()[0] for fault in faults_then(page)] == ["border", "contrast"]


def join_and_meet(page: Page, check: Callable[[Page], None]) -> None:
    check(page)
    page.get_by_role("main").get_by_role("link", name="Join").first.click()
    page.get_by_label("Your name").fill(NAME)
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_label("Password").fill(PASSWORD)
    check(page)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("main")).to_contain_text(ADDRESS)
    check(page)
    page.get_by_role("link", name="Look at the mail").click()
    page.get_by_role("main").get_by_role("link").first.click()
    page.goto(path_of(page.get_by_role("link", name="Confirm my address")))
    check(page)
    page.get_by_role("button", name="Confirm and go on").click()
    expect(page.get_by_role("heading", name="What can you help with?")).to_be_visible()
    check(page)
    add_skill(page, "offer", "spanisch", "Spanish", "Add to what I offer", check)
    add_skill(page, "want", "python", "Python", "Add to what I want to learn", check)
    bar = page.get_by_role("navigation", name="Shortcuts")
    bar.get_by_text("Find").click()
    bar.get_by_role("link", name="Matches").click()
    expect(page.get_by_role("heading", name="Matches", level=1)).to_be_visible()
    check(page)
    page.get_by_role("heading", name="Alice Adeyemi").get_by_role("link").click()
    profile_is_shown(page)
    check(page)


def add_skill(page: Page, kind: str, typed: str, name: str, button: str, check: Callable[[Page], None]) -> None:
    section = page.locator(f"#{kind}")
    section.locator(f"#{kind}-search").fill(typed)
    section.get_by_role("button", name="Search").click()
    section.get_by_role("radio", name=re.compile(f"^{name}")).first.check()
    section.get_by_role("radio", name="Advanced").check()
    check(page)
    section.get_by_role("button", name=button).click()
    expect(page.locator(f"#{kind} .skill-rows")).to_contain_text(name)


def stays_within_the_screen(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{page.url} scrolls sideways"


def can_be_seen(page: Page) -> None:
    page.wait_for_load_state()
    assert faults_then(page) == [], page.url
    stays_within_the_screen(page)


def profile_is_shown(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("Alice Adeyemi")
    expect(page.get_by_role("heading", name="Why you fit")).to_be_visible()


def path_of(found: Locator) -> str:
    return urlsplit(found.get_attribute("href") or "").path


def test_by_keyboard_alone(open_page: OpenPage, app: Flask, world: World) -> None:
    page = open_page("/sign-up")
    press, type_in = page.keyboard.press, page.keyboard.type
    to_content(page)
    press("Tab")
    expect(page.get_by_label("Your name")).to_be_focused()
    type_in("Administrator")
    press("Tab")
    type_in(ADDRESS)
    press("Tab")
    type_in(PASSWORD)
    press("Enter")
    mend_the_name(page)
    tab_to(page, page.get_by_label("Password"))
    type_in(PASSWORD)
    press("Enter")
    expect(page.get_by_role("heading", name="Check your mail")).to_be_visible()
    page.goto(link("verify_email"))
    to_content(page)
    tab_to(page, page.get_by_role("button", name="Confirm and go on"))
    press("Space")
    expect(page.get_by_role("heading", name="What can you help with?")).to_be_visible()
    choose_skill(page, "offer", "spani", "Spanish")
    press("Tab")
    expect(page.get_by_role("radio", name="Intermediate")).to_be_focused()
    press("ArrowDown")
    expect(page.get_by_role("radio", name="Advanced")).to_be_checked()
    tab_to(page, page.get_by_role("button", name="Add to what I offer"))
    press("Space")
    expect(page.locator("#offer .skill-rows")).to_contain_text("Advanced")
    choose_skill(page, "want", "pyth", "Python")
    press("Enter")
    expect(page.locator("#want .skill-rows")).to_contain_text("Python")
    to_matches(page)
    to_content(page)
    tab_to(page, page.get_by_role("heading", name="Alice Adeyemi").get_by_role("link"))
    press("Enter")
    profile_is_shown(page)


def to_content(page: Page) -> None:
    """The first stop of a page leads past the header."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def mend_the_name(page: Page) -> None:
    """The summary has the focus; its link leads to the field, where a word is deleted and another one typed."""
    summary = page.locator(".error-summary")
    expect(summary).to_be_focused()
    page.keyboard.press("Tab")
    expect(summary.get_by_role("link", name="Your name")).to_be_focused()
    page.keyboard.press("Enter")
    field = page.get_by_label("Your name")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(NAME)


def choose_skill(page: Page, kind: str, typed: str, name: str) -> None:
    """Types, goes down the list and takes what it finds; the focus is on the radio button then."""
    field = page.locator(f"#{kind}-search")
    tab_to(page, field)
    page.keyboard.type(typed)
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", f"{kind}-option-1")
    page.keyboard.press("Enter")
    expect(page.locator(f"#add-{kind}").get_by_role("radio", name=re.compile(f"^{name}")).first).to_be_focused()


def to_matches(page: Page) -> None:
    menu = page.locator(".site-nav summary").filter(has_text="Find")
    tab_to(page, menu, "Shift+Tab")
    page.keyboard.press("Enter")
    tab_to(page, page.locator(".site-nav").get_by_role("link", name="Matches"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Matches", level=1)).to_be_visible()


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    for _stop in range(MOST_STOPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not lead to {target}")
