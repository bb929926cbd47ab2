"""Where one is signed in."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import devices, operations, queries
from app.accounts.routes.blueprints import settings_blueprint
from app.accounts.routes.browser import leave
from app.accounts.viewer import me
from app.core import audit
from app.core.db import db


@settings_blueprint.get("/sessions")
def sessions() -> ResponseReturnValue:
    rows = db.session.scalars(queries.sessions_of(me)).all()
    return render_template("settings/sessions.html", sessions=rows, device=devices.in_words, icon_of=devices.icon_of)


@settings_blueprint.post("/sessions/<int:session_id>/end")
def end_session(session_id: int) -> ResponseReturnValue:
    row = db.session.scalar(queries.session_for(me, session_id)) or abort(404)
    operations.end_session(row.id)
    audit.record("session-ended", actor_id=me.id, subject_id=me.id)
    db.session.commit()
    if session_id == me.session_id:
        return _signed_out()
    flash(_("That device is signed out."), "success")
    return redirect(url_for("settings.sessions"), 303)


@settings_blueprint.post("/sessions/others/end")
def end_other_sessions() -> ResponseReturnValue:
    count = operations.end_other_sessions(me.id, me.session_id)
    audit.record("other-sessions-ended", actor_id=me.id, subject_id=me.id)
    db.session.commit()
    flash(ngettext("%(num)d other device is signed out.", "%(num)d other devices are signed out.", count), "success")
    return redirect(url_for("settings.sessions"), 303)


@settings_blueprint.post("/sessions/all/end")
def end_all_sessions() -> ResponseReturnValue:
    operations.end_all_sessions(me.id)
    audit.record("all-sessions-ended", actor_id=me.id, subject_id=me.id)
    db.session.commit()
    return _signed_out()


def _signed_out() -> ResponseReturnValue:
    leave()
    flash(_("You are signed out."), "success")
    return redirect(url_for("accounts.sign_in"), 303)
