"""The hourly look at the books: what it found is written down, and administrators are told of what is new."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from sqlalchemy import delete, select

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.notices.operations import tell_all
from app.wallet import verify
from app.wallet.checks import LedgerCheck

FOUND = "books_wrong"
MOST_KEPT = 50
KEPT = timedelta(days=90)


def check_books() -> int:
    """A tick: how many things do not fit. Nobody is told twice in a row of the same."""
    db.session.rollback()
    began = monotonic()
    findings = [f"{finding.row}: {finding.fault}" for finding in verify.findings()]
    before = db.session.scalar(select(LedgerCheck).order_by(LedgerCheck.id.desc()).limit(1))
    known = before.findings if before else []
    check = LedgerCheck(
        milliseconds=int((monotonic() - began) * 1000), count=len(findings), findings=findings[:MOST_KEPT]
    )
    db.session.add(check)
    db.session.flush()
    if findings and findings[:MOST_KEPT] != known:
        admins = db.session.scalars(select(User.id).where(User.role == "admin", User.is_visible))
        tell_all(list(admins), FOUND, {"count": len(findings)}, "/admin/ledger", f"{FOUND}:{check.id}")
    db.session.execute(delete(LedgerCheck).where(LedgerCheck.created_at < now() - KEPT))
    db.session.commit()
    return len(findings)
