"""Times to meet: set, changed, called off, and taken into a calendar."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.operations.mails import absolute
from app.accounts.viewer import me
from app.core.clock import now
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError
from app.core.forms import shown_number
from app.exchange import policy
from app.exchange.calendars import MEDIA_TYPE, Entry, calendar_of
from app.exchange.forms.exchanges import MeetingForm, SequenceForm, zone
from app.exchange.models import ExchangeSession
from app.exchange.operations import planning
from app.exchange.queries import exchanges as queries
from app.exchange.routes.blueprints import back_to, exchange_or_404
from app.exchange.routes.blueprints import exchanges_blueprint as blueprint
from app.exchange.shown import title_of


@blueprint.route("/<int:exchange_id>/sessions", methods=["GET", "POST"])
def plan(exchange_id: int) -> ResponseReturnValue:
    with intending("read"):
        exchange = exchange_or_404(exchange_id)
        sides = db.session.execute(queries.sides_of(exchange_id)).all()
        legs = db.session.execute(queries.legs_of([exchange_id])).all()
        minutes = min(sum(leg.minutes for leg in legs), 1440)
        data = {"place": exchange.place, "link": exchange.link, "minutes": str(minutes)}
        may, about = policy.can_plan(exchange, sides), title_of(legs)
        end_reading()
    form = MeetingForm(data=data)
    form.choose_durations(minutes)
    if not form.is_submitted():
        return _page(form, exchange_id, about) if may else abort(403)
    if not form.validate():
        return _page(form, exchange_id, about)
    try:
        planning.plan(exchange_id, me.id, form.meeting())
        db.session.commit()
    except DomainError as error:
        return _refused(form, exchange_id, about, error)
    flash(_("The time is set. You can take it into your calendar."), "success")
    return back_to(exchange_id)


@blueprint.route("/<int:exchange_id>/sessions/<int:session_id>", methods=["GET", "POST"])
def change_session(exchange_id: int, session_id: int) -> ResponseReturnValue:
    with intending("read"):
        session = _session_or_404(exchange_id, session_id)
        legs = db.session.execute(queries.legs_of([exchange_id])).all()
        minutes = int((session.ends_at - session.starts_at).total_seconds()) // 60
        data = {
            "sequence": str(session.sequence),
            "starts_at": session.starts_at.astimezone(zone()),
            "minutes": str(minutes),
            "place": session.place,
            "link": session.link,
        }
        may, about = policy.can_change_session(session, now()), title_of(legs)
        end_reading()
    form = MeetingForm(data=data)
    form.choose_durations(minutes)
    if not form.is_submitted():
        return _page(form, exchange_id, about, session_id) if may else abort(403)
    if not form.validate():
        return _page(form, exchange_id, about, session_id)
    try:
        planning.move(session_id, me.id, shown_number(form.sequence), form.meeting())
        db.session.commit()
    except DomainError as error:
        return _refused(form, exchange_id, about, error, session_id)
    flash(_("The time is changed. Take it into your calendar again: it replaces the one before."), "success")
    return back_to(exchange_id)


@blueprint.post("/<int:exchange_id>/sessions/<int:session_id>/cancellation")
def call_session_off(exchange_id: int, session_id: int) -> ResponseReturnValue:
    _session_or_404(exchange_id, session_id)
    form = SequenceForm()
    if not form.validate():
        abort(422)
    planning.call_session_off(session_id, me.id, shown_number(form.sequence))
    db.session.commit()
    flash(_("The meeting is called off. Its calendar file takes it out of a calendar, too."), "success")
    return back_to(exchange_id)


@blueprint.get("/<int:exchange_id>/sessions/<int:session_id>/meeting.ics")
def calendar(exchange_id: int, session_id: int) -> Response:
    session = _session_or_404(exchange_id, session_id)
    legs = db.session.execute(queries.legs_of([exchange_id])).all()
    sides = db.session.execute(queries.sides_of(exchange_id)).all()
    others = ", ".join(side.name for side in sides if side.user_id != me.id)
    entry = Entry(
        uid=session.uid,
        sequence=session.sequence,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        changed_at=session.updated_at,
        summary=_("%(about)s with %(name)s", about=title_of(legs), name=others),
        description=absolute("exchanges.show", exchange_id=str(exchange_id)),
        place=session.place,
        link=session.link,
        is_cancelled=session.cancelled_at is not None,
    )
    response = Response(calendar_of(entry), content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename=meeting-{session_id}.ics"
    return response


def _session_or_404(exchange_id: int, session_id: int) -> ExchangeSession:
    return db.session.scalar(queries.session_for(me, exchange_id, session_id)) or abort(404)


def _refused(
    form: MeetingForm, exchange_id: int, about: str, error: DomainError, session_id: int | None = None
) -> ResponseReturnValue:
    db.session.rollback()
    form.refuse(error)
    page, _status = _page(form, exchange_id, about, session_id)
    return page, error.status


def _page(form: MeetingForm, exchange_id: int, about: str, session_id: int | None = None) -> tuple[str, int]:
    values: dict[str, Any] = {"exchange_id": exchange_id, "session_id": session_id, "about": about}
    return render_template("exchanges/session.html", form=form, **values), 422 if form.errors else 200
