"""The one clock: timezone-aware UTC from the server, never from a client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("pretended_moment", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def pretending(moment: datetime) -> Iterator[None]:
    """Inside it is `moment`: for the demo community, whose past has to be told by the operations of today."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
