"""Newcomers who wait for a coordinator's yes or no."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import admissions, operations
from app.accounts.models import User
from app.accounts.viewer import me
from app.admin.forms.admissions import RefusalForm
from app.admin.routes.blueprint import blueprint
from app.core.db import db
from app.core.paging import Key, page_of
from app.skills import queries as skill_queries

ORDER = (Key(User.created_at.expression), Key(User.id.expression))
A_FEW = 12


@blueprint.get("/approvals")
def approvals() -> ResponseReturnValue:
    page = page_of(admissions.waiting_members(), ORDER, lambda statement: db.session.execute(statement).all(), A_FEW)
    skills: dict[int, dict[str, list[str]]] = {row.id: {"offer": [], "want": []} for row in page.items}
    for entry in db.session.execute(skill_queries.skills_of(list(skills))):
        skills[entry.user_id][entry.kind].append(entry.name)
    return render_template("admin/approvals.html", page=page, skills=skills, address=url_for("admin.approvals"))


@blueprint.post("/approvals/<int:member_id>/approval")
def approve(member_id: int) -> ResponseReturnValue:
    db.session.get(User, member_id) or abort(404)
    operations.approve(member_id, me.id)
    db.session.commit()
    flash(_("The newcomer is in and gets a mail."), "success")
    return redirect(url_for("admin.approvals"), 303)


@blueprint.route("/approvals/<int:member_id>/refusal", methods=["GET", "POST"])
def refuse(member_id: int) -> ResponseReturnValue:
    form = RefusalForm()
    if form.validate_on_submit():
        db.session.get(User, member_id) or abort(404)
        operations.refuse(member_id, me.id, form.reason.data or "")
        db.session.commit()
        flash(_("The account is closed, and the reason is on its way."), "success")
        return redirect(url_for("admin.approvals"), 303)
    newcomer = db.session.execute(admissions.waiting_members().where(User.id == member_id)).one_or_none() or abort(404)
    return render_template("admin/refusal.html", form=form, newcomer=newcomer), 422 if form.errors else 200
