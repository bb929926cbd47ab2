"""A coordinator's answer to somebody who has signed up: yes, or no with a reason. Of two answers the first counts."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select, update

from app.accounts.admissions import is_waiting
from app.accounts.models import User
from app.accounts.operations.arriving import arrive
from app.accounts.operations.closing import empty
from app.accounts.operations.mails import send
from app.core import audit
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict


def approve(user_id: int, actor_id: int) -> None:
    """The newcomer is a member now and is told so. Raises Conflict when somebody has answered already."""
    waiting = update(User).where(User.id == user_id, is_waiting()).values(approved_at=now()).returning(User.id)
    if db.session.scalar(waiting) is None:
        raise _answered()
    audit.record("member-approved", actor_id=actor_id, subject_id=user_id)
    arrive(user_id)
    send("member_approved", user_id)


def refuse(user_id: int, actor_id: int, reason: str) -> None:
    """The newcomer gets the reason by mail, and nothing of what was told about them is kept.

    The mail goes on behalf of the coordinator, because whoever is emptied gets none. Raises Conflict as `approve`.
    """
    user = db.session.scalar(select(User).where(User.id == user_id, is_waiting()).with_for_update())
    if user is None:
        raise _answered()
    params = {"name": user.name, "reason": reason, "locale": user.locale}
    send("member_refused", actor_id, params, user.email or "")
    audit.record("member-refused", actor_id=actor_id, subject_id=user_id)
    empty(user_id)


def _answered() -> Conflict:
    return Conflict(_("This newcomer has an answer already, perhaps from another coordinator."))
