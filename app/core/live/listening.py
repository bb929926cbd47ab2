"""How events reach this process: one connection of its own, outside the pool, for all streams together.

It is opened with the first stream and closed a minute after the last. When it breaks, it is opened again, and every
open page is told to catch up, because what happened meanwhile was not heard.
"""

from __future__ import annotations

import json
import select
import sqlite3
import time
from abc import ABC, abstractmethod
from contextlib import closing
from typing import Any

import psycopg2
import structlog
from sqlalchemy import make_url
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

from app.core.live.events import CHANNEL, Event, parsed
from app.core.live.hub import Hub

log = structlog.get_logger()

# How soon a row of another process is seen on SQLite, and how soon both notice that the process is ending, seconds.
STEP = 0.2
# How soon a server is missed that vanished without a word, seconds.
PROBE = 15.0
PATIENCE = {"connect_timeout": 5, "tcp_user_timeout": int(PROBE * 1000)}
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 2.0


class Feed(ABC):
    """An open connection; making it opens it."""

    @abstractmethod
    def begin(self) -> None:
        """From now on nothing is missed."""

    @abstractmethod
    def wait(self) -> list[Event]:
        """What was committed since the last call, after STEP seconds at most."""

    @abstractmethod
    def close(self) -> None: ...


class SqliteFeed(Feed):
    """Reads the rows behind the last one known, when this process says so or the file has changed."""

    def __init__(self, address: str, hub: Hub) -> None:
        self._hub = hub
        self._connection = sqlite3.connect(make_url(address).database or "", isolation_level=None)

    def begin(self) -> None:
        self._connection.execute("PRAGMA query_only=ON")
        self._last = self._one("SELECT coalesce(max(id), 0) FROM live_events")
        self._version = self._one("PRAGMA data_version")

    def wait(self) -> list[Event]:
        self._hub.woken.wait(STEP)
        self._hub.woken.clear()
        version = self._one("PRAGMA data_version")
        if version == self._version:
            return []
        self._version = version
        rows = self._connection.execute(
            "SELECT id, user_ids, topic, seq FROM live_events WHERE id > ? ORDER BY id", (self._last,)
        ).fetchall()
        self._last = rows[-1][0] if rows else self._last
        return [Event(frozenset(json.loads(user_ids)), topic, seq) for _id, user_ids, topic, seq in rows]

    def close(self) -> None:
        self._connection.close()

    def _one(self, statement: str) -> int:
        value: int = self._connection.execute(statement).fetchone()[0]
        return value


class PostgresqlFeed(Feed):
    """LISTEN on a connection that goes past a transaction pooler."""

    def __init__(self, address: str, _hub: Hub) -> None:
        _arguments, given = PGDialect_psycopg2().create_connect_args(make_url(address))
        options: dict[str, Any] = {**PATIENCE, **given}
        self._connection: Any = psycopg2.connect(**options)

    def begin(self) -> None:
        self._connection.autocommit = True
        self._say(f"LISTEN {CHANNEL}")

    def wait(self) -> list[Event]:
        if select.select([self._connection], [], [], STEP)[0]:
            self._connection.poll()
        elif time.monotonic() - self._said_at > PROBE:
            self._say("SELECT 1")
        heard = [parsed(notice.payload) for notice in self._connection.notifies]
        self._connection.notifies.clear()
        return heard

    def close(self) -> None:
        self._connection.close()

    def _say(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)
        self._said_at = time.monotonic()


# The last one is a NOTIFY that is not ours.
ERRORS = (sqlite3.Error, psycopg2.Error, OSError, ValueError)


def listen(hub: Hub, address: str) -> None:
    """Until nobody wants to hear any more; the body of the listener's thread."""
    pause = SHORTEST_PAUSE
    kind = SqliteFeed if address.startswith("sqlite") else PostgresqlFeed
    while hub.wants_listener():
        try:
            with closing(kind(address, hub)) as feed:
                feed.begin()
                hub.hears()
                pause = SHORTEST_PAUSE
                while hub.wants_listener():
                    hub.deliver(feed.wait())
                return
        except ERRORS as error:
            hub.is_deaf()
            if pause == SHORTEST_PAUSE:
                log.warning("live_cut", error=type(error).__name__)
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
