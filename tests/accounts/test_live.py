"""The addresses of the stream and of the state: who gets them, what they hold, and when they end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.accounts import operations as accounts
from app.accounts.models import User, UserSession
from app.core import live
from app.core.clock import now
from app.core.db import db, end_reading
from app.core.registry import registry
from tests.support.client import CheckedClient
from tests.support.live import frames, hub_of
from tests.world import PASSWORD, World

As = Callable[[str], CheckedClient]


def said(answer: Any, words: str) -> str:
    """What the stream said up to `words`."""
    text = ""
    while words not in text:
        text += next(answer.response).decode()
    return text


def test_a_stream_is_plain_text_for_machines_that_nothing_keeps_back(as_: As, world: World) -> None:
    answer = as_("alice").get("/live")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert answer.headers["X-Accel-Buffering"] == "no"
    assert answer.headers["Cache-Control"] == "no-store"
    assert frames(said(answer, "resync")) == [("resync", "0")]


def test_an_event_comes_through(as_: As, world: World) -> None:
    answer = as_("alice").get("/live")
    said(answer, "resync")
    live.publish([world.alice], "chat-7", 12)
    db.session.commit()
    assert ("chat-7", "12") in frames(said(answer, "chat-7"))


def test_an_open_stream_holds_no_connection(app: Flask, as_: As, world: World) -> None:
    streams = [as_(name).get("/live") for name in ("alice", "bob", "carol", "mod", "admin")]
    for stream in streams:
        said(stream, "resync")
    end_reading()
    assert len(hub_of(app)) == len(streams)
    assert db.engine.pool.checkedout() == 0  # type: ignore[attr-defined]


def test_when_all_places_are_taken_pages_poll_and_others_sign_in(
    app: Flask, as_: As, client: CheckedClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "LIVE_STREAMS", 1)
    taken = as_("alice").get("/live")
    assert taken.status_code == 200
    refused = as_("bob").get("/live")
    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "15"
    assert as_("bob").get("/live/state").status_code == 200
    entered = client.post("/sign-in", data={"email": "carol@example.org", "password": PASSWORD})
    assert entered.status_code == 303
    taken.close()
    assert as_("bob").get("/live").status_code == 200


def test_asking_for_the_head_takes_no_place(app: Flask, as_: As) -> None:
    as_("alice").head("/live").close()
    assert len(hub_of(app)) == 0


def test_signing_out_ends_the_streams_of_this_browser_only(app: Flask, as_: As, world: World) -> None:
    browser, other = as_("alice"), as_("alice")
    stream = browser.get("/live")
    said(stream, "resync")
    end_reading()
    second = accounts.start_session(db.session.get_one(User, world.alice), "", "")
    db.session.commit()
    with other.session_transaction() as cookie:
        cookie["_user_id"] = second
    kept = other.get("/live")
    said(kept, "resync")
    assert browser.post("/sign-out").status_code == 303
    assert list(stream.response) == []
    live.publish([world.alice], "chat-7", 1)
    db.session.commit()
    said(kept, "chat-7")


@pytest.mark.parametrize("act", [accounts.disable, accounts.make_admin, lambda user: accounts.erase(user.id)])
def test_who_is_put_out_hears_nothing_more(as_: As, world: World, act: Callable[[User], None]) -> None:
    stream = as_("alice").get("/live")
    said(stream, "resync")
    act(db.session.get_one(User, world.alice))
    live.publish([world.alice], "chat-7", 1)
    db.session.commit()
    assert b"chat-7" not in b"".join(stream.response)


def test_a_new_password_ends_the_streams_of_other_browsers(app: Flask, as_: As, world: World) -> None:
    stream = as_("alice").get("/live")
    said(stream, "resync")
    end_reading()
    accounts.end_other_sessions(world.alice, kept_id=0)
    db.session.commit()
    assert list(stream.response) == []
    assert as_("alice").get("/live").status_code == 303


def test_a_page_asks_from_the_moment_it_was_drawn(app: Flask, as_: As, world: World) -> None:
    page = as_("alice").get("/").get_data(as_text=True)
    assert 'name="live" content="/live?since=' in page
    assert 'data-state="/live/state"' in page


def test_pages_of_strangers_do_not_listen(client: CheckedClient) -> None:
    assert 'name="live"' not in client.get("/").get_data(as_text=True)


@pytest.mark.parametrize("since", ["", "soon", "nan", "inf", "-1", "1e400", "9" * 400])
def test_a_damaged_moment_does_no_harm(as_: As, since: str) -> None:
    assert as_("alice").get(f"/live?since={since}").status_code == 200


def test_an_open_page_does_not_keep_its_member_signed_in(app: Flask, as_: As, world: World) -> None:
    mine = select(UserSession.last_seen_at).where(UserSession.user_id == world.alice)
    before = db.session.scalar(mine)
    end_reading()
    with time_machine.travel(now() + timedelta(hours=1), tick=True):
        as_("alice").get("/live").close()
        as_("alice").get("/live/state")
        assert db.session.scalar(mine) == before


def test_the_state_is_the_members_own(as_: As, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry(), "live_states", {"me": lambda user_id: select(func.max(user_id)).scalar_subquery()})
    assert as_("bob").get("/live/state").get_json() == {"topics": {"me": world.bob}}


def test_a_server_that_ends_takes_nobody_in_and_ends_the_others(app: Flask, as_: As) -> None:
    stream = as_("alice").get("/live")
    said(stream, "resync")
    hub = hub_of(app)
    hub.ending = True
    assert list(stream.response) == []
    assert as_("bob").get("/live").status_code == 503
    stream.close()
    assert len(hub) == 0
