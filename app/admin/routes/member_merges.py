"""Two members who are one person: choosing the other, looking at both side by side, and taking them apart again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import select

from app.accounts import operations, policy, roster
from app.accounts.models import User
from app.accounts.viewer import me, picture_url
from app.admin.forms.member_skills import id_in
from app.admin.routes.blueprint import blueprint
from app.admin.routes.members import LONGEST_SEARCH, STATES, found_member
from app.core.db import db
from app.core.errors import DomainError
from app.core.text import clean

_l: Any = lazy_gettext
LIKE = 20
LABELS = {
    "name": _l("Name"),
    "number": _l("Member number"),
    "email": _l("Sign-in and e-mail"),
    "phone": _l("Telephone"),
    "location": _l("Place"),
    "pronouns": _l("Pronouns"),
    "bio": _l("About"),
    "learning_style": _l("How the member learns best"),
    "coordinators_note": _l("Coordinators' note"),
    "picture": _l("Picture"),
}


@dataclass(frozen=True)
class Choice:
    """A field of both members; it is asked about where both have one and they differ."""

    name: str
    label: str
    mine: str
    theirs: str

    @property
    def asked(self) -> bool:
        return bool(self.mine and self.theirs) and self.mine != self.theirs


@blueprint.get("/members/<int:member_id>/merge")
def merge_member(member_id: int) -> ResponseReturnValue:
    """A search for the other one, and what would be kept once one is chosen."""
    kept = _kept(member_id)
    return _page(kept, id_in(request.args.get("other")), clean(request.args.get("q", kept.name))[:LONGEST_SEARCH])


@blueprint.post("/members/<int:member_id>/merge")
def merge_members(member_id: int) -> ResponseReturnValue:
    kept, other_id = _kept(member_id), id_in(request.form.get("other"))
    other = found_member(other_id)
    if not policy.can_merge(me, kept, other):
        abort(403)
    theirs = [name for name in operations.CHOICES if request.form.get(name) == "theirs"]
    try:
        operations.merge_members(member_id, other_id, me.id, theirs)
    except DomainError as error:
        db.session.rollback()
        return _page(_kept(member_id), other_id, "", error)
    db.session.commit()
    flash(_("They are one member now. For 30 days you can take them apart again."), "success")
    return redirect(url_for("admin.member", member_id=member_id), 303)


@blueprint.post("/members/<int:member_id>/merges/<int:merge_id>/parting")
def take_apart(member_id: int, merge_id: int) -> ResponseReturnValue:
    kept = found_member(member_id)
    if not policy.can_take_apart(me, kept):
        abort(403)
    merge = operations.take_apart(db.session.scalar(roster.merge_into(member_id, merge_id)) or abort(404), me.id)
    other = merge.duplicate_id
    db.session.commit()
    flash(_("They are two members again, each as before."), "success")
    return redirect(url_for("admin.member", member_id=other), 303)


def _kept(member_id: int) -> User:
    member = found_member(member_id)
    if not policy.can_take_apart(me, member):
        abort(403)
    return member


def _page(kept: User, other_id: int, text: str, refused: DomainError | None = None) -> ResponseReturnValue:
    other = db.session.scalar(
        select(User).where(
            User.id == other_id, User.id != kept.id, User.emptied_at.is_(None), User.merged_into_id.is_(None)
        )
    )
    if other and not policy.can_merge(me, kept, other):
        other = None
        refused = refused or DomainError(_("These two are an administrator's business: both sign in, or one is one."))
    like = roster.roster(text).where(User.id != kept.id).order_by(User.name_key, User.id).limit(LIKE)
    page = render_template(
        "admin/member_merge.html",
        member=kept,
        other=other,
        q=text,
        hits=[] if other else db.session.execute(like).all(),
        states=STATES,
        state_of=roster.state_of,
        choices=_choices(kept, other) if other else [],
        refused=refused.message if refused else "",
    )
    return page, refused.status if refused else 200


def _choices(kept: User, other: User) -> list[Choice]:
    return [Choice(name, str(label), _told(kept, name), _told(other, name)) for name, label in LABELS.items()]


def _told(user: User, name: str) -> str:
    if name == "picture":
        return picture_url(user.id, user.picture_id)
    return str(getattr(user, name) or "")
