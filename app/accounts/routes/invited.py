"""Joining with an invitation, and asking for one."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app.accounts import admissions, emails, operations, throttle
from app.accounts.forms.fields import text_of
from app.accounts.forms.gate import SignUpForm
from app.accounts.forms.joining import AgreeingSignUpForm, RequestForm
from app.accounts.operations.credentials import LinkGone
from app.accounts.routes.blueprints import blueprint
from app.accounts.routes.browser import address, enter, form_page, language, remember_joining
from app.accounts.viewer import me, visit
from app.community.models import OPEN
from app.core.access import public
from app.core.db import AnyRow, db, end_reading, intending
from app.core.errors import DomainError


@blueprint.route("/join/<token>", methods=["GET", "POST"])
@public
def join(token: str) -> ResponseReturnValue:
    with intending("read"):
        invitation = db.session.execute(admissions.invitation_by(token)).one_or_none()
    end_reading()
    if me.is_authenticated:
        return redirect(url_for("home.index"), 303)
    if invitation is None:
        return gone()
    form = sign_up_form({"email": invitation.email or ""})
    if form.validate_on_submit():
        newcomer, mails = counted(form)
        try:
            return joined(newcomer, operations.join(newcomer, token))
        except LinkGone:
            db.session.rollback()
            return gone()
        except DomainError as error:
            db.session.rollback()
            throttle.take_back(db.session(), mails)
            db.session.commit()
            form.refuse(error)
    return join_page(form, token, invitation)


@blueprint.route("/invitation-request", methods=["GET", "POST"])
@public
def ask_for_invitation() -> ResponseReturnValue:
    """The answer is the same whether or not the address has an account."""
    form = RequestForm()
    if form.validate_on_submit():
        name, email = text_of(form.name), text_of(form.email)
        throttle.count(*throttle.asking_tries(emails.key(email), address()))
        try:
            operations.ask_for_invitation(name, email, text_of(form.note), language())
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
        else:
            db.session.commit()
            return render_template("accounts/invitation_asked.html", email=email)
    return form_page("accounts/ask_for_invitation.html", form)


def gone() -> ResponseReturnValue:
    open_to_all = visit().community.joining == OPEN
    return render_template("accounts/join_gone.html", form=RequestForm(None), open_to_all=open_to_all), 410


def sign_up_form(data: dict[str, str]) -> SignUpForm:
    """The form to join, which asks for agreement where there are terms."""
    terms_id = visit().community.terms_id
    return AgreeingSignUpForm(terms_id, data) if terms_id else SignUpForm(data=data)


def counted(form: SignUpForm) -> tuple[operations.Newcomer, list[int]]:
    """What was typed, and the tries for its mails: counted before the password is judged, which costs time.

    Whoever refuses the newcomer takes those tries back, because a refusal costs no mail.
    """
    email = text_of(form.email)
    by_address = throttle.Try(throttle.SIGN_UP_ADDRESS, throttle.network(address()))
    _by_address, *mails = throttle.count(by_address, *throttle.mail_tries(emails.key(email), address()))
    known = text_of(form.name), email, text_of(form.password), form.timezone.data, language()
    return operations.Newcomer(*known, terms_id=visit().community.terms_id), mails


def joined(newcomer: operations.Newcomer, done: operations.Joined) -> Response:
    """Straight in for who came by the mail to this very address; everybody else confirms the address first."""
    if done.member:
        enter(done.member)
        return redirect(url_for("skills.settings", welcome=1), 303)
    db.session.commit()
    remember_joining(newcomer.email, done.mark)
    return redirect(url_for("accounts.check_mail"), 303)


def join_page(form: SignUpForm, token: str, invitation: AnyRow) -> ResponseReturnValue:
    return form_page("accounts/join.html", form, token=token, invitation=invitation)
