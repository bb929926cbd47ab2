"""Asking a signed-in member for the password again, within the same limits as at the gate."""

from __future__ import annotations

from app.accounts import emails, throttle
from app.accounts.routes.browser import address
from app.accounts.viewer import me


def checked_again() -> list[int]:
    """Counts a try of the password; give the ids to `throttle.take_back` when it was right."""
    return throttle.count(*throttle.sign_in_tries(emails.key(me.email), address()))
