"""One open page: an iterable response that waits for its member's events, beats while there are none, and ends."""

from __future__ import annotations

import contextlib
import random
import socket
import threading
import time
from typing import Protocol

RESYNC = "resync"
BEAT = 15.0
# After that the page asks again, as a new request of somebody who is, or is no longer, signed in.
LIFE = 15 * 60.0
# What waits for a page that does not read; beyond it, fetching everything is cheaper than the list.
MOST_TOPICS = 50
OPENING, HEARTBEAT = b": open\n\n", b": beat\n\n"
ESTABLISHED = 1  # of the states that TCP_INFO begins with


class Home(Protocol):
    """Where a stream is kept: `lock` guards what waits in it, `patience` says how often it looks after its page."""

    lock: threading.Lock
    patience: float

    def leave(self, stream: Stream) -> None: ...


class Stream:
    """What waits is a topic with its highest number, so a page that reads slowly holds little and misses nothing."""

    __slots__ = ("_ends_at", "_home", "_opened", "_socket", "_wake", "ended", "pending", "session_id", "user_id")

    def __init__(self, home: Home, user_id: int, session_id: int, connection: socket.socket | None) -> None:
        """`connection` is the page's own, None where the server does not show it."""
        self.user_id = user_id
        self.session_id = session_id
        self.pending: dict[str, int] = {}
        self.ended = False
        self._home = home
        self._socket = connection
        self._wake = threading.Event()
        self._opened = False
        # Pages that came back together, after a restart, shall not leave together.
        self._ends_at = time.monotonic() + LIFE * random.uniform(0.7, 1.3)  # noqa: S311 no secret

    def __iter__(self) -> Stream:
        return self

    def __next__(self) -> bytes:
        """The next lines, after a wait of BEAT seconds at most; holds nothing but its thread meanwhile."""
        if not self._opened:
            self._opened = True
            return OPENING
        beat_at = time.monotonic() + BEAT
        while not self.ended and time.monotonic() < self._ends_at and self._is_connected():
            self._wake.wait(min(self._home.patience, max(0.0, beat_at - time.monotonic())))
            if self.pending:
                return self._take()
            if time.monotonic() >= beat_at:
                return HEARTBEAT
        raise StopIteration

    def close(self) -> None:
        """Called by the server, however the response ended. The connection is not kept for another request."""
        self._home.leave(self)
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RD)

    def note(self, topic: str, seq: int) -> None:
        """Called by its home, which holds the lock; so are the next two."""
        if self.ended or RESYNC in self.pending:
            return
        self.pending[topic] = max(seq, self.pending.get(topic, 0))
        if len(self.pending) > MOST_TOPICS:
            self.pending = {RESYNC: 0}
        self._wake.set()

    def resync(self) -> None:
        if self.ended:
            return
        self.pending = {RESYNC: 0}
        self._wake.set()

    def end(self) -> None:
        self.ended = True
        self.pending = {}
        self._wake.set()

    def _take(self) -> bytes:
        with self._home.lock:
            taken = self.pending.copy()
            self.pending.clear()
            self._wake.clear()
        return b"".join(f'event: {topic}\ndata: {{"seq": {seq}}}\n\n'.encode() for topic, seq in taken.items())

    def _is_connected(self) -> bool:
        """Whether the page is still there, as far as the system can tell without waiting."""
        if self._socket is None or not hasattr(socket, "TCP_INFO"):
            return True
        try:
            return self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == ESTABLISHED
        except OSError:  # no TCP, or closed: writing will tell
            return True
