"""Being signed in, in this browser."""

from __future__ import annotations

from flask import request, session

from app.accounts import operations
from app.accounts.models import User
from app.accounts.viewer import me
from app.core.db import db


def enter(user: User) -> None:
    """Starts a session and commits. The cookie begins anew: nothing that was put into it before survives."""
    if me.is_authenticated:
        operations.end_session(me.session_id)
    token = operations.start_session(user, request.user_agent.string, address())
    db.session.commit()
    session.clear()
    session["_user_id"] = token
    session["_fresh"] = True
    session.permanent = True


def address() -> str:
    return request.remote_addr or ""
