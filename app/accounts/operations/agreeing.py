"""Agreeing to the terms; each version that somebody agreed to is a row."""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.invitations import TermsAcceptance
from app.accounts.operations.locking import locked
from app.community import terms
from app.core import audit
from app.core.db import db
from app.core.errors import Conflict


def agree(user_id: int, terms_id: int) -> None:
    """The member has agreed to the version that was shown. Raises Conflict when a newer one was published meanwhile."""
    newest = db.session.scalar(terms.newest())
    if newest is None or newest.id != terms_id:
        raise Conflict(_("The terms were changed a moment ago. Please read them once more."))
    locked(user_id)  # two windows at once agree one after the other
    note_agreement(user_id, terms_id)


def note_agreement(user_id: int, terms_id: int) -> None:
    """Once for each version; the caller holds the member's row, or has just made it."""
    if db.session.get(TermsAcceptance, (user_id, terms_id)) is None:
        db.session.add(TermsAcceptance(user_id=user_id, terms_version_id=terms_id))
        audit.record("terms-accepted", actor_id=user_id, subject_id=user_id, detail=str(terms_id))
