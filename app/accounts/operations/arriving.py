"""The moment in which a newcomer becomes a member whom others see: approved, and with an address that is proven."""

from __future__ import annotations

from app.accounts.models import User
from app.core.db import db
from app.core.registry import registry


def arrive(user_id: int) -> None:
    """Lets every feature give the member what a new one gets; nothing while something is still missing.

    Called wherever something may have been the last that was missing, so features give once, however often it is.
    """
    db.session.flush()
    if db.session.get_one(User, user_id, populate_existing=True).is_visible:
        for welcome in registry().arrivals.values():
            welcome(user_id)
