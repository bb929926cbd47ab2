"""Notices in a browser: the bell and the list follow while the page is open, and all of it works by keyboard and on a
phone."""

from __future__ import annotations

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from app.core.db import db
from app.notices.kinds import ANNOUNCEMENT
from app.notices.models import NoticePreference
from app.notices.operations import tell
from tests.browser.conftest import OpenPage
from tests.notices.telling import told
from tests.support.notices import add_notice
from tests.world import World

pytestmark = pytest.mark.browser
LISTENING = "html[data-live=stream]"
NO_SIDEWAYS = "document.documentElement.scrollWidth <= window.innerWidth"


def happen(world: World, key: str) -> None:
    """Alice is told of something, as another process would tell her."""
    tell(world.alice, ANNOUNCEMENT, {"id": 0, "title": f"The ladder is back ({key})"}, "/members", key)
    db.session.commit()


def test_the_bell_counts_while_the_page_is_open(app: Flask, open_page: OpenPage, world: World) -> None:
    page = open_page("/", who="alice")
    page.wait_for_selector(LISTENING)
    expect(page.locator(".bell-count .count")).to_have_count(0)
    happen(world, "one")
    expect(page.locator(".bell-count")).to_contain_text("1 unread")
    happen(world, "two")
    expect(page.get_by_role("link", name="Notices 2 unread")).to_be_visible()


def test_the_list_follows_and_keeps_the_focus(open_page: OpenPage, world: World) -> None:
    first = add_notice(world.alice)
    page = open_page("/notices", who="alice")
    page.wait_for_selector(LISTENING)
    page.locator(f"#notice-{first}").focus()
    happen(world, "new")
    expect(page.get_by_text("The ladder is back (new)")).to_be_visible()
    expect(page.locator(f"#notice-{first}")).to_be_focused()


def test_reading_in_one_window_shows_in_the_other(open_page: OpenPage, world: World) -> None:
    add_notice(world.alice)
    other = open_page("/", who="alice")
    other.wait_for_selector(LISTENING)
    expect(other.locator(".bell-count")).to_contain_text("1 unread")
    page = open_page("/notices", who="alice")
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
    expect(other.locator(".bell-count .count")).to_have_count(0)


@pytest.mark.parametrize("javascript", [True, False], ids=["with scripts", "without"])
def test_by_keyboard(open_page: OpenPage, world: World, javascript: bool) -> None:
    add_notice(world.alice, "one")
    add_notice(world.alice, "two")
    page = open_page("/notices", who="alice", javascript=javascript)
    page.get_by_role("button", name="Mark as read: From the coordinators: The key of the garden house (two)").press(
        "Enter"
    )
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(1)
    page.get_by_role("link", name="The key of the garden house (one)").press("Enter")
    expect(page).to_have_url("/members")
    assert [row.read_at is None for row in told(world.alice)] == [False, False]


def test_preferences_on_a_phone(open_page: OpenPage, world: World) -> None:
    page = open_page("/settings/notices", who="alice", width=360)
    assert page.evaluate(NO_SIDEWAYS)
    group = page.get_by_role("group", name="Announcements")
    expect(group.get_by_role("radio", name="Mail at once")).to_be_checked()
    for choice in group.locator("label").all():
        box = choice.bounding_box()
        assert box and box["height"] >= 44, "a finger needs more room"
    group.get_by_role("radio", name="Daily mail").check()
    page.get_by_role("button", name="Save notices").click()
    expect(page.get_by_text("From now on you hear of it like this.")).to_be_visible()
    kept = select(NoticePreference.channel).where(NoticePreference.kind == ANNOUNCEMENT)
    assert db.session.scalar(kept) == "digest"


@pytest.mark.parametrize("path", ["/notices", "/admin/mail", "/admin/announcements", "/admin/announcements/new"])
def test_nothing_hangs_over_the_edge_of_a_phone(open_page: OpenPage, world: World, path: str) -> None:
    add_notice(world.admin, "a" * 60)
    page = open_page(path, who="admin", width=320)
    assert page.evaluate(NO_SIDEWAYS)
