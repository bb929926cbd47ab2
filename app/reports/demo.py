"""One report that waits for a moderator of the demo community."""

from __future__ import annotations

from sqlalchemy import select

from app.accounts.models import User
from app.core.db import db
from app.reports.operations import report
from app.reports.snapshots import profile_of

REPORTER, REPORTED = "selma@example.org", "kwame@example.org"
WORDS = (
    "He writes to newcomers only to sell them a subscription to his newsletter. Three people have told me so. "
    "Perhaps a friendly word is enough?"
)


def load(_preset: str) -> None:
    """Adds the report; the caller commits."""
    reporter = db.session.scalars(select(User.id).where(User.email_key == REPORTER)).one()
    reported = db.session.scalars(select(User).where(User.email_key == REPORTED)).one()
    report(reporter, profile_of(reported), "spam", WORDS)
