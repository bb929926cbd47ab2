"""When members have time, in their own zone and in hours of the UTC week."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from flask_babel import gettext as _
from sqlalchemy import delete, select

from app.accounts import availability
from app.accounts.availability import Slot
from app.accounts.models import AvailabilitySlot
from app.accounts.operations.locking import locked
from app.core.db import db
from app.core.errors import DomainError

BATCH = 200


def change_availability(user_id: int, timezone: str, slots: Collection[Slot]) -> None:
    """Replaces zone and slots. Raises DomainError for an unknown zone and for slots that overlap."""
    if timezone not in availability.timezones():
        raise DomainError(_("Please choose a time zone from the list."), "timezone")
    ordered = sorted(slots)
    for before, after in pairwise(ordered):
        if before.weekday == after.weekday and after.starts < before.ends:
            raise DomainError(_("Two times on one day overlap. Make one of them."))
    locked(user_id).timezone = timezone
    db.session.execute(delete(AvailabilitySlot).where(AvailabilitySlot.user_id == user_id))
    db.session.add_all(
        AvailabilitySlot(user_id=user_id, weekday=slot.weekday, starts=slot.starts, ends=slot.ends) for slot in ordered
    )
    db.session.flush()
    availability.refresh(user_id)


def refresh_availability() -> int:
    """The hours of all members anew, a batch at a time: summer time moves them; returns for how many members."""
    with_slots = select(AvailabilitySlot.user_id).distinct().order_by(AvailabilitySlot.user_id)
    ids = list(db.session.scalars(with_slots))
    db.session.rollback()
    for start in range(0, len(ids), BATCH):
        for user_id in ids[start : start + BATCH]:
            availability.refresh(user_id)
        db.session.commit()
    return len(ids)
