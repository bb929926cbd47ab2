"""Announcements: a coordinator writes one, sees how it looks and how many it reaches, and sends it once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.admin.forms.announcements import ROLES, AnnouncementForm
from app.admin.forms.version import VersionForm
from app.admin.routes.blueprint import blueprint
from app.core.db import db
from app.core.errors import DomainError
from app.core.markdown import rendered
from app.core.paging import Key, page_of
from app.core.templating import language_name
from app.notices import audience, operations, queries
from app.notices.models import Announcement
from app.notices.states import ANNOUNCEMENTS, DISCARD, SEND


@dataclass(frozen=True)
class Choices:
    """What an announcement can be narrowed down by: name by value."""

    categories: dict[str, str]
    languages: dict[str, str]
    places: dict[str, str]


@blueprint.get("/announcements")
def announcements() -> ResponseReturnValue:
    keys = [Key(Announcement.created_at.expression, descending=True), Key(Announcement.id.expression, descending=True)]
    page = page_of(queries.all_announcements(), keys, lambda statement: db.session.execute(statement).all())
    return render_template("admin/announcements.html", page=page, address=url_for("admin.announcements"))


@blueprint.route("/announcements/new", methods=["GET", "POST"])
def write_announcement() -> ResponseReturnValue:
    form = offering(AnnouncementForm())
    if form.validate_on_submit():
        written = operations.draft(me.id, form.wording)
        announcement_id = written.id
        db.session.commit()
        return redirect(url_for("admin.announcement", announcement_id=announcement_id), 303)
    shown = render_template("admin/announcement_form.html", form=form, announcement_id=0)
    return shown, 422 if form.errors else 200


@blueprint.get("/announcements/<int:announcement_id>")
def announcement(announcement_id: int) -> ResponseReturnValue:
    return page(announcement_id)


@blueprint.route("/announcements/<int:announcement_id>/wording", methods=["GET", "POST"])
def reword_announcement(announcement_id: int) -> ResponseReturnValue:
    row = found(announcement_id)
    if not ANNOUNCEMENTS.allows(row.state, SEND):
        return redirect(url_for("admin.announcement", announcement_id=announcement_id), 303)
    # Only what is sent counts: an empty request must not stand for what is written already.
    form = offering(AnnouncementForm(obj=row if request.method == "GET" else None))
    if form.validate_on_submit():
        return act(
            announcement_id,
            lambda: operations.reword(announcement_id, form.shown_version, form.wording),
            _("Saved. This is how it looks now."),
        )
    shown = render_template("admin/announcement_form.html", form=form, announcement_id=announcement_id)
    return shown, 422 if form.errors else 200


@blueprint.post("/announcements/<int:announcement_id>/sending")
def send_announcement(announcement_id: int) -> ResponseReturnValue:
    found(announcement_id)
    version = VersionForm().shown_version
    return act(
        announcement_id,
        lambda: operations.send(announcement_id, me.id, version),
        _("It is on its way. Everybody it is for finds it under their notices within a minute."),
    )


@blueprint.post("/announcements/<int:announcement_id>/removal")
def discard_announcement(announcement_id: int) -> ResponseReturnValue:
    found(announcement_id)
    version = VersionForm().shown_version
    return act(
        announcement_id,
        lambda: operations.discard(announcement_id, me.id, version),
        _("The draft is gone. Nobody was told."),
        url_for("admin.announcements"),
    )


def act(announcement_id: int, operation: Callable[[], Any], done: str, target: str = "") -> ResponseReturnValue:
    """One operation; when somebody was faster, the page as it is now."""
    try:
        operation()
    except DomainError as error:
        db.session.rollback()
        return page(announcement_id, error.status, error.message)
    db.session.commit()
    flash(done, "success")
    return redirect(target or url_for("admin.announcement", announcement_id=announcement_id), 303)


def page(announcement_id: int, status: int = 200, refused: str = "") -> ResponseReturnValue:
    row = found(announcement_id)
    is_draft = ANNOUNCEMENTS.allows(row.state, SEND)
    return render_template(
        "admin/announcement.html",
        announcement=row,
        text=rendered(row.body),
        receivers=operations.receivers(row) if is_draft else row.told,
        narrowed=narrowed(row),
        can={action: ANNOUNCEMENTS.allows(row.state, action) for action in (SEND, DISCARD)},
        refused=refused,
    ), status


def found(announcement_id: int) -> Announcement:
    return db.session.scalar(queries.announcement_of(announcement_id)) or abort(404)


def offering(form: AnnouncementForm) -> AnnouncementForm:
    known = choices()
    form.offer(known.categories, known.languages, known.places)
    return form


def choices() -> Choices:
    rows = db.session.execute
    spoken = {code: language_name(code) for code in db.session.scalars(audience.languages())}
    return Choices(
        categories={row.slug: row.name for row in rows(audience.categories())},
        languages=dict(sorted(spoken.items(), key=lambda pair: pair[1])),
        places={row.place_key: row.place for row in rows(audience.places())},
    )


def narrowed(row: Announcement) -> list[tuple[str, str]]:
    """By what it is narrowed down: the question and the answer."""
    known = choices() if row.category or row.language or row.place_key else Choices({}, {}, {})
    answers = (
        (_("Who"), str(ROLES[row.role]) if row.role else ""),
        (_("With skills in"), known.categories.get(row.category, row.category)),
        (_("Who speak"), known.languages.get(row.language, row.language)),
        (_("Who live in"), known.places.get(row.place_key, row.place_key)),
    )
    return [(question, answer) for question, answer in answers if answer]
