"""Loading the demo community: every feature's part in the order of registration, in one transaction."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.community.presets import EVERYTHING, PRESETS
from app.core.db import db
from app.core.errors import Conflict
from app.core.registry import registry


def load(preset: str = EVERYTHING) -> None:
    """Fills an empty database with the demo community as `preset` has it, and commits.

    Raises Conflict when there are members already, LookupError for a preset that there is not.
    """
    if preset not in PRESETS:
        raise LookupError(f"There is no preset called {preset}; they are {', '.join(PRESETS)}.")
    if db.session.scalar(select(func.count()).select_from(User)):
        raise Conflict(_("There are members already; the demo community goes into an empty database only."))
    for part in registry().demo_parts.values():
        part(preset)
        db.session.flush()
    db.session.commit()
