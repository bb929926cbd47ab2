"""Invitations: mailed ones, links with a code to print, and the wishes of those who would like one."""

from __future__ import annotations

import io
from collections.abc import Callable

import segno
from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import admissions, operations, tokens
from app.accounts.invitations import Invitation
from app.accounts.operations.mails import absolute
from app.accounts.viewer import me
from app.admin.forms.admissions import DAYS, InviteForm, LinkForm
from app.admin.routes.blueprint import blueprint
from app.core.clock import now
from app.core.db import AnyRow, db
from app.core.errors import DomainError
from app.core.forms import Form
from app.core.paging import Key, page_of

ORDER = (Key(Invitation.created_at.expression, descending=True), Key(Invitation.id.expression, descending=True))


@blueprint.get("/invitations")
def invitations() -> ResponseReturnValue:
    page = page_of(admissions.invitations(), ORDER, lambda statement: db.session.execute(statement).all())
    moment = now()
    return render_template(
        "admin/invitations.html",
        page=page,
        states={row.id: admissions.state_of(row, moment) for row in page.items},
        wishes=db.session.scalars(admissions.wishes()).all(),
        address=url_for("admin.invitations"),
    )


@blueprint.route("/invitations/by-mail", methods=["GET", "POST"])
def invite() -> ResponseReturnValue:
    form = InviteForm()
    if form.validate_on_submit() and _done(form, lambda: _invite(form)):
        flash(_("The invitation is on its way."), "success")
        return redirect(url_for("admin.invitations"), 303)
    return _form_page("admin/invite.html", form)


@blueprint.route("/invitations/link", methods=["GET", "POST"])
def make_link() -> ResponseReturnValue:
    form = LinkForm()
    made: list[int] = []
    if form.validate_on_submit() and _done(form, lambda: made.append(_make_link(form))):
        flash(_("The link works from now on. Copy it, or print its code."), "success")
        return redirect(url_for("admin.invitation", invitation_id=made[0]), 303)
    return _form_page("admin/invitation_link.html", form)


@blueprint.get("/invitations/<int:invitation_id>")
def invitation(invitation_id: int) -> ResponseReturnValue:
    """A link with its code, to copy or to print."""
    row = _link(invitation_id)
    state = admissions.state_of(row, now())
    return render_template("admin/invitation.html", invitation=row, state=state, url=_url(row))


@blueprint.get("/invitations/<int:invitation_id>/code.svg")
def invitation_code(invitation_id: int) -> ResponseReturnValue:
    """The QR code of a link."""
    url = _url(_link(invitation_id)) or abort(404)
    drawing = io.BytesIO()
    segno.make(url, error="m", micro=False).save(drawing, kind="svg", scale=8, border=4, light="#fff", nl=False)
    return Response(drawing.getvalue(), mimetype="image/svg+xml")


@blueprint.post("/invitations/<int:invitation_id>/withdrawal")
def revoke_invitation(invitation_id: int) -> ResponseReturnValue:
    db.session.get(Invitation, invitation_id) or abort(404)
    operations.revoke(invitation_id, me.id)
    db.session.commit()
    flash(_("The invitation is withdrawn. Nobody comes in with it any more."), "success")
    return redirect(url_for("admin.invitations"), 303)


@blueprint.post("/invitation-requests/<int:wish_id>/invitation")
def grant_wish(wish_id: int) -> ResponseReturnValue:
    email = operations.grant(wish_id, me.id, DAYS)
    db.session.commit()
    flash(_("An invitation is on its way to %(email)s.", email=email), "success")
    return redirect(url_for("admin.invitations"), 303)


@blueprint.post("/invitation-requests/<int:wish_id>/dismissal")
def dismiss_wish(wish_id: int) -> ResponseReturnValue:
    operations.dismiss(wish_id, me.id)
    db.session.commit()
    flash(_("The message is taken away; nobody was told."), "success")
    return redirect(url_for("admin.invitations"), 303)


def _invite(form: InviteForm) -> None:
    operations.invite(me.id, form.email.data or "", form.note.data or "", form.days.data or 0)


def _make_link(form: LinkForm) -> int:
    known = (form.label.data or "", form.max_uses.data or 0, form.days.data or 0, form.allowed_domains.data or "")
    return operations.make_link(me.id, operations.Link(*known)).id


def _done(form: Form, operation: Callable[[], object]) -> bool:
    try:
        operation()
    except DomainError as error:
        db.session.rollback()
        form.refuse(error)
        return False
    db.session.commit()
    return True


def _form_page(template: str, form: Form) -> ResponseReturnValue:
    return render_template(template, form=form), 422 if form.errors else 200


def _link(invitation_id: int) -> AnyRow:
    """A link for many. A mailed invitation is shown to nobody: whoever has it has that address."""
    found = admissions.invitations().where(Invitation.id == invitation_id, Invitation.email.is_(None))
    return db.session.execute(found).one_or_none() or abort(404)


def _url(row: AnyRow) -> str:
    """The address of a link, "" when it cannot be made again because the site's secret has changed."""
    token = tokens.invitation_token(row.seed, row.token_hash)
    return absolute("accounts.join", token=token) if token else ""
