"""Mail that has not left, for administrators: what it is and what went wrong, never what it says."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.core.db import AnySelect
from app.core.models import OutboxMail
from app.core.paging import Key

WAITING, FAILED = "waiting", "failed"
# What failed for good comes first, then what has waited longest.
ORDER = (
    Key(OutboxMail.state.expression),
    Key(OutboxMail.created_at.expression),
    Key(OutboxMail.id.expression),
)
LABELS: dict[str, Any] = {
    "verify_email": _l("Confirm the address"),
    "already_member": _l("Signed up a second time"),
    "reset_password": _l("New password"),
    "password_changed": _l("Password was changed"),
    "email_change_old": _l("New address, to the old one"),
    "email_change_new": _l("New address, to the new one"),
    "account_closing": _l("Account is closing"),
    "invitation": _l("Invitation"),
    "claim_account": _l("Offer to sign in"),
    "accounts_merged": _l("Accounts were merged"),
    "member_approved": _l("Welcome after approval"),
    "member_refused": _l("Answer to a newcomer"),
    "report_warning": _l("Warning"),
    "import_invitation": _l("Invitation of an imported member"),
    "skill_decided": _l("Answer about a skill"),
    "notice": _l("Notice"),
    "daily_digest": _l("Daily mail"),
    "weekly_news": _l("News of the week"),
    "announcement": _l("Announcement"),
}


def label_of(kind: str) -> str:
    """A kind of mail in words; one that a newer version left behind keeps its name."""
    return str(LABELS.get(kind, kind))


def unsent(state: str = "") -> AnySelect:
    """Mail that failed or waits, or one of both: id, kind, state, attempts, created_at, next_try_at, last_error,
    receiver (a name); the caller pages."""
    states = (state,) if state in (WAITING, FAILED) else (FAILED, WAITING)
    told = (OutboxMail.id, OutboxMail.kind, OutboxMail.state, OutboxMail.attempts, OutboxMail.created_at)
    more = (OutboxMail.next_try_at, OutboxMail.last_error, User.name.label("receiver"))
    return select(*told, *more).join(User, User.id == OutboxMail.user_id).where(OutboxMail.state.in_(states))


def counts() -> AnySelect:
    """One row: how many `failed`, how many wait (`waiting`), and when the last one left (`sent_at`)."""
    sent = aliased(OutboxMail)
    latest = select(sent.sent_at).where(sent.state == "sent").order_by(sent.id.desc()).limit(1)
    return select(
        func.count(case((OutboxMail.state == FAILED, 1))).label("failed"),
        func.count(case((OutboxMail.state == WAITING, 1))).label("waiting"),
        latest.scalar_subquery().label("sent_at"),
    ).where(OutboxMail.state.in_((FAILED, WAITING)))


def failing_count(_user_id: ColumnElement[int]) -> ColumnElement[int]:
    """How many mails failed, or were refused more than twice, for administrators; 0 for everybody else."""
    refused = and_(OutboxMail.state == WAITING, OutboxMail.attempts > 2)
    failing = select(func.count(OutboxMail.id)).where(or_(OutboxMail.state == FAILED, refused))
    return case((User.role == "admin", failing.scalar_subquery()), else_=0)
