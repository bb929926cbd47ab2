"""Loading the demo community: every feature's part in the order of registration, in one transaction."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import func, select

from app.accounts.models import User
from app.core.db import db
from app.core.errors import Conflict
from app.core.registry import registry


def load() -> None:
    """Fills an empty database with the demo community and commits. Raises Conflict when there are members already."""
    if db.session.scalar(select(func.count()).select_from(User)):
        raise Conflict(_("There are members already; the demo community goes into an empty database only."))
    for part in registry().demo_parts.values():
        part()
        db.session.flush()
    db.session.commit()
