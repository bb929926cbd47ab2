"""Streams in tests: opened without a server, read for a while, and ended before the database is put back."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from app.core import live
from app.core.live.hub import Hub
from app.core.live.streams import Stream

PATIENCE = 10.0


def hub_of(app: Flask) -> Hub:
    found: Hub = app.extensions["guildhall.live"]
    return found


def forget_streams(app: Flask) -> None:
    """Ends the listener too: nothing may have the database open when it is put back."""
    hub = app.extensions.pop("guildhall.live", None)
    if hub is not None:
        hub.ending = True
    for thread in threading.enumerate():
        if thread.name == "live" and thread.is_alive():  # one that is about to start is listed too
            thread.join(PATIENCE)


def end_requests(app: Flask) -> None:
    """Waits for what a server that takes nothing more is still answering; a stream ends, even one that begins late."""
    deadline = time.monotonic() + PATIENCE
    while answering := [t for t in threading.enumerate() if "process_request_thread" in t.name]:
        assert time.monotonic() < deadline, "a request does not end"
        forget_streams(app)
        for thread in answering:
            if thread.is_alive():
                thread.join(0.05)


class Page:
    """An open page: what its stream has said so far, read by a thread as a server does."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.heard: list[tuple[str, int]] = []
        self.beats = 0
        self.ended = False
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def seqs(self, topic: str) -> list[int]:
        return [seq for name, seq in self.heard if name == topic]

    def close(self) -> None:
        """As if the page had gone: the server's thread comes back and closes the stream."""
        with self.stream._home.lock:
            self.stream.end()
        self._thread.join(PATIENCE)

    def _read(self) -> None:
        for part in self.stream:
            self.beats += part.startswith(b": beat")
            self.heard += [(topic, int(seq)) for topic, seq in frames(part.decode())]
        self.stream.close()
        self.ended = True


def frames(text: str) -> list[Any]:
    """(topic, seq as text) of each event in what a stream said."""
    return re.findall(r'^event: (\S+)\ndata: \{"seq": (\d+)\}\n\n', text, re.MULTILINE)


@contextmanager
def pages(user_id: int, count: int = 1, session_id: int = 0) -> Iterator[list[Page]]:
    """`count` open pages of a member which have caught up, so that all they hear now is news."""
    opened = [opened_page(user_id, session_id) for _ in range(count)]
    for page in opened:
        wait_for(lambda page=page: page.seqs("resync"))  # type: ignore[misc]
    for page in opened:
        page.heard.clear()
    yield opened
    for page in opened:
        page.close()


def opened_page(user_id: int, session_id: int = 0) -> Page:
    stream = live.open_stream(user_id, session_id, None, {})
    assert stream is not None, "no place for the stream"
    return Page(stream)


def wait_for(condition: Callable[[], object], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
