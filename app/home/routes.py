"""Landing page and dashboard, the reader's theme and language, and one's own data to take away."""

from __future__ import annotations

from collections.abc import Container

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.accounts.viewer import me, visit
from app.core.access import HURDLES, local_path, public, within_reach
from app.core.db import db
from app.core.files import path_of
from app.core.i18n import LANGUAGE_COOKIE, LOCALES
from app.core.models import StoredFile
from app.core.templating import THEME_COOKIE, THEMES
from app.home import arrival, dashboard, exporting, profiles

blueprint = Blueprint("home", __name__)
profiles.register(blueprint)
arrival.register(blueprint)
A_YEAR_SECONDS = 365 * 24 * 3600


@blueprint.get("/")
@public
def index() -> ResponseReturnValue:
    if me.is_authenticated:
        return render_template("home/dashboard.html", **dashboard.for_member(me))
    return render_template("home/landing.html", **dashboard.for_stranger())


@blueprint.post("/theme")
@public
@within_reach(*HURDLES)
def theme() -> ResponseReturnValue:
    """Keeps light, dark or auto in a cookie and goes back to where the reader was."""
    return _keep(THEME_COOKIE, request.form.get("theme", ""), THEMES)


@blueprint.post("/language")
@public
@within_reach(*HURDLES)
def language() -> ResponseReturnValue:
    """Keeps a visitor's language in a cookie and goes back to where the reader was; members have theirs in settings."""
    return _keep(LANGUAGE_COOKIE, request.form.get("language", ""), LOCALES)


def _keep(cookie: str, chosen: str, known: Container[str]) -> ResponseReturnValue:
    if chosen not in known:
        abort(400)
    response = redirect(local_path(request.form.get("next")) or url_for("home.index"), 303)
    response.set_cookie(cookie, chosen, max_age=A_YEAR_SECONDS, secure=request.is_secure, httponly=True, samesite="Lax")
    return response


@blueprint.get("/logo/<int:picture_id>")
@public
@within_reach(*HURDLES)
def logo(picture_id: int) -> Response:
    """The community's present logo; its id changes with it, so browsers may keep it for ever."""
    if visit().community.logo_id != picture_id:
        abort(404)
    found = select(StoredFile.sha256, StoredFile.media_type).where(StoredFile.id == picture_id)
    sha256, media_type = db.session.execute(found).one()
    response = Response(path_of(sha256).read_bytes(), mimetype=media_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@blueprint.get("/settings/export")
@within_reach(*HURDLES)
def export() -> Response:
    """Everything that is kept about the member who asks, as JSON in a ZIP."""
    name = f"guildhall-{me.id}.zip"
    archive = exporting.archive_of(me.id)
    response = send_file(archive, mimetype="application/zip", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "no-store"
    return response
