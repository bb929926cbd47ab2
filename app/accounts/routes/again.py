"""Asking a signed-in member for the password again, within limits that no stranger at the gate can reach."""

from __future__ import annotations

from app.accounts import throttle
from app.accounts.viewer import me


def checked_again() -> list[int]:
    """Counts a try of the password; give the ids to `throttle.take_back` when it was right."""
    return throttle.count(throttle.Try(throttle.PASSWORD_AGAIN, str(me.id)))
