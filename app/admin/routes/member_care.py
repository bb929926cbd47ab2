"""What coordinators do for a member: pause, approve, switch off and on, and offer the sign-in."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import operations, policy
from app.accounts.models import User
from app.accounts.viewer import Viewer, me
from app.admin.forms.members import DisablingForm, SignInForm
from app.admin.routes.blueprint import blueprint
from app.admin.routes.members import found_member
from app.core import audit
from app.core.db import db, end_reading, intending
from app.core.errors import DomainError

Rule = Callable[[Viewer, User], bool]


@blueprint.post("/members/<int:member_id>/pause")
def pause_member(member_id: int) -> ResponseReturnValue:
    return _done(member_id, policy.can_care_for, lambda: _pause(member_id, True), _("The member takes a break."))


@blueprint.post("/members/<int:member_id>/resumption")
def resume_member(member_id: int) -> ResponseReturnValue:
    return _done(member_id, policy.can_care_for, lambda: _pause(member_id, False), _("The member is back."))


@blueprint.post("/members/<int:member_id>/approval")
def approve_member(member_id: int) -> ResponseReturnValue:
    text = _("The newcomer is in and gets a mail.")
    return _done(member_id, policy.can_care_for, lambda: operations.approve(member_id, me.id), text)


@blueprint.route("/members/<int:member_id>/disabling", methods=["GET", "POST"])
def disable_member(member_id: int) -> ResponseReturnValue:
    known = _known(member_id, policy.can_disable)
    form = DisablingForm()
    if form.validate_on_submit():
        try:
            operations.disable(found_member(member_id), me.id, form.reason.data or "")
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("The account is switched off, and its sessions have ended."), "success")
            return redirect(url_for("admin.member", member_id=member_id), 303)
    page = render_template("admin/member_disabling.html", form=form, member=known)
    return page, 422 if form.errors else 200


@blueprint.post("/members/<int:member_id>/enabling")
def enable_member(member_id: int) -> ResponseReturnValue:
    def enable() -> None:
        operations.enable(found_member(member_id), me.id)

    return _done(member_id, policy.can_disable, enable, _("The account is switched on again."))


@blueprint.route("/members/<int:member_id>/sign-in", methods=["GET", "POST"])
def offer_sign_in(member_id: int) -> ResponseReturnValue:
    """An e-mail address for a member without one."""
    known = _known(member_id, policy.can_act_for)
    form = SignInForm()
    if form.validate_on_submit():
        email = form.email.data or ""
        try:
            operations.offer_sign_in(member_id, email, me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("A mail is on its way to %(email)s.", email=email), "success")
            return redirect(url_for("admin.member", member_id=member_id), 303)
    page = render_template("admin/member_sign_in.html", form=form, member=known)
    return page, 422 if form.errors else 200


@blueprint.post("/members/<int:member_id>/sign-in/withdrawal")
def withdraw_sign_in(member_id: int) -> ResponseReturnValue:
    text = _("The link in the mail no longer works.")
    return _done(member_id, policy.can_act_for, lambda: operations.withdraw_sign_in(member_id, me.id), text)


def _done(member_id: int, rule: Rule, operation: Callable[[], object], text: str) -> ResponseReturnValue:
    if not rule(me, found_member(member_id)):
        abort(403)
    operation()
    db.session.commit()
    flash(text, "success")
    return redirect(url_for("admin.member", member_id=member_id), 303)


def _known(member_id: int, rule: Rule) -> dict[str, object]:
    """What the page of a form says about the member, read before the form writes."""
    with intending("read"):
        member = found_member(member_id)
        if not rule(me, member):
            abort(403)
        known: dict[str, object] = {"id": member.id, "name": member.name}
    end_reading()
    return known


def _pause(member_id: int, paused: bool) -> None:
    operations.set_paused(member_id, paused)
    audit.record("member-paused" if paused else "member-resumed", actor_id=me.id, subject_id=member_id)
