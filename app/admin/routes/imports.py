"""Bringing a list of members: look at it first, take all of it in or nothing, take it back, and invite them."""

from __future__ import annotations

import csv
import io
from contextvars import copy_context
from dataclasses import dataclass

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from app.accounts.threads import aside
from app.accounts.viewer import me, visit
from app.admin.forms.community import EmptyForm
from app.admin.forms.imports import NumbersForm, UploadForm
from app.admin.routes.blueprint import blueprint, for_administrators
from app.core.clock import now
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError
from app.core.paging import Key, page_of
from app.imports import archives, balances, columns, matching, operations, posts, queries, tables, values
from app.imports.models import TIMEOVERFLOW, Import
from app.imports.reading import Looked, looked_at, require_readable
from app.wallet.operations.rules import rules

ORDER = (Key(Import.created_at.expression, descending=True), Key(Import.id.expression, descending=True))
MOST_FAULTS_SHOWN = 2000
SAMPLE = 5
A_FEW = 10


@dataclass(frozen=True)
class Waiting:
    """A file that waits, read and checked; the database is not asked for it again."""

    id: int
    name: str
    kind: str
    moves_numbers: bool
    looked: Looked


@blueprint.get("/import")
@for_administrators
def import_members() -> ResponseReturnValue:
    return _overview(UploadForm(formdata=None))


@blueprint.get("/import/template.csv")
@for_administrators
def import_template() -> ResponseReturnValue:
    """The header and an example row; the mark at its beginning tells spreadsheets that it is UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([columns.EXAMPLE.keys(), columns.EXAMPLE.values()])
    offered = {"Content-Disposition": 'attachment; filename="members.csv"'}
    return Response(text.getvalue().encode("utf-8-sig"), mimetype="text/csv", headers=offered)


@blueprint.post("/import")
@for_administrators
def upload_import() -> ResponseReturnValue:
    form = UploadForm()
    if not form.validate_on_submit():
        return _overview(form, 422)
    try:
        with form.upload.data.stream as stream:
            file = archives.opened(form.upload.data.filename, stream.read(archives.MOST_ARCHIVE_BYTES + 1))
        aside(copy_context().run, require_readable, file.kind, file.content, file.archive)
        upload_id = operations.stage(me.id, file)
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return _overview(form, error.status)
    db.session.commit()
    return redirect(url_for("admin.check_import", upload_id=upload_id), 303)


@blueprint.get("/import/files/<int:upload_id>")
@for_administrators
def check_import(upload_id: int) -> ResponseReturnValue:
    """The dry run: everything that would happen, and everything that stands in its way."""
    return _check_page(_waiting(upload_id) or abort(404))


@blueprint.post("/import/files/<int:upload_id>/members")
@for_administrators
def take_import(upload_id: int) -> ResponseReturnValue:
    waiting = _waiting(upload_id)
    if waiting is None:
        flash(_("This file is no longer here. It may have been taken in a moment ago."), "info")
        return redirect(url_for("admin.import_members"), 303)
    importer = operations.Importer(me.id, me.timezone, visit().community.locale)
    try:
        outcome = operations.take_in(importer, upload_id, waiting.looked)
    except DomainError as error:
        db.session.rollback()
        return _check_page(waiting, error)
    db.session.commit()
    if outcome.added:
        flash(ngettext("%(num)d member is in.", "%(num)d members are in.", outcome.added), "success")
    if outcome.opened:
        flash(ngettext("%(num)d balance is booked.", "%(num)d balances are booked.", outcome.opened), "success")
    if outcome.posts:
        flash(ngettext("%(num)d post came along.", "%(num)d posts came along.", outcome.posts), "success")
    if not outcome.added and not outcome.opened:
        flash(_nothing_new(outcome.known), "info")
    return redirect(url_for("admin.import_members"), 303)


@blueprint.post("/import/files/<int:upload_id>/numbers")
@for_administrators
def choose_import_numbers(upload_id: int) -> ResponseReturnValue:
    form = NumbersForm()
    if not form.validate_on_submit() or not operations.choose_numbers(upload_id, me.id, form.moves.data == "1"):
        abort(404)
    db.session.commit()
    return redirect(url_for("admin.check_import", upload_id=upload_id), 303)


@blueprint.post("/import/files/<int:upload_id>/removal")
@for_administrators
def discard_import(upload_id: int) -> ResponseReturnValue:
    if not operations.discard(upload_id, me.id):
        abort(404)
    db.session.commit()
    flash(_("The file is put away. Nobody was taken in."), "success")
    return redirect(url_for("admin.import_members"), 303)


@blueprint.post("/import/<int:import_id>/undoing")
@for_administrators
def undo_import(import_id: int) -> ResponseReturnValue:
    db.session.get(Import, import_id) or abort(404)
    removed = operations.undo(import_id, me.id)
    db.session.commit()
    if removed:
        flash(ngettext("%(num)d member is gone again.", "%(num)d members are gone again.", removed), "success")
    else:
        flash(_("The balances are taken back."), "success")
    return redirect(url_for("admin.import_members"), 303)


@blueprint.route("/import/invitations", methods=["GET", "POST"])
@for_administrators
def invite_imported() -> ResponseReturnValue:
    form = EmptyForm()
    if form.validate_on_submit():
        invited = operations.invite_all(me.id)
        db.session.commit()
        if invited:
            flash(ngettext("%(num)d mail is on its way.", "%(num)d mails are on their way.", invited), "success")
        else:
            flash(_("Everybody who can be invited has been invited already."), "info")
        return redirect(url_for("admin.import_members"), 303)
    waiting = db.session.scalar(queries.uninvited_count()) or 0
    mail = operations.preview(me.id)
    body = Markup(mail.html.partition("<body")[2].partition(">")[2].partition("</body>")[0]) if mail else ""  # noqa: S704 our own template made it and escaped its values
    return render_template("admin/import_invitations.html", form=form, waiting=waiting, mail=mail, body=body)


def _overview(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    with intending("read"):
        history = page_of(queries.history(), ORDER, lambda statement: db.session.execute(statement).all(), A_FEW)
        waiting = db.session.execute(queries.waiting_uploads(me.id)).all()
        uninvited = db.session.scalar(queries.uninvited_count()) or 0
    since = now() - queries.UNDO_WITHIN
    page = render_template(
        "admin/import.html",
        form=form,
        columns=columns.TEXTS,
        most_rows=tables.MOST_ROWS,
        history=history,
        undoable={row.id for row in history.items if not row.undone_at and not row.arrived and row.created_at > since},
        waiting=waiting,
        uninvited=uninvited,
        address=url_for("admin.import_members"),
    )
    if status != 200:
        end_reading()
    return page, status


def _waiting(upload_id: int) -> Waiting | None:
    """Reading and checking takes a second or two for a large file: no transaction is open meanwhile."""
    with intending("read"):
        upload = db.session.scalar(queries.upload_of(me.id, upload_id))
        if upload is None:
            end_reading()
            return None
        known = (upload.id, upload.name, upload.kind, upload.moves_numbers)
        content, archive = upload.content, upload.archive
    end_reading()
    # Faults are named in the reader's language there too.
    return Waiting(*known, aside(copy_context().run, looked_at, known[2], content, archive))


def _check_page(waiting: Waiting, refused: DomainError | None = None) -> ResponseReturnValue:
    looked = waiting.looked
    with intending("read"):
        matched = matching.match(looked.checked.people, looked.table.headers, waiting.moves_numbers)
        proposals = matching.unknown_skills(matched.new)
        unopened = operations.unopened(matched.known)
        counted, limit = operations.are_counted(), rules().credit_limit
    end_reading()
    totals = balances.totals_of([*matched.new, *(person for person, _user_id in unopened)])
    faults = sorted([*looked.checked.faults, *matched.faults], key=lambda fault: fault.line)
    page = render_template(
        "admin/import_check.html",
        file=waiting,
        looked=looked,
        is_archive=waiting.kind == TIMEOVERFLOW,
        faults=faults[:MOST_FAULTS_SHOWN],
        more_faults=max(0, len(faults) - MOST_FAULTS_SHOWN),
        faulty=len({fault.line for fault in faults}),
        found=len(faults),
        matched=matched,
        sample=matched.new[:SAMPLE],
        totals=totals,
        counted=counted,
        unopened=len(unopened),
        already=sum(1 for person, _user_id in matched.known if person.balance) - len(unopened),
        in_debt=sum(1 for person in matched.new if values.whole_minutes(person.balance or 0) < -limit),
        brought=sum(1 for _post in posts.by_author(looked.posts, dict(enumerate(matched.new)))),
        without_address=sum(1 for person in matched.new if not person.email),
        nothing_new=_nothing_new(len(matched.known)),
        proposals=proposals,
        refused=refused.message if refused and not faults else "",
        upload_form=UploadForm(formdata=None),
        form=EmptyForm(formdata=None),
        numbers_form=NumbersForm(formdata=None, data={"moves": "" if waiting.moves_numbers else "1"}),
        address=url_for("admin.check_import", upload_id=waiting.id),
    )
    return page, refused.status if refused else 200


def _nothing_new(known: int) -> str:
    return ngettext("%(num)d is here already, nothing to do.", "%(num)d are here already, nothing to do.", known)
