"""The members as coordinators see them: the list, one member, and bringing in somebody without e-mail."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from app.accounts import languages, operations, policy, roster
from app.accounts.models import User
from app.accounts.viewer import me
from app.admin.forms.members import MemberForm, stored
from app.admin.routes.blueprint import blueprint
from app.community.operations import settings
from app.community.presets import HOURS
from app.core.db import AnyRow, db, end_reading, intending
from app.core.errors import DomainError
from app.core.paging import page_of
from app.core.switches import is_on
from app.core.templating import language_name
from app.core.text import clean
from app.skills import queries as skill_queries
from app.skills.models import OFFER, WANT
from app.wallet import keeping

_l: Any = lazy_gettext
LONGEST_SEARCH = 254
STATES = {
    roster.ACTIVE: (_l("Active"), "success"),
    roster.WAITING: (_l("Waiting"), "warning"),
    roster.PAUSED: (_l("Taking a break"), "info"),
    roster.DISABLED: (_l("Disabled"), "danger"),
    roster.OFFLINE: (_l("Without e-mail"), "info"),
    roster.UNVERIFIED: (_l("Not verified"), "warning"),
    roster.CLOSING: (_l("Closing"), "secondary"),
}
ORDERS = {"name": _l("Name"), "number": _l("Number"), "newest": _l("Newest")}


@blueprint.get("/members")
def members() -> ResponseReturnValue:
    text = clean(request.args.get("q", ""))[:LONGEST_SEARCH]
    state = request.args.get("state", "") if request.args.get("state") in STATES else ""
    sort = request.args.get("sort", "") if request.args.get("sort") in ORDERS else "name"
    found = roster.roster(text, state)
    count = db.session.scalar(roster.counted(found)) or 0
    page = page_of(found, roster.ORDERS[sort], lambda statement: db.session.execute(statement).all())
    return render_template(
        "admin/members.html",
        page=page,
        chosen={"q": text, "state": state, "sort": sort},
        states=STATES,
        orders=ORDERS,
        shown={row.id: STATES[roster.state_of(row)] for row in page.items},
        found=_found(count),
        address=url_for("admin.members"),
    )


@blueprint.get("/members/<int:member_id>")
def member(member_id: int) -> ResponseReturnValue:
    row = db.session.execute(roster.record_of(member_id)).one_or_none()
    if row is None:
        kept = db.session.scalar(roster.became(member_id)) or abort(404)
        return redirect(url_for("admin.member", member_id=kept), 302)
    return render_template("admin/member.html", **_shown(row))


@blueprint.route("/members/new", methods=["GET", "POST"])
def add_member() -> ResponseReturnValue:
    form = MemberForm()
    if form.validate_on_submit():
        try:
            added = operations.add_offline(form.record(), me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            name, number, member_id = added.name, added.number, added.id
            db.session.commit()
            flash(_("%(name)s is in, with number %(number)d.", name=name, number=number), "success")
            return redirect(url_for("admin.member_skills", member_id=member_id), 303)
    elif not form.is_submitted():
        form.number.data = settings().next_number
        form.proposed.data = str(form.number.data)
    page = render_template("admin/member_form.html", form=form, member=None, common=len(languages.COMMON))
    return page, 422 if form.errors else 200


@blueprint.route("/members/<int:member_id>/record", methods=["GET", "POST"])
def edit_member(member_id: int) -> ResponseReturnValue:
    with intending("read"):
        row = db.session.execute(roster.record_of(member_id)).one_or_none() or abort(404)
        if not policy.can_care_for(me, row.User):
            abort(403)
        data = stored(row.User, (row.languages or "").split(",") if row.languages else ())
        known = {"id": row.User.id, "name": row.User.name, "signs_in": bool(row.User.email)}
    end_reading()
    form = MemberForm(data=data)
    if form.validate_on_submit():
        try:
            operations.change_record(member_id, form.record(), me.id)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            flash(_("It is saved."), "success")
            return redirect(url_for("admin.member", member_id=member_id), 303)
    page = render_template("admin/member_form.html", form=form, member=known, common=len(languages.COMMON))
    return page, 422 if form.errors else 200


def found_member(member_id: int) -> User:
    """The member whom coordinators act on: not one who has left, nor a double that is part of another."""
    row = db.session.execute(roster.record_of(member_id)).one_or_none() or abort(404)
    user: User = row.User
    return user


def _shown(row: AnyRow) -> dict[str, Any]:
    user: User = row.User
    entries = db.session.execute(skill_queries.entries_of(user.id)).all()
    state = roster.state_of(user)
    return {
        "member": user,
        "record": row,
        "state": STATES[state],
        "is_waiting": state == roster.WAITING and bool(user.email),
        "languages": ", ".join(sorted(map(language_name, (row.languages or "").split(",")))) if row.languages else "",
        "offers": [entry for entry in entries if entry.kind == OFFER],
        "wants": [entry for entry in entries if entry.kind == WANT],
        "merges": db.session.execute(roster.merges_of(user.id)).all() if row.has_merges else [],
        "account": keeping.account_of(user.id) if is_on(HOURS) else None,
        "can": {
            "care": policy.can_care_for(me, user),
            "disable": policy.can_disable(me, user),
            "act": policy.can_act_for(me, user),
            "merge": policy.can_take_apart(me, user),
        },
    }


def _found(count: int) -> str:
    if count > roster.COUNTED:
        return _("1,000+ members")
    return ngettext("%(num)d member", "%(num)d members", count)
