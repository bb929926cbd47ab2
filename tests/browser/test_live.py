"""What an open page does with its stream, without it, and after a cut; and that htmx reacts, under our own policy."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import literal

from app.core import live
from app.core.db import db
from app.core.live.streams import Stream
from app.core.registry import registry
from tests.support.live import hub_of, wait_for
from tests.world import World

pytestmark = pytest.mark.browser

OpenPage = Callable[..., Page]
LISTEN = """topic => {
    window.heard = window.heard || [];
    document.addEventListener('live:' + topic, event => {
        window.heard.push([topic, event.detail.seq]);
        document.documentElement.dataset.heard = window.heard.length;
    });
}"""
WATCH = """() => {
    const part = document.createElement('div');
    part.setAttribute('hx-get', '/healthz');
    part.setAttribute('hx-trigger', 'live:chat-7 from:body, live:resync from:body');
    document.querySelector('main').append(part);
    htmx.process(part);
    part.id = 'part';
}"""


# As when the member looks at another tab.
SEEN = """state => {
    Object.defineProperty(document, 'visibilityState', { value: state, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def with_clock(page: Page) -> Page:
    """The same page, with a clock that can be put forward."""
    page.clock.install()
    page.reload()
    return page


def listening(page: Page, *topics: str) -> Page:
    page.wait_for_selector("html[data-live=stream]")
    for topic in topics:
        page.evaluate(LISTEN, topic)
    return page


def wait_until_heard(page: Page, count: int) -> None:
    page.wait_for_selector(f"html[data-heard='{count}']")


def publish(world: World, topic: str, seq: int) -> None:
    live.publish([world.alice], topic, seq)
    db.session.commit()


def test_an_event_becomes_an_event_of_every_open_page(open_page: OpenPage, world: World) -> None:
    pages = [listening(open_page("/", who="alice"), "chat-7") for _ in range(2)]
    stranger = listening(open_page("/", who="carol"), "chat-7")
    publish(world, "chat-7", 12)
    for page in pages:
        wait_until_heard(page, 1)
        assert page.evaluate("window.heard") == [["chat-7", 12]]
    assert stranger.evaluate("window.heard") == []


def test_a_part_of_the_page_fetches_itself(open_page: OpenPage, world: World) -> None:
    page = listening(open_page("/", who="alice"))
    page.evaluate(WATCH)
    with page.expect_response("**/healthz"):
        publish(world, "chat-7", 1)


def test_after_a_cut_the_page_comes_back_and_catches_up(open_page: OpenPage, app: Flask, world: World) -> None:
    page = listening(open_page("/", who="alice"), "resync", "chat-7")
    hub = hub_of(app)
    with hub.lock:
        hub._each(Stream.end)
    wait_until_heard(page, 1)
    publish(world, "chat-7", 3)
    wait_until_heard(page, 2)
    assert page.evaluate("window.heard") == [["resync", 0], ["chat-7", 3]]


def test_without_a_place_the_page_asks_for_the_state(
    open_page: OpenPage, app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LIVE_STREAMS", 0)
    state = {"chats": 1}
    monkeypatch.setattr(registry(), "live_states", {"chats": lambda _user_id: literal(state["chats"])})
    page = with_clock(open_page("/", who="alice"))
    for topic in ("chats", "resync"):
        page.evaluate(LISTEN, topic)
    page.wait_for_load_state("networkidle")
    page.clock.fast_forward(30_000)
    page.wait_for_selector("html[data-live=poll]")
    wait_until_heard(page, 1)
    state["chats"] = 2
    page.clock.fast_forward(30_000)
    wait_until_heard(page, 3)
    assert page.evaluate("window.heard") == [["resync", 0], ["chats", 2], ["resync", 0]]


def test_a_page_whose_member_has_signed_out_asks_no_more(open_page: OpenPage, app: Flask, world: World) -> None:
    page = listening(open_page("/", who="alice"))
    other = page.context.new_page()
    other.goto("/")
    other.evaluate("document.querySelector('form[action=\"/sign-out\"]').submit()")
    page.wait_for_selector("html[data-live=off]")
    assert len(hub_of(app)) == 0


def test_a_page_that_nobody_sees_keeps_no_place(open_page: OpenPage, app: Flask, world: World) -> None:
    """A browser opens six connections to a site: a seventh tab would never load."""
    page = with_clock(open_page("/", who="alice"))
    listening(page, "resync")
    page.evaluate(SEEN, "hidden")
    page.clock.fast_forward(10_000)
    wait_for(lambda: len(hub_of(app)) == 0)
    page.evaluate(SEEN, "visible")
    wait_until_heard(page, 1)
    assert len(hub_of(app)) == 1


def test_a_stream_that_is_cut_again_and_again_is_given_up(open_page: OpenPage, app: Flask, world: World) -> None:
    """By a proxy that allows no long answers."""
    page = with_clock(open_page("/", who="alice"))
    listening(page)
    for _cut in range(3):
        hub = hub_of(app)
        wait_for(lambda hub=hub: len(hub) == 1)  # type: ignore[misc]
        with hub.lock:
            hub._each(Stream.end)
        wait_for(lambda hub=hub: len(hub) == 0)  # type: ignore[misc]
        page.wait_for_timeout(200)
        page.clock.fast_forward(8_000)
    page.clock.fast_forward(30_000)
    page.wait_for_selector("html[data-live=poll]")
