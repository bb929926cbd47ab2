"""The first sentence that is suggested to two who have not written to each other."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app.chats.openers import openers_for
from app.chats.operations import post_system_line
from app.core.db import db
from app.core.registry import LineKind, registry
from tests.chats.test_sending import chat_of, say
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]


def test_it_says_what_the_two_have_in_common(app: Flask, world: World) -> None:
    with app.test_request_context():
        best, learn, teach = openers_for(world.alice, world.bob, "Bob Brandt")
        (only,) = openers_for(world.alice, world.carol, "Carol Castillo")
    assert best.startswith("Hello Bob Brandt,\n")
    assert "you offer Spanish" in best and "help you with Python" in best
    assert "learn Spanish" in learn and "help you with it" in teach
    assert "get to know you" in only


def test_another_one_can_be_chosen(app: Flask, as_: As, world: World) -> None:
    alice = as_("alice")
    assert "help you with Python" in box(alice.get(f"/chats/with/{world.bob}").text)
    assert "I would like to learn Spanish" in box(alice.get(f"/chats/with/{world.bob}?opener=1").text)
    assert box(alice.get(f"/chats/with/{world.bob}?opener=99").text)


def box(page: str) -> str:
    return page.partition("<textarea")[2].partition("</textarea>")[0]


def test_profiles_and_matches_lead_there(app: Flask, as_: As, world: World) -> None:
    alice, address = as_("alice"), f"/chats/with/{world.bob}"
    assert address in alice.get(f"/members/{world.bob}").text
    assert address in alice.get("/matches").text
    assert f"/chats/with/{world.alice}" not in alice.get(f"/members/{world.alice}").text


def test_the_sites_own_lines_in_the_readers_words(app: Flask, as_: As, world: World) -> None:
    registry().add_line_kinds(LineKind("met", "calendar", lambda params: f"You met {params['n']} times."))
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    post_system_line(chat_id, "met", {"n": "<2>"}, "/members")
    post_system_line(chat_id, "of a feature that is gone", {})
    db.session.commit()
    bob = as_("bob")
    page = bob.get(f"/chats/{chat_id}").text
    assert '<a href="/members">You met &lt;2&gt; times.</a>' in page
    assert bob.get("/chats").status_code == 200
