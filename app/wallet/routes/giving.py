"""Giving hours: to whom, how many and what for; then both balances before it is done."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.core.db import db, intending
from app.core.errors import DomainError
from app.core.idempotency import once
from app.core.money import format_amount
from app.core.text import clean
from app.wallet import operations, statements
from app.wallet.forms import GiveForm, id_in
from app.wallet.operations import Gone
from app.wallet.routes.blueprint import blueprint

LONGEST_SEARCH = 60
MOST_FOUND = 20


@blueprint.get("/wallet/give")
def give() -> ResponseReturnValue:
    """With an organisation in the address the form, without one the choice of whom to give to."""
    if organisation := id_in(request.args.get("organisation")):
        return _empty_form(0, organisation)
    return _whom(clean(request.args.get("q", ""))[:LONGEST_SEARCH])


@blueprint.get("/wallet/give/<int:member_id>")
def give_to(member_id: int) -> ResponseReturnValue:
    return _empty_form(member_id, 0)


@blueprint.post("/wallet/give")
def plan() -> ResponseReturnValue:
    """What it would be; nothing is given yet. "Change" leads back to the form with what was typed."""
    with intending("read"):
        form = GiveForm()
        form.offer(operations.purses_of(me))
        if "change" in request.form:
            return _form(form)
        if not form.validate():
            return _form(form, 422)
        try:
            planned = operations.plan(me, form.gift())
        except DomainError as error:
            form.refuse(error)
            return _form(form, error.status)
        return render_template("wallet/confirm.html", form=form, plan=planned)


@blueprint.post("/wallet/gifts")
@once
def gift() -> ResponseReturnValue:
    form = GiveForm()
    form.offer(operations.purses_of(me))
    if not form.validate():
        return _form(form, 422)
    try:
        wanted = form.gift()
        operations.give(me, wanted, form.idempotency_key.data or "")
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return _form(form, error.status)
    flash(_("You have given %(amount)s.", amount=format_amount(wanted.minutes)), "success")
    if wanted.from_organisation_id:
        return redirect(url_for("wallet.organisation", organisation_id=wanted.from_organisation_id), 303)
    return redirect(url_for("wallet.index"), 303)


def _whom(text: str) -> ResponseReturnValue:
    found = statements.receivers(me, text).limit(MOST_FOUND)
    return render_template(
        "wallet/whom.html",
        q=text,
        members=db.session.execute(found).all(),
        organisations=db.session.execute(statements.open_organisations()).all(),
        purse=id_in(request.args.get("purse")) or "",
    )


def _empty_form(to: int, organisation: int) -> ResponseReturnValue:
    purse = str(id_in(request.args.get("purse")))
    return _form(GiveForm(None, data={"to": str(to), "organisation": str(organisation), "purse": purse}))


def _form(form: GiveForm, status: int = 200) -> ResponseReturnValue:
    with intending("read"):
        receiver: Any = None
        try:
            receiver = operations.receiver_for(me, id_in(form.to.data), id_in(form.organisation.data))
        except Gone:
            if request.method == "GET":
                abort(404)
        except DomainError as error:
            if request.method == "GET":
                form.refuse(error)
                status = error.status
        purses = operations.purses_of(me)
    form.offer(purses)
    page = render_template("wallet/give.html", form=form, receiver=receiver, purses=purses)
    return page, status
