"""A member's row, locked: whatever is done to one member is done one after another."""

from __future__ import annotations

from typing import Any

from app.accounts.models import User
from app.core.db import db

# FOR NO KEY UPDATE, as the guard of the request (accounts/standing.py): others may still refer to the member, so that
# two members who do something to each other at once do not wait for each other.
LOCKED: dict[str, Any] = {"with_for_update": {"key_share": True}, "populate_existing": True}


def locked(user_id: int) -> User:
    """The member as of now; it stays so until the transaction ends. The first lock of all that an operation takes."""
    return db.session.get_one(User, user_id, **LOCKED)
