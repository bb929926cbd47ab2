"""The books as administrators see them: what the last check found, and taking back a line that was wrong."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.admin.forms.hours import ReversalForm
from app.admin.forms.member_skills import id_in
from app.admin.routes.blueprint import blueprint, for_administrators
from app.core.db import AnyRow, db, intending
from app.core.errors import DomainError
from app.core.idempotency import once
from app.exchange.operations import correcting
from app.wallet import keeping, operations
from app.wallet.kinds import TRANSFER_LABELS
from app.wallet.organisations import name_of


@blueprint.get("/ledger")
@for_administrators
def ledger() -> ResponseReturnValue:
    """With a number in the address on to that line."""
    number = id_in((request.args.get("number") or "").strip())
    if number and db.session.execute(keeping.sides_of_transfer(number)).first():
        return redirect(url_for("admin.ledger_line", transfer_id=number), 303)
    asked = request.args.get("number", "")
    return render_template("admin/ledger.html", check=keeping.last_check(), missing=bool(asked), number=asked[:20])


@blueprint.get("/ledger/<int:transfer_id>")
@for_administrators
def ledger_line(transfer_id: int) -> ResponseReturnValue:
    return _line(transfer_id, ReversalForm(None))


@blueprint.post("/ledger/<int:transfer_id>/reversal")
@for_administrators
@once
def reverse_line(transfer_id: int) -> ResponseReturnValue:
    form = ReversalForm()
    if not form.validate():
        return _line(transfer_id, form, 422)
    try:
        done_in = _take_back(transfer_id, form.reason.data or "")
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return _line(transfer_id, form, error.status)
    flash(_("It is taken back, and both sides are told."), "success")
    return redirect(url_for("admin.ledger_line", transfer_id=done_in), 303)


def _take_back(transfer_id: int, reason: str) -> int:
    """The number of the line that takes it back; what an exchange has paid also changes the exchange."""
    belongs = correcting.belonging(transfer_id)
    if belongs and belongs.is_payment:
        return correcting.take_back(belongs.exchange_id, reason, me.id)
    return operations.take_back(transfer_id, reason, me.id).transfer_id


def _line(transfer_id: int, form: ReversalForm, status: int = 200) -> ResponseReturnValue:
    with intending("read"):
        sides = db.session.execute(keeping.sides_of_transfer(transfer_id)).all() or abort(404)
        belongs = correcting.belonging(transfer_id)
    is_correctable = sides[0].kind in operations.REVERSIBLE or bool(belongs and belongs.is_payment)
    page = render_template(
        "admin/ledger_line.html",
        form=form,
        line=sides[0],
        kind=TRANSFER_LABELS[sides[0].kind],
        sides=[(_name(side), side.user_id, side.amount) for side in sides],
        belongs=belongs,
        can_reverse=is_correctable and not sides[0].reversed_by,
    )
    return page, status


def _name(side: AnyRow) -> str:
    if side.organisation:
        return name_of(side.organisation_kind, side.organisation)
    if side.name:
        return str(side.name)
    return _("Set aside") if side.wallet_kind == "escrow" else _("Community")
