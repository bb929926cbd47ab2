"""The streams of one process by member, and what they are told. Made when the first page asks: after the fork."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from app.core.live.events import SIGN_OUT, Event
from app.core.live.streams import BEAT, Stream
from app.core.metrics import STREAMS

# One member's many windows leave places to the others; a browser opens six connections to a site at most.
MOST_A_MEMBER = 6
# So long it goes on hearing after the last stream has gone, because a click to the next page is no farewell.
LINGER = 60.0
# How many events it remembers for pages that were drawn a moment ago.
MEMORY = 2_000
# How far the clocks of two machines may be apart, in seconds.
SKEW = 2.0
# Where streams hold threads, one whose page has gone must be noticed soon, seconds.
SHORT_PATIENCE, FEW_PLACES = 1.0, 64


class Hub:
    """`places` streams at most. `lock` guards everything but `ending`, which a signal handler sets."""

    def __init__(self, places: int) -> None:
        self.places = places
        self.patience = SHORT_PATIENCE if places <= FEW_PLACES else BEAT
        self.lock = threading.Lock()
        self.woken = threading.Event()
        self.ending = False
        self._streams: dict[int, list[Stream]] = {}
        self._count = 0
        self._last_left = 0.0
        self._recent: deque[tuple[float, Event]] = deque(maxlen=MEMORY)
        self._hears_since: float | None = None
        self._has_listener = False

    def __len__(self) -> int:
        return self._count

    def join(self, stream: Stream, since: float | None) -> bool:
        """Whether there was a place. `since` is when the page was drawn, in seconds of the epoch, None if unknown."""
        with self.lock:
            of_member = self._streams.setdefault(stream.user_id, [])
            if self.ending or self._count >= self.places or len(of_member) >= self._most_a_member():
                self._forget_member_without_streams(stream.user_id)
                return False
            of_member.append(stream)
            self._count += 1
            STREAMS.inc()
            self._catch_up(stream, since)
        return True

    def leave(self, stream: Stream) -> None:
        with self.lock:
            of_member = self._streams.get(stream.user_id, [])
            if stream not in of_member:
                return
            of_member.remove(stream)
            self._count -= 1
            STREAMS.dec()
            self._last_left = time.monotonic()
            self._forget_member_without_streams(stream.user_id)

    def deliver(self, events: Iterable[Event]) -> None:
        moment = time.time()
        with self.lock:
            for event in events:
                self._recent.append((moment, event))
                for user_id in event.user_ids:
                    for stream in self._streams.get(user_id, ()):
                        _tell(stream, event)

    def take_listener(self) -> bool:
        """Whether the caller has to start listening, because nobody does."""
        with self.lock:
            wanted, self._has_listener = not self._has_listener, True
            return wanted

    def wants_listener(self) -> bool:
        """Asked by the listener several times a second; ends the streams of a process that is ending."""
        with self.lock:
            if self.ending:
                self._each(Stream.end)
            waiting = self._count > 0 or time.monotonic() - self._last_left < LINGER
            self._has_listener = waiting and not self.ending
            if not self._has_listener:
                self._hears_since = None
            return self._has_listener

    def hears(self) -> None:
        """From now on nothing is missed; what happened before may have been."""
        with self.lock:
            self._recent.clear()
            self._hears_since = time.time()
            self._each(Stream.resync)

    def is_deaf(self) -> None:
        with self.lock:
            self._hears_since = None

    def _catch_up(self, stream: Stream, since: float | None) -> None:
        """What was published after the page was drawn, or that it has to look for itself."""
        moment = time.time()
        # A page from the future, or of no time at all, would not hear that its sign-in has just ended.
        before = (moment if since is None else min(moment, since)) - SKEW
        for heard_at, event in reversed(self._recent):
            if heard_at < before:
                break
            if stream.user_id in event.user_ids:
                _tell(stream, event)
        if self._hears_since is None:
            return  # the listener says it to everybody when it has begun
        if since is None or not self._remembers(before, self._hears_since):
            stream.resync()

    def _remembers(self, moment: float, hears_since: float) -> bool:
        if hears_since > moment:
            return False
        return len(self._recent) < MEMORY or self._recent[0][0] < moment

    def _each(self, what: Callable[[Stream], None]) -> None:
        for of_member in self._streams.values():
            for stream in of_member:
                what(stream)

    def _most_a_member(self) -> int:
        return max(1, min(MOST_A_MEMBER, self.places // 4))

    def _forget_member_without_streams(self, user_id: int) -> None:
        if not self._streams[user_id]:
            del self._streams[user_id]


def _tell(stream: Stream, event: Event) -> None:
    if event.topic != SIGN_OUT:
        stream.note(event.topic, event.seq)
    elif event.seq == stream.session_id:
        stream.end()
