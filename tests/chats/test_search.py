"""Searching one's own chats: a bounded number of lines at a time, in all chats at once, and nothing is left out."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask

from app.accounts import operations as accounts
from app.chats import operations, queries
from app.core.db import db
from app.core.paging import PAGE_SIZE
from tests.chats.test_sending import chat_of, say, strangers
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]


def found(page: str) -> list[str]:
    """The lines that were found, as chat@line."""
    return [f"{chat}@{line}" for chat, line in re.findall(r'href="/chats/(\d+)\?at=(\d+)#line', page)]


def link(page: str, rel: str) -> str:
    there = re.search(rf'rel="{rel}" href="([^"]+)"', page)
    return unescape(there[1]) if there else ""


def test_one_goes_on_where_the_search_stopped(
    app: Flask, as_: As, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "LOOKED_THROUGH", 5)
    chat_id = chat_of(world)
    say(world.alice, chat_id, "A needle")
    for n in range(11):
        say(world.alice, chat_id, f"Hay {n}")
    bob, address = as_("bob"), "/chats?q=needle"
    pages: list[tuple[list[str], bool, bool]] = []
    while address:
        page = bob.get(address).text
        pages.append((found(page), "Your lines were searched as far as" in page, "Nothing found" in page))
        address = link(page, "next")
    assert pages == [([], True, False), ([], True, False), ([f"{chat_id}@1"], False, False)]


def test_where_all_was_looked_at_nothing_is_offered(app: Flask, as_: As, world: World) -> None:
    say(world.alice, chat_of(world), "Hay")
    page = as_("bob").get("/chats?q=needle").text
    assert "Nothing found" in page
    assert not link(page, "next")


@pytest.mark.parametrize("looked_through", [10, 1500])
def test_each_line_comes_once_in_both_directions(
    app: Flask, as_: As, world: World, monkeypatch: pytest.MonkeyPatch, looked_through: int
) -> None:
    """Bob is the one with the higher id in one chat and the one with the lower id in the other."""
    monkeypatch.setattr(queries, "LOOKED_THROUGH", looked_through)
    chats = [chat_of(world), operations.open_between(world.bob, world.carol)]
    said = []
    for n in range(2 * PAGE_SIZE + 5):
        line = say(world.bob, chats[n % 3 == 0], "Hay")
        said.append(f"{line.chat_id}@{line.seq}")
    say(world.alice, operations.open_between(world.alice, world.carol), "Hay of others")
    bob, address, last = as_("bob"), "/chats?q=hay", ""
    forth: list[str] = []
    while address:
        last, page = address, bob.get(address).text
        forth += found(page)
        address = link(page, "next")
    assert forth == said[::-1]
    page = bob.get(last).text
    back, address = found(page), link(page, "prev")
    while address:
        page = bob.get(address).text
        back = found(page) + back
        address = link(page, "prev")
    assert back == forth


def test_what_is_hidden_is_not_found(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hay")
    operations.hide(world.bob, chat_id)
    say(world.alice, chat_id, "More hay")
    assert found(as_("bob").get("/chats?q=hay").text) == [f"{chat_id}@2"]
    assert len(found(as_("alice").get("/chats?q=hay").text)) == 2


def test_lines_of_a_double_are_found_where_they_are(app: Flask, as_: As, world: World) -> None:
    """The chat with Carol is handed over, the one with Bob is put behind Alice's; then all goes back."""
    (double,) = strangers(1)
    say(world.alice, chat_of(world), "Hay")
    for other in (world.bob, world.carol):
        say(double, operations.open_between(double, other), "Hay of her double")
    alice, carol = as_("alice"), as_("carol")
    merged = accounts.merge_members(world.alice, double, world.admin).id
    db.session.commit()
    assert len(found(alice.get("/chats?q=hay").text)) == 3
    assert len(found(carol.get("/chats?q=hay").text)) == 1
    accounts.take_apart(merged, world.admin)
    db.session.commit()
    assert len(found(alice.get("/chats?q=hay").text)) == 1
    assert len(found(carol.get("/chats?q=hay").text)) == 1
