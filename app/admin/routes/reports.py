"""The moderators' queue of reports. A report about oneself is not there (404)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.models import User
from app.accounts.viewer import me
from app.admin.forms.reports import DismissalForm, ResolutionForm
from app.admin.forms.version import VersionForm
from app.admin.routes.blueprint import blueprint
from app.core.db import db
from app.core.errors import DomainError
from app.core.paging import Key, page_of
from app.reports import operations, policy, queries, texts
from app.reports.models import IN_REVIEW, OPEN, REASONS, SETTLED, WAITING, Report
from app.reports.operations import Resolution
from app.reports.states import DISMISS, RESOLVE, REVIEW

SHOWN_STATES = {"": WAITING, OPEN: (OPEN,), IN_REVIEW: (IN_REVIEW,), "settled": SETTLED, "all": (*WAITING, *SETTLED)}
OTHERS = 10


@dataclass(frozen=True)
class Event:
    """A line of the history, as the timeline draws it."""

    icon: str
    title: str
    text: str
    at: Any
    tone: str


@blueprint.get("/reports")
def reports() -> ResponseReturnValue:
    state = request.args.get("state", "")
    reason = request.args.get("reason", "")
    mine = request.args.get("mine") == "1"
    states = SHOWN_STATES.get(state, WAITING)
    # What waits is taken in the order in which it came; what is settled is looked up, the latest first.
    latest_first = not set(states) <= set(WAITING)
    keys = [Key(Report.created_at.expression, latest_first), Key(Report.id.expression, latest_first)]
    chosen = queries.queue_for(me, states, reason if reason in REASONS else "", mine)
    page = page_of(chosen, keys, lambda statement: db.session.execute(statement).all())
    return render_template(
        "admin/reports.html",
        page=page,
        chosen={"state": state, "reason": reason, "mine": mine},
        states=state_choices(),
        texts=texts,
        address=url_for("admin.reports"),
    )


@blueprint.get("/reports/<int:report_id>")
def report(report_id: int) -> ResponseReturnValue:
    return page(report_id)


@blueprint.post("/reports/<int:report_id>/review")
def review_report(report_id: int) -> ResponseReturnValue:
    found(report_id)
    form = VersionForm()
    return act(
        report_id,
        {},
        lambda: operations.review(report_id, me.id, form.shown_version),
        _("You are looking at it now. The others see that."),
    )


@blueprint.post("/reports/<int:report_id>/resolution")
def resolve_report(report_id: int) -> ResponseReturnValue:
    form = ResolutionForm()
    form.allow_disabling(policy.can_disable(me, reported_by(found(report_id))))
    if not form.validate_on_submit():
        return page(report_id, {"resolution": form}, 422)
    resolution = Resolution(form.outcome.data, form.note.data or "", form.words.data or "")
    return act(
        report_id,
        {"resolution": form},
        lambda: operations.resolve(report_id, me.id, form.shown_version, resolution),
        _("The report is settled."),
    )


@blueprint.post("/reports/<int:report_id>/dismissal")
def dismiss_report(report_id: int) -> ResponseReturnValue:
    found(report_id)
    form = DismissalForm(prefix_ids="dismissal")
    if not form.validate_on_submit():
        return page(report_id, {"dismissal": form}, 422)
    return act(
        report_id,
        {"dismissal": form},
        lambda: operations.dismiss(report_id, me.id, form.shown_version, form.note.data or ""),
        _("The report is closed: there was nothing to it."),
    )


def act(report_id: int, forms: dict[str, Any], operation: Callable[[], Report], done: str) -> ResponseReturnValue:
    """One operation; when somebody was faster, the page as it is now with what was typed."""
    try:
        operation()
    except DomainError as error:
        db.session.rollback()
        return page(report_id, forms, error.status, error.message)
    db.session.commit()
    flash(done, "success")
    return redirect(url_for("admin.report", report_id=report_id), 303)


def page(
    report_id: int, forms: dict[str, Any] | None = None, status: int = 200, refused: str = ""
) -> ResponseReturnValue:
    row = found(report_id)
    reported = reported_by(row)
    may_disable = policy.can_disable(me, reported)
    forms = forms or {}
    resolution: ResolutionForm = forms.get("resolution") or ResolutionForm(None)
    resolution.allow_disabling(may_disable)
    drawn = render_template(
        "admin/report.html",
        report=row,
        reported=reported,
        reporter=db.session.get_one(User, row.reporter_id),
        history=history(row),
        others=db.session.execute(queries.others_about(me, row, OTHERS)).all(),
        resolution=resolution,
        dismissal=forms.get("dismissal") or DismissalForm(None, prefix_ids="dismissal"),
        can={action: policy.can_handle(me, row, action) for action in (REVIEW, RESOLVE, DISMISS)},
        shows_profile=reported.is_visible,
        cannot_disable=not may_disable and reported.is_active,
        texts=texts,
        refused=refused,
    )
    return drawn, status


def found(report_id: int) -> Report:
    return db.session.scalar(queries.report_for(me, report_id)) or abort(404)


def reported_by(row: Report) -> User:
    """The member whom the report is about."""
    return db.session.get_one(User, row.reported_id)


def history(row: Report) -> list[Event]:
    """The latest first; it began with the report itself."""
    marks = {REVIEW: ("eye", "info"), RESOLVE: ("circle-check", "success"), DISMISS: ("x", "secondary")}
    lines = []
    for event in db.session.execute(queries.history_of(row.id)):
        mark, tone = marks[event.action]
        lines.append(Event(mark, done_by(event.action, event.actor or ""), event.reason, event.at, tone))
    return [*lines, Event("flag", _("Reported"), "", row.created_at, "warning")]


def done_by(action: str, name: str) -> str:
    if action == REVIEW:
        return _("%(name)s began to look at it", name=name)
    if action == RESOLVE:
        return _("%(name)s settled it", name=name)
    return _("%(name)s found nothing", name=name)


def state_choices() -> list[tuple[str, Any]]:
    """Value and label of what the queue can show."""
    return [
        ("", _("Everything that waits")),
        (OPEN, _("Nobody looks at it yet")),
        (IN_REVIEW, texts.STATES[IN_REVIEW]),
        ("settled", _("Done")),
        ("all", _("All")),
    ]
