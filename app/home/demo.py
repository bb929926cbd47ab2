"""Loading the demo community in one transaction: every feature's part in the order of registration, then what
happened, in the order of time."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.community.presets import EVERYTHING, PRESETS
from app.core.clock import pretending
from app.core.db import db
from app.core.errors import Conflict
from app.core.registry import Happening, registry


def load(preset: str = EVERYTHING) -> None:
    """Fills an empty database with the demo community as `preset` has it, and commits.

    Raises Conflict when there are members already, LookupError for a preset that there is not.
    """
    if preset not in PRESETS:
        raise LookupError(f"There is no preset called {preset}; they are {', '.join(PRESETS)}.")
    if db.session.scalar(select(func.count()).select_from(User)):
        raise Conflict(_("There are members already; the demo community goes into an empty database only."))
    fill(preset)
    db.session.commit()


def fill(preset: str) -> None:
    """Adds all of it; the caller commits."""
    past: list[Happening] = []
    for part in registry().demo_parts.values():
        past.extend(part(preset) or ())
        db.session.flush()
    for happening in sorted(past, key=lambda each: each.at):
        with pretending(happening.at):
            happening.act()
    db.session.flush()
