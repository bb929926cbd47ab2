"""Organisations and the community pot: coordinators bring them in and name who may act for them."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import roster
from app.accounts.models import User
from app.accounts.viewer import me
from app.admin import policy
from app.admin.forms.hours import NamingForm, OrganisationForm, PotForm
from app.admin.forms.member_skills import id_in
from app.admin.routes.blueprint import blueprint
from app.core.db import db, intending
from app.core.errors import DomainError
from app.core.forms import Form
from app.core.text import clean
from app.wallet import keeping, operations, statements
from app.wallet.organisations import POT, Organisation, name_of

LONGEST_SEARCH = 60
MOST_FOUND = 12


@blueprint.get("/organisations")
def organisations() -> ResponseReturnValue:
    rows = db.session.execute(keeping.all_organisations()).all()
    return render_template("admin/organisations.html", rows=rows, address=url_for("admin.organisations"))


@blueprint.route("/organisations/new", methods=["GET", "POST"])
def add_organisation() -> ResponseReturnValue:
    form = OrganisationForm()
    if form.validate_on_submit():
        try:
            added = operations.found(form.name.data or "", form.about.data or "", me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            organisation_id = added.id
            db.session.commit()
            flash(_("It is there. Now name who may act for it."), "success")
            return redirect(url_for("admin.organisation", organisation_id=organisation_id), 303)
    return render_template("admin/organisation_form.html", form=form), 422 if form.errors else 200


@blueprint.get("/organisations/<int:organisation_id>")
def organisation(organisation_id: int) -> ResponseReturnValue:
    found = _found(organisation_id)
    return _page(found, _form_of(found, stored=True))


@blueprint.post("/organisations/<int:organisation_id>")
def change_organisation(organisation_id: int) -> ResponseReturnValue:
    found = _found(organisation_id)
    form = _form_of(found)
    if form.validate():
        try:
            name = form.name.data if isinstance(form, OrganisationForm) else found.name
            operations.change(found, name or "", form.about.data or "", me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            return _done(organisation_id, _("It is saved."))
    return _page(_found(organisation_id), form, 422)


@blueprint.post("/organisations/<int:organisation_id>/members")
def name_acting_member(organisation_id: int) -> ResponseReturnValue:
    found, member_id = _found(organisation_id), id_in(NamingForm().member.data)
    if not policy.can_name(me, member_id):
        abort(403)
    try:
        operations.name_member(found, member_id, me.id)
    except DomainError as error:
        db.session.rollback()
        flash(error.message, "danger")
        return redirect(url_for("admin.organisation", organisation_id=organisation_id), 303)
    return _done(organisation_id, _("The member may act for it now."))


@blueprint.post("/organisations/<int:organisation_id>/members/removal")
def remove_acting_member(organisation_id: int) -> ResponseReturnValue:
    operations.remove_member(_found(organisation_id), id_in(NamingForm().member.data), me.id)
    return _done(organisation_id, _("The member acts for it no more."))


@blueprint.post("/organisations/<int:organisation_id>/closing")
def close_organisation(organisation_id: int) -> ResponseReturnValue:
    operations.close(_found(organisation_id), me.id)
    return _done(organisation_id, _("It is closed. What it had went to the community pot."))


@blueprint.post("/organisations/<int:organisation_id>/reopening")
def reopen_organisation(organisation_id: int) -> ResponseReturnValue:
    operations.reopen(_found(organisation_id), me.id)
    return _done(organisation_id, _("It is open again."))


def _found(organisation_id: int) -> Organisation:
    return db.session.get(Organisation, organisation_id, with_for_update=request.method == "POST") or abort(404)


def _form_of(found: Organisation, *, stored: bool = False) -> Any:
    """The pot has no name of its own to change."""
    data = {"name": found.name, "about": found.about}
    formdata: dict[str, Any] = {"formdata": None, "data": data} if stored else {}
    return (PotForm if found.kind == POT else OrganisationForm)(**formdata)


def _done(organisation_id: int, text: str) -> ResponseReturnValue:
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("admin.organisation", organisation_id=organisation_id), 303)


def _page(found: Organisation, form: Form, status: int = 200) -> ResponseReturnValue:
    text = clean(request.args.get("q", ""))[:LONGEST_SEARCH]
    with intending("read"):
        acting = db.session.execute(statements.acting_for(found.id)).all()
        known = {row.id for row in acting}
        row = db.session.execute(keeping.all_organisations().where(Organisation.id == found.id)).one()
        hits = db.session.execute(_candidates(text)).all() if text else []
    page = render_template(
        "admin/organisation.html",
        form=form,
        organisation=row,
        name=name_of(row.kind, row.name),
        acting=acting,
        q=text,
        hits=[hit for hit in hits if hit.id not in known and policy.can_name(me, hit.id)],
    )
    return page, status


def _candidates(text: str) -> Any:
    found = roster.roster(text, roster.ACTIVE).where(User.email.is_not(None))
    return found.order_by(User.name_key, User.id).limit(MOST_FOUND)
