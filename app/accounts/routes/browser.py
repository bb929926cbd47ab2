"""What this package keeps in the browser's cookie, and what it reads from the browser."""

from __future__ import annotations

from flask import render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from app.accounts import operations
from app.accounts.models import User
from app.accounts.viewer import me
from app.core.db import db
from app.core.forms import Form
from app.core.i18n import DEFAULT_LOCALE, LOCALES

JOINING = "joining"


def address() -> str:
    return request.remote_addr or ""


def language() -> str:
    """The reader's language, if the site speaks it."""
    chosen = str(get_locale() or "")
    return chosen if chosen in LOCALES else DEFAULT_LOCALE


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


def leave() -> None:
    """Forgets who was signed in here; the session's row is for the caller to end."""
    session.clear()


def remember_joining(email: str, mark: str) -> None:
    session[JOINING] = {"email": email, "mark": mark}


def joining() -> tuple[str, str]:
    """The address that signed up in this browser and the mark of that, or two empty texts."""
    kept = session.get(JOINING) or {}
    return kept.get("email", ""), kept.get("mark", "")


def form_page(template: str, form: Form, **values: object) -> ResponseReturnValue:
    """The page of a form, 422 with the errors at their fields when it was refused."""
    return render_template(template, form=form, **values), 422 if form.errors else 200
