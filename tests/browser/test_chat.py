"""Two browsers in one chat: lines arrive by themselves, the focus stays in the box, the keyboard sends and edits."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Route, expect

from app.chats import operations
from app.core import live
from app.core.db import db
from app.core.live.streams import Stream
from tests.chats.test_sending import chat_of, say
from tests.support.live import hub_of
from tests.world import World

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]


@pytest.fixture(autouse=True)
def quiet(live: str) -> Iterator[None]:
    """A page that is closed says that nobody looks any more: the database is put back after that."""
    yield
    deadline = time.monotonic() + 3
    while any("process_request" in thread.name for thread in threading.enumerate()) and time.monotonic() < deadline:
        time.sleep(0.02)


def opened(open_page: OpenPage, chat_id: int, who: str, **window: object) -> Page:
    page = open_page(f"/chats/{chat_id}", who=who, **window)
    page.wait_for_selector("html[data-live=stream]")
    return page


def bubbles(page: Page) -> list[str]:
    texts = page.locator(".bubble > p").all_inner_texts()
    return [text.strip() for text in texts]


def test_lines_arrive_and_the_focus_stays(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Begin")
    alice, bob = opened(open_page, chat_id, "alice"), opened(open_page, chat_id, "bob")
    box = alice.get_by_label("Your message", exact=True)
    expect(box).to_be_focused()
    box.type("Hello **Bob**")
    alice.keyboard.press("Shift+Enter")
    box.type("second line")
    alice.keyboard.press("Enter")
    expect(bob.locator(".bubble").last).to_contain_text("second line")
    expect(alice.locator(".mine .bubble")).to_have_count(2)
    expect(box).to_be_focused()
    assert box.input_value() == ""
    assert bob.locator("[role=log] .bubble strong").inner_text() == "Bob"
    expect(alice.locator(".chat-seen")).to_be_visible()
    bob.get_by_label("Your message", exact=True).fill("Hello Alice")
    bob.get_by_role("button", name="Send message").click()
    expect(alice.locator(".bubble").last).to_contain_text("Hello Alice")
    assert alice.locator("[data-seq]").count() == bob.locator("[data-seq]").count() == 3


def test_the_arrow_up_edits_the_last_message(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "First")
    say(world.alice, chat_id, "Helo")
    alice, bob = opened(open_page, chat_id, "alice"), opened(open_page, chat_id, "bob")
    box = alice.get_by_label("Your message", exact=True)
    box.press("ArrowUp")
    field = alice.get_by_label("Message", exact=True)
    expect(field).to_be_focused()
    expect(field).to_have_value("Helo")
    assert alice.locator(".bubble:visible").count() == 1, "the form stands where the line was"
    field.fill("Hello")
    field.press("Enter")
    expect(alice.locator(".bubble").last).to_contain_text("edited")
    expect(box).to_be_focused()
    expect(bob.locator(".bubble").last).to_contain_text("Hello")
    expect(bob.locator(".bubble").last).to_contain_text("edited")
    assert bubbles(alice) == bubbles(bob) == ["First", "Hello"]
    assert alice.url == bob.url
    expect(bob.locator(".chat-line.follows")).to_have_count(1)


def test_on_a_phone_enter_begins_a_line_and_ctrl_enter_sends(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    say(world.bob, chat_id, "Hello")
    alice = opened(open_page, chat_id, "alice", width=390, touch=True)
    box = alice.get_by_label("Your message", exact=True)
    box.fill("Hello")
    box.press("Enter")
    expect(box).to_have_value("Hello\n")
    box.press("Control+Enter")
    expect(alice.locator(".mine .bubble")).to_have_count(1)
    box.press("ArrowUp")
    field = alice.get_by_label("Message", exact=True)
    field.fill("Goodbye")
    field.press("Control+Enter")
    expect(alice.locator(".mine .bubble")).to_contain_text("Goodbye")


def test_escape_leaves_the_message_as_it_was(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    alice = opened(open_page, chat_id, "alice")
    box, field = alice.get_by_label("Your message", exact=True), alice.get_by_label("Message", exact=True)
    box.press("ArrowUp")
    field.fill("Something else")
    field.press("Escape")
    expect(field).to_have_count(0)
    expect(box).to_be_focused()
    box.press("ArrowUp")
    field.fill("")
    alice.get_by_role("button", name="Save message").click()
    expect(alice.locator("[data-line-edit] [role=alert]")).to_contain_text("Write something first")
    alice.get_by_role("button", name="Cancel").click()
    expect(box).to_be_focused()
    assert bubbles(alice) == ["Hello"]


def test_what_is_written_into_a_line_survives_what_comes_meanwhile(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "Helo")
    alice = opened(open_page, chat_id, "alice")
    alice.get_by_label("Your message", exact=True).press("ArrowUp")
    field = alice.get_by_label("Message", exact=True)
    field.fill("Hello")
    say(world.bob, chat_id, "Are you there?")
    expect(alice.locator(".bubble").last).to_contain_text("Are you there?")
    operations.edit(world.alice, message.id, "Hallo")  # on another device
    db.session.commit()
    expect(alice.locator(".mine .bubble")).to_contain_text("Hallo")
    expect(field).to_be_focused()
    expect(field).to_have_value("Hello")
    operations.delete(world.alice, message.id)
    db.session.commit()
    expect(field).to_have_count(0)
    expect(alice.locator(".mine .bubble")).to_have_text(re.compile("Message deleted"))


def test_too_late_to_edit(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "Hello")
    alice = opened(open_page, chat_id, "alice")
    message.created_at -= timedelta(minutes=16)
    db.session.commit()
    box = alice.get_by_label("Your message", exact=True)
    box.press("ArrowUp")
    expect(alice.locator("[data-chat-box] [role=alert]")).to_contain_text("can no longer be changed")
    assert bubbles(alice) == ["Hello"]


def test_editing_without_a_script_has_a_page(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    message_id = say(world.alice, chat_id, "Helo").id
    db.session.rollback()  # asking for the id has begun a transaction
    alice = open_page(f"/chats/{chat_id}/messages/{message_id}/edit", who="alice", javascript=False)
    alice.get_by_label("Message", exact=True).fill("Hello")
    alice.get_by_role("button", name="Save message").click()
    expect(alice.locator(".bubble")).to_contain_text("Hello")


def test_a_deleted_line_goes_from_the_other_screen(open_page: OpenPage, world: World) -> None:
    """From the thread and from the list at its side, which are fetched one after the other."""
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "My secret")
    bob, at_the_list = opened(open_page, chat_id, "bob"), open_page("/chats", who="bob")
    at_the_list.wait_for_selector("html[data-live=stream]")
    operations.delete(world.alice, message.id)
    db.session.commit()
    expect(bob.locator(".bubble")).to_contain_text("Message deleted")
    for page in (bob, at_the_list):
        expect(page.locator("#chat-list")).to_contain_text("Message deleted")
        assert "My secret" not in page.content()


def test_a_deleted_line_goes_although_the_focus_is_in_it(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "My secret")
    bob = opened(open_page, chat_id, "bob")
    bob.locator(".line-menu summary").focus()
    operations.delete(world.alice, message.id)
    db.session.commit()
    expect(bob.locator(".bubble")).to_contain_text("Message deleted")
    expect(bob.get_by_label("Your message", exact=True)).to_be_focused()


def test_a_slow_answer_does_not_bring_a_deleted_line_back(open_page: OpenPage, world: World) -> None:
    """The list was asked for before the line was deleted, and is answered after the newer one."""
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "My secret")
    bob = opened(open_page, chat_id, "bob")
    kept: list[Route] = []

    def keep_first(route: Route) -> None:
        if kept:
            route.continue_()
        else:
            kept.append(route)

    bob.route("**/chats?open=*", keep_first)
    live.publish([world.bob], "chats")
    db.session.commit()
    for _step in range(100):
        if kept:
            break
        bob.wait_for_timeout(20)
    old = bob.request.get(kept[0].request.url).text()
    assert "My secret" in old
    operations.delete(world.alice, message.id)
    db.session.commit()
    expect(bob.locator("#chat-list")).to_contain_text("Message deleted")
    with suppress(PlaywrightError):  # the page has given that request up
        kept[0].fulfill(status=200, content_type="text/html", body=old)
    bob.wait_for_timeout(300)
    assert "My secret" not in bob.content()


def test_after_a_cut_nothing_is_missing_and_nothing_twice(open_page: OpenPage, app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Before")
    bob = opened(open_page, chat_id, "bob")
    hub = hub_of(app)
    for n in range(6):
        if n % 3 == 0:
            with hub.lock:
                hub._each(Stream.end)
        say(world.alice, chat_id, f"Line {n}")
    expect(bob.locator(".bubble")).to_have_count(7)
    assert bubbles(bob) == ["Before", *(f"Line {n}" for n in range(6))]


def test_what_was_refused_stays_in_the_box(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Before")
    alice = opened(open_page, chat_id, "alice")
    alice.route("**/messages", lambda route: route.abort())
    box = alice.get_by_label("Your message", exact=True)
    box.fill("Important")
    box.press("Enter")
    expect(alice.locator("[data-refused]")).to_contain_text("did not work")
    assert box.input_value() == "Important"
    alice.unroute("**/messages")
    box.press("Enter")
    expect(alice.locator(".bubble").last).to_contain_text("Important")
    expect(alice.locator("[data-refused]")).to_be_empty()


def test_drafts_come_back_in_their_own_chat_only(open_page: OpenPage, world: World) -> None:
    with_bob = chat_of(world)
    with_carol = operations.open_between(world.alice, world.carol)
    db.session.commit()
    say(world.bob, with_bob, "Hello")
    say(world.carol, with_carol, "Hello")
    alice = opened(open_page, with_bob, "alice")
    with alice.expect_response("**/draft"):
        alice.get_by_label("Your message", exact=True).type("Dear Bob")
    alice.goto(f"/chats/{with_carol}")
    assert alice.get_by_label("Your message", exact=True).input_value() == ""
    alice.goto(f"/chats/{with_bob}")
    assert alice.get_by_label("Your message", exact=True).input_value() == "Dear Bob"


def test_older_lines_come_in_above(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    for n in range(1, 61):
        operations.send(world.alice, chat_id, f"Line {n}", f"token-{n}")
    db.session.commit()
    bob = opened(open_page, chat_id, "bob")
    expect(bob.locator(".bubble").last).to_be_in_viewport()
    bob.get_by_role("link", name="Older messages").click()
    expect(bob.locator(".bubble")).to_have_count(60)
    assert bubbles(bob) == [f"Line {n}" for n in range(1, 61)]
    assert bob.locator("[data-day]").count() == 1
    assert bob.locator("[role=log] .bubble").count() == 0  # read out is only what is new


def test_the_count_in_the_navigation_follows(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    tabs = [open_page("/", who="bob"), open_page("/members", who="bob"), open_page("/settings", who="bob", width=390)]
    for tab, bar in zip(tabs, (".site-nav", ".site-nav", ".bottom-bar"), strict=True):
        tab.wait_for_selector("html[data-live=stream]")
        expect(tab.locator(f"{bar} .count-of-messages")).to_be_empty()
    say(world.alice, chat_id, "Hello")
    for tab, bar in zip(tabs, (".site-nav", ".site-nav", ".bottom-bar"), strict=True):
        expect(tab.locator(f"{bar} .count-of-messages .count")).to_have_text("1", timeout=1000)
        expect(tab.locator(f"{bar} .count-of-messages .count")).to_be_visible()
    tabs[0].goto(f"/chats/{chat_id}")
    for tab, bar in zip(tabs, (".site-nav", ".site-nav", ".bottom-bar"), strict=True):
        expect(tab.locator(f"{bar} .count-of-messages .count")).to_have_count(0, timeout=1000)


def test_muting_takes_the_count_from_every_tab(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    bob = open_page("/", who="bob")
    bob.wait_for_selector("html[data-live=stream]")
    expect(bob.locator(".site-nav .count")).to_have_text("1")
    operations.mute(world.bob, chat_id, "8h")
    db.session.commit()
    expect(bob.locator(".site-nav .count")).to_have_count(0)


def test_on_a_phone_without_a_script(open_page: OpenPage, world: World) -> None:
    chat_id = chat_of(world)
    say(world.bob, chat_id, "Hello")
    alice = open_page(f"/chats/{chat_id}", who="alice", width=390, javascript=False)
    expect(alice.get_by_role("button", name="Send message")).to_be_in_viewport()
    alice.get_by_label("Your message", exact=True).fill("Hello Bob")
    alice.get_by_role("button", name="Send message").click()
    expect(alice.locator(".bubble").last).to_contain_text("Hello Bob")
    alice.get_by_role("link", name="All chats").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("Messages")
