"""Events: what reaches which page, and when; on both databases."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

import config
from app.core import live
from app.core.clock import now
from app.core.db import db, dialect_name, own_transaction
from app.core.live import events, streams
from app.core.live.hub import MOST_A_MEMBER, Hub
from app.core.live.streams import MOST_TOPICS, Stream
from app.core.models import LiveEvent
from app.core.registry import registry
from tests.support.live import Page, hub_of, opened_page, pages, wait_for
from tests.world import World

# Long enough for an event to arrive that should not.
A_WHILE = 0.5


@pytest.fixture
def page(world: World) -> Iterator[Page]:
    """Alice's open page, which has caught up."""
    with pages(world.alice) as opened:
        yield opened[0]


def test_an_event_arrives_after_the_commit_and_not_before(page: Page, world: World) -> None:
    live.publish([world.alice, world.bob], "chat-7", 3)
    time.sleep(A_WHILE)
    assert page.heard == []
    db.session.commit()
    wait_for(lambda: page.heard)
    assert page.heard == [("chat-7", 3)]


def test_what_is_rolled_back_is_never_heard(page: Page, world: World) -> None:
    live.publish([world.alice], "chat-7", 3)
    db.session.rollback()
    live.publish([world.alice], "notices", 1)
    db.session.commit()
    wait_for(lambda: page.heard)
    assert page.heard == [("notices", 1)]


def test_savepoints_count(page: Page, world: World) -> None:
    live.publish([world.alice], "outer", 1)
    with db.session.begin_nested():
        live.publish([world.alice], "kept", 2)
    savepoint = db.session.begin_nested()
    live.publish([world.alice], "lost", 3)
    savepoint.rollback()
    time.sleep(A_WHILE)
    assert page.heard == []
    db.session.commit()
    wait_for(lambda: len(page.heard) == 2)
    assert page.heard == [("outer", 1), ("kept", 2)]


def test_a_small_transaction_of_its_own_tells_too(page: Page, world: World) -> None:
    with own_transaction() as own:
        live.publish([world.alice], "chat-7", 9, session=own)
    wait_for(lambda: page.heard == [("chat-7", 9)])


def test_nobody_hears_what_was_not_told_to_them(page: Page, world: World) -> None:
    with pages(world.carol) as (stranger,):
        live.publish([world.alice, world.bob], "chat-7", 3)
        db.session.commit()
        live.publish([world.carol], "chats", 1)
        db.session.commit()
        wait_for(lambda: stranger.heard and page.heard)
        assert stranger.heard == [("chats", 1)]
        assert page.heard == [("chat-7", 3)]


def test_every_open_page_of_a_member_hears(world: World) -> None:
    with pages(world.alice, 3) as opened:
        live.publish([world.alice], "chat-7", 3)
        db.session.commit()
        for page in opened:
            wait_for(lambda page=page: page.heard == [("chat-7", 3)])  # type: ignore[misc]


# What breaks the listener's connection, or its next look.
CUTS = {
    "postgresql": [
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE query LIKE 'LISTEN %' AND datname = current_database()"
    ],
    "sqlite": ["ALTER TABLE live_events RENAME TO elsewhere", "ALTER TABLE elsewhere RENAME TO live_events"],
}
ANOTHER_PROCESS = """
import sys
from app.core import live
from app.core.db import db
from app.factory import create_app

with create_app().app_context():
    live.publish([int(sys.argv[1])], "notices", 5)
    db.session.commit()
"""


def test_another_process_reaches_the_page(app: Flask, page: Page, world: World) -> None:
    """As the ticks do, which hold no streams."""
    address = {"DATABASE_URL": app.config["DATABASE_DIRECT_URL"], "PATH": "", "PYTHONPATH": str(config.ROOT)}
    command = [sys.executable, "-c", ANOTHER_PROCESS, str(world.alice)]
    subprocess.run(command, check=True, env=address, cwd=config.ROOT)
    wait_for(lambda: page.heard == [("notices", 5)], 1)


def test_ten_thousand_members_are_told_at_once(page: Page, world: World) -> None:
    live.publish(range(1, 10_001), "notices", 1)
    db.session.commit()
    wait_for(lambda: page.heard == [("notices", 1)])


def test_the_largest_payload_fits_a_notification() -> None:
    largest = 2**63 - 1
    whole = list(events.payloads([largest] * 1000, "t" * 60, largest))
    assert max(len(payload) for payload in whole) < 8000
    assert sum(payload.count(str(largest)) for payload in whole) == 1000 + len(whole)


def test_an_event_is_read_as_it_was_written() -> None:
    (payload,) = events.payloads([3, 5], "chat-7", 12)
    assert events.parsed(payload) == events.Event(frozenset({3, 5}), "chat-7", 12)


def test_nobody_is_told_nothing(app: Flask) -> None:
    live.publish([], "chat-7", 1)
    assert db.session.scalar(select(func.count()).select_from(LiveEvent)) == 0


@pytest.mark.parametrize("topic", ["", "Chat", "chat 7", "chat\n\nevent: x", "7", "t" * 61])
def test_a_topic_that_would_break_the_lines_is_refused(app: Flask, world: World, topic: str) -> None:
    with pytest.raises(ValueError, match="is no topic"):
        live.publish([world.alice], topic)


def test_a_page_that_reads_slowly_gets_the_newest_number(app: Flask) -> None:
    stream = Stream(Hub(4), 1, 1, None)
    for seq in (4, 9, 7):
        stream.note("chat-7", seq)
    assert stream.pending == {"chat-7": 9}


def test_a_page_that_does_not_read_keeps_little(app: Flask) -> None:
    stream = Stream(Hub(4), 1, 1, None)
    for number in range(MOST_TOPICS + 20):
        stream.note(f"chat-{number}", 1)
    assert stream.pending == {"resync": 0}


def test_it_beats_while_nothing_happens(page: Page, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "BEAT", 0.1)
    with pages(world.bob) as (quiet,):
        wait_for(lambda: quiet.beats >= 3)
        assert quiet.heard == []


def test_a_stream_does_not_live_for_ever(world: World, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LIFE", 0.1)
    page = opened_page(world.alice)
    wait_for(lambda: page.ended)
    assert len(hub_of(app)) == 0


def test_a_page_that_has_gone_gives_its_place_back(app: Flask, world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        browser = socket.create_connection(server.getsockname())
        connection, _ = server.accept()
        stream = live.open_stream(world.alice, 1, None, {"gunicorn.socket": connection})
        assert stream is not None
        page = Page(stream)
        wait_for(lambda: page.heard)
        assert len(hub_of(app)) == 1
        browser.close()
        wait_for(lambda: page.ended, 3)
        connection.close()
    assert len(hub_of(app)) == 0


def test_places_are_counted_and_given_back(app: Flask, world: World) -> None:
    hub = Hub(8)
    joined = [Stream(hub, member, 1, None) for member in (1, 1, 2, 2, 3, 3, 4, 4)]
    assert all(hub.join(stream, None) for stream in joined)
    assert not hub.join(Stream(hub, 5, 1, None), None)
    joined[0].close()
    joined[0].close()
    assert len(hub) == 7
    assert hub.join(Stream(hub, 5, 1, None), None)


@pytest.mark.parametrize(("places", "most"), [(16, 4), (10_000, MOST_A_MEMBER)])
def test_one_member_does_not_take_every_place(app: Flask, places: int, most: int) -> None:
    hub = Hub(places)
    assert [hub.join(Stream(hub, 1, 1, None), None) for _ in range(most + 1)] == [True] * most + [False]
    assert hub.join(Stream(hub, 2, 1, None), None)


def test_a_page_hears_what_happened_since_it_was_drawn(app: Flask, page: Page, world: World) -> None:
    """And is not sent to fetch everything, which would be a request or two more for each page."""
    drawn_at = time.time()
    wait_for(lambda: time.time() - drawn_at > 0.1)
    hub = hub_of(app)
    hub._hears_since = drawn_at - 10
    live.publish([world.bob], "chat-7", 3)
    live.publish([world.carol], "chats", 4)
    db.session.commit()
    wait_for(lambda: len(hub._recent) == 2)
    stream = Stream(hub, world.bob, 1, None)
    assert hub.join(stream, drawn_at)
    assert stream.pending == {"chat-7": 3}
    long_ago = Stream(hub, world.bob, 1, None)
    assert hub.join(long_ago, drawn_at - 3600)
    assert long_ago.pending == {"resync": 0}


def test_a_sign_in_that_ended_ends_its_streams_only(world: World) -> None:
    with pages(world.alice, session_id=11) as (ending,), pages(world.alice, session_id=12) as (staying,):
        live.end_stream(world.alice, 11)
        db.session.commit()
        wait_for(lambda: ending.ended, 2)
        live.publish([world.alice], "chat-7", 1)
        db.session.commit()
        wait_for(lambda: staying.heard == [("chat-7", 1)])
        assert ending.heard == []


@pytest.mark.parametrize("since", [None, float("inf"), float("nan"), 4e12])
def test_a_stream_that_comes_just_after_the_end_of_its_sign_in_ends_too(
    app: Flask, page: Page, world: World, since: float | None
) -> None:
    """Whenever its page claims to have been drawn."""
    live.end_stream(world.alice, 11)
    db.session.commit()
    hub = hub_of(app)
    wait_for(lambda: len(hub._recent) == 1)
    late = Stream(hub, world.alice, 11, None)
    assert hub.join(late, since)
    assert late.ended


def test_a_cut_listener_comes_back_and_pages_catch_up(page: Page, world: World) -> None:
    for statement in CUTS[dialect_name()]:
        db.session.execute(db.text(statement))
        db.session.commit()
        time.sleep(A_WHILE)
    wait_for(lambda: page.seqs("resync"))
    live.publish([world.alice], "chat-7", 3)
    db.session.commit()
    wait_for(lambda: page.seqs("chat-7"))


def test_old_rows_are_taken_away_and_numbers_go_on(page: Page, world: World) -> None:
    db.session.execute(
        db.insert(LiveEvent), {"user_ids": [1], "topic": "old", "seq": 1, "created_at": now() - 2 * events.KEEP}
    )
    db.session.commit()
    assert events.purge() == 1
    assert events.purge() == 0
    live.publish([world.alice], "chat-7", 3)
    db.session.commit()
    wait_for(lambda: page.seqs("chat-7"))


def test_the_state_is_one_number_for_each_topic(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry(), "live_states", {})
    assert live.state_of(world.alice) == {}
    registry().add_live_state("chats", lambda user_id: select(user_id + 1).scalar_subquery())
    registry().add_live_state("notices", lambda _user_id: select(func.max(LiveEvent.seq)).scalar_subquery())
    assert live.state_of(world.alice) == {"chats": world.alice + 1, "notices": 0}
