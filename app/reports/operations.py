"""Reporting something, and settling a report. Nothing here commits."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import operations as accounts
from app.accounts.models import User
from app.community.operations import settings
from app.core import outbox
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError, TooMany
from app.core.states import apply
from app.reports import queries
from app.reports.models import DISABLED, OUTCOMES, REASONS, SETTLED, WARNED, Report
from app.reports.states import DISMISS, REPORTS, RESOLVE, REVIEW
from app.reports.texts import REASONS as REASON_TEXTS

MOST_A_DAY = 10
DAY = timedelta(days=1)
WARNING = "report_warning"


@dataclass(frozen=True)
class Subject:
    """What is reported: its kind and id, whose it is, and its texts as they are now, by what they are."""

    kind: str
    id: int
    owner_id: int
    texts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Resolution:
    """`note` is for the moderators, `words` are for the member who is warned."""

    outcome: str
    note: str = ""
    words: str = ""


def report(reporter_id: int, subject: Subject, reason: str, words: str) -> bool:
    """Files a report; False when the reporter's last one about this still waits, and then that one stays as it is.

    Raises TooMany beyond the limit of a day, DomainError for what cannot be reported.
    """
    if reporter_id == subject.owner_id:
        raise DomainError(_("You cannot report yourself."))
    if reason not in REASONS:
        raise DomainError(_("Please choose one."), "reason")
    _lock_reporter(reporter_id)
    waiting = queries.waiting_report_by(reporter_id, subject.kind, subject.id)
    if db.session.scalar(waiting) is not None:
        return False
    _keep_limit(reporter_id)
    new = Report(
        reporter_id=reporter_id,
        reported_id=subject.owner_id,
        subject_kind=subject.kind,
        subject_id=subject.id,
        snapshot=[list(pair) for pair in subject.texts],
        reason=reason,
        words=words,
    )
    try:
        with db.session.begin_nested():
            db.session.add(new)
    except IntegrityError:  # said twice at once
        return False
    return True


def review(report_id: int, actor_id: int, version: int) -> Report:
    """A moderator takes it up. Raises Conflict when somebody was faster."""
    moved: Report = apply(REPORTS, report_id, REVIEW, actor_id=actor_id, version=version, handled_by_id=actor_id)
    return moved


def resolve(report_id: int, actor_id: int, version: int, resolution: Resolution) -> Report:
    """Settles a report and does what was decided. Raises Conflict when somebody was faster, DomainError when the
    account cannot be switched off."""
    if resolution.outcome not in OUTCOMES:
        raise DomainError(_("Please choose one."), "outcome")
    settled = _settle(report_id, RESOLVE, actor_id, version, resolution.note, outcome=resolution.outcome)
    if resolution.outcome == DISABLED:
        member = db.session.get_one(User, settled.reported_id, with_for_update=True)
        accounts.disable(member, actor_id)
    elif resolution.outcome == WARNED:
        told = {"reason": settled.reason, "words": resolution.words}
        outbox.enqueue(WARNING, settled.reported_id, f"{WARNING}:{settled.id}", told)
    return settled


def dismiss(report_id: int, actor_id: int, version: int, note: str) -> Report:
    """There is nothing to it. Raises Conflict when somebody was faster."""
    return _settle(report_id, DISMISS, actor_id, version, note)


def forget_member(user_id: int) -> None:
    """Of an account that is emptied: its texts in reports about it, and its words where nobody waits for them."""
    about = update(Report).where(Report.reported_id == user_id)
    db.session.execute(about.values(snapshot=[]))
    settled = update(Report).where(Report.reporter_id == user_id, Report.state.in_(SETTLED))
    db.session.execute(settled.values(words=""))


def warning_context(user_id: int, params: dict[str, Any]) -> dict[str, Any] | None:
    """What the mail of a warning says: nothing about who reported."""
    user = db.session.get(User, user_id)
    if user is None or not user.is_active or not user.email:
        return None
    return {"community": settings(), "reason": REASON_TEXTS[params["reason"]], "words": params["words"]}


def _settle(report_id: int, action: str, actor_id: int, version: int, note: str, **values: Any) -> Report:
    settled: Report = apply(
        REPORTS,
        report_id,
        action,
        actor_id=actor_id,
        version=version,
        reason=note,
        note=note,
        handled_by_id=actor_id,
        **values,
    )
    reporter = db.session.get_one(User, settled.reporter_id)
    if reporter.emptied_at is not None:
        settled.words = ""
    return settled


def _lock_reporter(reporter_id: int) -> None:
    """Two reports at once are counted one after the other."""
    db.session.execute(select(User.id).where(User.id == reporter_id).with_for_update(key_share=True))


def _keep_limit(reporter_id: int) -> None:
    moment = now()
    recent = select(Report.created_at).where(Report.reporter_id == reporter_id, Report.created_at > moment - DAY)
    times: list[datetime] = list(db.session.scalars(recent.order_by(Report.created_at)))
    if len(times) < MOST_A_DAY:
        return
    seconds = max(1, math.ceil((times[-MOST_A_DAY] + DAY - moment).total_seconds()))
    raise TooMany(
        _("You have reported %(num)d times within a day. If it is urgent, write to a coordinator.", num=MOST_A_DAY),
        seconds,
    )
