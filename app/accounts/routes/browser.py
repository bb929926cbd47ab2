"""What this package keeps in the browser's cookie, and what it reads from the browser."""

from __future__ import annotations

from flask import render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from app.accounts.entering import address, enter
from app.core.forms import Form
from app.core.i18n import DEFAULT_LOCALE, LOCALES

__all__ = ["address", "enter", "form_page", "joining", "language", "leave", "remember_joining"]
JOINING = "joining"


def language() -> str:
    """The reader's language, if the site speaks it."""
    chosen = str(get_locale() or "")
    return chosen if chosen in LOCALES else DEFAULT_LOCALE


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
