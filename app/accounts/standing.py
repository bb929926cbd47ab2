"""Whether a member may still change anything, looked at again when the change begins.

Who is looking is decided before the body of a request is read, and a body can take its time: meanwhile the member
may have signed out everywhere, closed the account or been erased. So a write transaction of a signed-in member
begins with the lock on the member's row, which everything that ends sessions or accounts takes as well. The check
stands at the beginning, so that a request which ends its own session passes.
"""

from __future__ import annotations

from flask import Flask, g, has_request_context, request
from sqlalchemy import Connection, event, select
from sqlalchemy.orm import Session, SessionTransaction
from werkzeug.exceptions import Unauthorized

from app.accounts.models import User, UserSession
from app.accounts.viewer import Viewer
from app.accounts.visiting import live_session
from app.core.access import is_public
from app.core.clock import now
from app.core.db import SAFE_METHODS, db, is_writing


def init_app(_app: Flask) -> None:
    event.listen(db.session, "after_begin", _look_again)


def _look_again(_session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Raises Unauthorized for a member who has gone since the request arrived."""
    viewer = None if transaction.nested else _writer()
    if viewer is None or _still_there(connection, viewer):
        return
    g.pop("visit", None)  # the page that says so is for a stranger
    g.pop("_login_user", None)
    raise Unauthorized


def _writer() -> Viewer | None:
    """The member whose request is about to write. Public views need nobody to be signed in, before or after."""
    if not has_request_context() or request.method in SAFE_METHODS or not is_writing() or "visit" not in g:
        return None
    viewer: Viewer | None = g.visit.viewer
    return None if is_public(request.endpoint) else viewer


def _still_there(connection: Connection, viewer: Viewer) -> bool:
    """Two statements: the second must see what was committed while the first waited for the lock."""
    connection.execute(select(User.id).where(User.id == viewer.id).with_for_update(key_share=True))
    standing = (
        select(UserSession.id)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.id == viewer.session_id,
            live_session(now()),
            User.is_active.is_(True),
            User.closed_at.is_(None),
            User.emptied_at.is_(None),
        )
    )
    return connection.scalar(standing) is not None
