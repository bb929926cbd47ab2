"""Who may do what with recorded hours; templates ask the same functions before they draw a button."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from app.accounts.queries import Looking
from app.core.clock import now
from app.exchange.models.hours import POSTED, WAITING

# How long who has paid can take it back alone: for what was mistyped, not for what one has thought over.
MISTAKE = timedelta(hours=24)


class Pair(Protocol):
    """What of a pair the answers depend on."""

    @property
    def recorded_by_id(self) -> int: ...

    @property
    def helper_id(self) -> int: ...

    @property
    def helped_id(self) -> int: ...

    @property
    def asked_id(self) -> int | None: ...

    @property
    def state(self) -> str: ...

    @property
    def answered_at(self) -> datetime | None: ...


def is_coordinator(viewer: Looking) -> bool:
    return getattr(viewer, "role", "") in ("moderator", "admin")


def can_answer(viewer: Looking, pair: Pair) -> bool:
    """Who was helped. For somebody who does not sign in a coordinator does, but never who is paid by it."""
    if pair.state != WAITING or viewer.id in (0, pair.helper_id):
        return False
    return pair.asked_id == viewer.id or (pair.asked_id is None and is_coordinator(viewer))


def can_withdraw(viewer: Looking, pair: Pair) -> bool:
    """Who wrote it down, until it is answered."""
    return pair.state == WAITING and pair.recorded_by_id == viewer.id


def can_take_back(viewer: Looking, pair: Pair) -> bool:
    """Who got the time gives it back whenever they like; who paid, for a day and only what they wrote down
    themselves; a coordinator always, but not what they paid."""
    if pair.state != POSTED or pair.answered_at is None:
        return False
    if viewer.id == pair.helper_id:
        return True
    if viewer.id == pair.helped_id:
        return pair.recorded_by_id == viewer.id and pair.answered_at > now() - MISTAKE
    return is_coordinator(viewer)
