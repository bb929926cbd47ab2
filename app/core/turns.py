"""Taking turns. SQLite lets one write at a time, and who finds another one writing sleeps longer and longer while all
who come later overtake: eight writers at once made one of them wait for six seconds. Here they stand in a queue.

Only the writers of one process do; what other processes write is waited for by SQLite itself.
"""

from __future__ import annotations

from collections import deque
from threading import Event, Lock

PATIENCE_SECONDS = 15.0


class Turns:
    """One at a time, in the order in which they came."""

    def __init__(self) -> None:
        self._lock, self._waiting, self._is_taken = Lock(), deque[Event](), False

    def take(self, patience: float | None = None) -> bool:
        """Waits for the turn; False when it has not come within `patience` seconds, or PATIENCE_SECONDS."""
        mine = Event()
        with self._lock:
            if not self._is_taken:
                self._is_taken = True
                return True
            self._waiting.append(mine)
        if mine.wait(PATIENCE_SECONDS if patience is None else patience):
            return True
        with self._lock:
            if mine.is_set():  # it came at the last moment
                return True
            self._waiting.remove(mine)
        return False

    def pass_on(self) -> None:
        """Who has waited longest is next."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._is_taken = False
