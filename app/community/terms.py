"""The terms of a community: versions that are only ever added; the one with the highest number counts."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ScalarSelect, Select, Text, UniqueConstraint, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.clock import now
from app.core.db import NEVER_REUSE_IDS, Identified, Model, db
from app.core.errors import Conflict, DomainError
from app.core.text import clean_lines

LONGEST = 40_000


class TermsVersion(Identified, Model):
    """A version as it was published; `text` is Markdown. Ids rise with the numbers."""

    __tablename__ = "terms_versions"
    __table_args__ = (
        CheckConstraint("length(text) > 0", name="text_given"),
        UniqueConstraint("number"),
        NEVER_REUSE_IDS,
    )

    number: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(default=now)


def newest_id() -> ScalarSelect[int]:
    """The id of the version that counts, NULL while there are no terms; for the statement about who is looking."""
    return select(func.max(TermsVersion.id)).scalar_subquery()


def newest() -> Select[TermsVersion]:
    return select(TermsVersion).order_by(TermsVersion.id.desc()).limit(1)


def publish(text: str, after: int) -> TermsVersion:
    """A new version, written by somebody who saw version number `after` (0: none).

    Raises Conflict when another one was published meanwhile, DomainError for an empty or unchanged text.
    """
    cleaned = clean_lines(text)
    if not cleaned or len(cleaned) > LONGEST:
        raise DomainError(_("Write the terms, in at most %(max)d characters.", max=LONGEST), "text")
    before = db.session.scalar(newest())
    if (before.number if before else 0) != after:
        raise Conflict(_("Somebody else has published terms in the meantime. Look at them first."))
    if before and before.text == cleaned:
        raise DomainError(_("This is what the terms say already."), "text")
    version = TermsVersion(number=after + 1, text=cleaned)
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError as error:
        raise Conflict(_("Somebody else has published terms in the meantime. Look at them first.")) from error
    return version
