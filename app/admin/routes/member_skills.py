"""The lists of a member who cannot sign in: a coordinator searches, chooses and takes away."""

from __future__ import annotations

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import policy
from app.accounts.models import User
from app.accounts.viewer import me
from app.admin.forms.member_skills import PROPOSAL, EntryForm, id_in
from app.admin.routes.blueprint import blueprint
from app.admin.routes.members import found_member
from app.core import audit
from app.core.db import AnyRow, db
from app.core.errors import DomainError
from app.core.text import clean
from app.skills import operations, queries
from app.skills.levels import USUAL_LEVEL
from app.skills.models import KINDS, OFFER


@dataclass(frozen=True)
class Chooser:
    """The member as one who looks for a skill."""

    id: int


@dataclass(frozen=True)
class Search:
    found: list[AnyRow]
    proposable: bool
    chosen: str


@blueprint.get("/members/<int:member_id>/skills")
def member_skills(member_id: int) -> ResponseReturnValue:
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else OFFER
    text = clean(request.args.get("q", ""))
    form = EntryForm(None, kind=kind, q=text, level=str(USUAL_LEVEL[kind])) if text else None
    return _page(_found(member_id), kind, form)


@blueprint.post("/members/<int:member_id>/skills")
def add_member_skill(member_id: int) -> ResponseReturnValue:
    member, form = _found(member_id), EntryForm()
    if form.validate_on_submit():
        try:
            skill_id = _chosen(member_id, form)
            operations.add(member_id, form.known_kind, skill_id, form.details())
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
            member = _found(member_id)
        else:
            audit.record("member-skill-added", actor_id=me.id, subject_id=member_id, detail=str(skill_id))
            db.session.commit()
            flash(_("It stands on the list."), "success")
            return redirect(url_for("admin.member_skills", member_id=member_id, kind=form.known_kind), 303)
    return _page(member, form.known_kind, form)


@blueprint.post("/members/<int:member_id>/skills/removal")
def remove_member_skill(member_id: int) -> ResponseReturnValue:
    """A second click finds nothing to remove, and that is no error."""
    _found(member_id)
    kind, skill_id = request.form.get("kind", ""), id_in(request.form.get("skill"))
    if operations.remove(member_id, kind if kind in KINDS else OFFER, skill_id):
        audit.record("member-skill-removed", actor_id=me.id, subject_id=member_id, detail=str(skill_id))
    db.session.commit()
    flash(_("It is off the list."), "success")
    return redirect(url_for("admin.member_skills", member_id=member_id), 303)


def _page(member: User, kind: str, form: EntryForm | None) -> ResponseReturnValue:
    shown = {"id": member.id, "name": member.name}
    entries = db.session.execute(queries.entries_of(member.id)).all()
    search = _search(member.id, kind, form) if form else None
    page = render_template(
        "admin/member_skills.html",
        member=shown,
        lists=[(each, [row for row in entries if row.kind == each]) for each in KINDS],
        kind=kind,
        form=form,
        search=search,
        OFFER=OFFER,
    )
    return page, 422 if form and form.errors else 200


def _search(member_id: int, kind: str, form: EntryForm) -> Search:
    text = form.q.data or ""
    found = list(db.session.execute(queries.suggestions(Chooser(member_id), text, kind))) if text else []
    exact = any(row.rank == queries.EXACT for row in found)
    proposable = bool(text) and not exact and not operations.name_problem(text)
    values = [str(row.id) for row in found if not row.held] + [PROPOSAL] * proposable
    return Search(found, proposable, form.skill.data if form.skill.data in values else next(iter(values), ""))


def _chosen(member_id: int, form: EntryForm) -> int:
    if form.skill.data != PROPOSAL:
        return id_in(form.skill.data)
    return operations.propose(member_id, form.q.data or "").id


def _found(member_id: int) -> User:
    member = found_member(member_id)
    if not policy.can_act_for(me, member):
        abort(403)
    return member
