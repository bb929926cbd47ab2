"""Choosing a skill in a real browser: with the keyboard alone, and without a script."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

OpenPage = Callable[..., Page]

pytestmark = pytest.mark.browser


def test_the_keyboard_alone(open_page: OpenPage) -> None:
    page = open_page("/settings/skills?kind=want", who="carol")
    field = page.locator("#want-search")
    expect(field).to_be_focused()
    expect(field).to_have_role("combobox")
    expect(field).to_have_attribute("aria-expanded", "false")
    page.keyboard.type("guit", delay=30)
    options = page.locator("#want-options [role=option]")
    expect(options.first).to_have_text("Guitar Music & stage", use_inner_text=True)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("#want [data-skill-status]")).to_have_text("2 suggestions")
    page.keyboard.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", "want-option-new")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "want-option-1")
    expect(options.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("guit")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name="Guitar Music & stage", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#want .skill-rows")).to_contain_text("Guitar")


def test_a_click_chooses(open_page: OpenPage) -> None:
    page = open_page("/settings/skills", who="carol", width=390)
    page.locator("#offer-search").press_sequentially("rocketry", delay=20)
    page.get_by_role("option", name="Propose “rocketry” as a new skill").click()
    page.get_by_role("button", name="Add to what I offer").click()
    expect(page.locator("#offer .skill-rows")).to_contain_text("rocketry")


def test_without_a_script(open_page: OpenPage) -> None:
    page = open_page("/settings/skills?welcome=1", who="mod", javascript=False)
    picks = page.locator("#want .pick")
    picks.filter(has_text="Python").get_by_role("checkbox").check()
    page.locator("#want").get_by_role("button", name="Add the ticked ones").click()
    expect(page.locator("#want .skill-rows")).to_contain_text("Python")
    page.locator("#offer-search").fill("gitarre")
    page.locator("#offer").get_by_role("button", name="Search").click()
    expect(page.get_by_role("radio", name="Guitar Music & stage")).to_be_checked()
    page.get_by_role("radio", name="Advanced").check()
    page.get_by_role("button", name="Add to what I offer").click()
    expect(page.locator("#offer .skill-rows")).to_contain_text("Advanced")
    page.get_by_role("button", name="Remove Guitar").click()
    page.get_by_role("button", name="Put it back").click()
    expect(page.locator("#offer .skill-rows")).to_contain_text("Advanced")
