"""What coordinators decide about hours: the rules for everybody, and a limit for one member."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import policy
from app.accounts.models import User
from app.accounts.viewer import me
from app.admin.forms.hours import HourRulesForm, LimitForm, as_typed
from app.admin.routes.blueprint import blueprint, for_administrators
from app.admin.routes.members import found_member
from app.admin.routes.settings import settings_page
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError
from app.wallet import keeping, operations
from app.wallet.operations import Rules


@blueprint.post("/settings/hours/rules")
@for_administrators
def hour_rules() -> ResponseReturnValue:
    form = HourRulesForm()
    if form.validate():
        try:
            operations.change_rules(Rules(form.starting_minutes.amount, form.credit_limit.amount), me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("The rules are saved and count from now on."), "success")
            return redirect(url_for("admin.settings"), 303)
    return settings_page(form, rules_form=form)


@blueprint.route("/members/<int:member_id>/limit", methods=["GET", "POST"])
def member_limit(member_id: int) -> ResponseReturnValue:
    with intending("read"):
        member = _cared_for(member_id)
        known = {"id": member.id, "name": member.name}
        account = keeping.account_of(member_id)
    end_reading()
    limit = account.common_limit if account.minutes is None else account.minutes
    form = LimitForm(data={"limit": as_typed(limit), "reason": account.reason or ""})
    if form.validate_on_submit():
        try:
            operations.set_personal_limit(member_id, form.limit.amount, form.reason.data or "", me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("The limit is saved and counts from now on."), "success")
            return redirect(url_for("admin.member", member_id=member_id), 303)
    page = render_template("admin/member_limit.html", form=form, member=known, account=account)
    return page, 422 if form.errors else 200


@blueprint.post("/members/<int:member_id>/limit/removal")
def remove_member_limit(member_id: int) -> ResponseReturnValue:
    _cared_for(member_id)
    operations.remove_personal_limit(member_id, me.id)
    db.session.commit()
    flash(_("What holds for everybody holds for this member again."), "success")
    return redirect(url_for("admin.member", member_id=member_id), 303)


def _cared_for(member_id: int) -> User:
    member = found_member(member_id)
    if not policy.can_care_for(me, member):
        abort(403)
    return member
