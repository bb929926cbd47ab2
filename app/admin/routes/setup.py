"""The first set-up, by a link that works once: what are you, name and place, rules, and you.

Whoever holds the link may come back after a break: each step is stored when it is done. Making the administrator
uses the link up; what follows (test mail, members) is done signed in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts import operations as accounts
from app.accounts.entering import enter
from app.accounts.viewer import visit
from app.admin.forms.community import JOINING_TEXTS, PRESET_TEXTS, PlaceForm, PresetForm, RulesForm, decided
from app.admin.forms.setup import YouForm
from app.community import operations, setup, switching
from app.core.access import public
from app.core.db import db
from app.core.errors import DomainError
from app.core.forms import Form
from app.skills import operations as skills

blueprint = Blueprint("setup", __name__)
FORMS: dict[str, type[Form]] = {
    setup.PRESET: PresetForm,
    setup.PLACE: PlaceForm,
    setup.RULES: RulesForm,
    setup.YOU: YouForm,
}
SAVE: dict[str, Callable[[Any], None]] = {
    setup.PRESET: lambda form: switching.choose_preset(form.preset.data),
    setup.PLACE: lambda form: _settle_in(decided(form)),
    setup.RULES: lambda form: operations.change_all(decided(form)),
}


@blueprint.get("/setup/<token>")
@public
def wizard(token: str) -> ResponseReturnValue:
    link = setup.link_of(token)
    if link is None:
        return _gone()
    asked = request.args.get("step", link.step)
    reached = setup.STEPS[: setup.STEPS.index(link.step) + 1]
    step = asked if asked in reached else link.step
    return _page(token, step, _form(step))


@blueprint.post("/setup/<token>")
@public
def take_step(token: str) -> ResponseReturnValue:
    step = request.form.get("step", "")
    if step not in setup.STEPS:
        abort(400)
    form = _form(step)
    if form.validate():
        try:
            return _settle(token, step, form)
        except DomainError as error:
            db.session.rollback()
            form.refuse(error)
    return _gone() if setup.link_of(token) is None else _page(token, step, form)


def _settle(token: str, step: str, form: Form) -> ResponseReturnValue:
    """Stores the step and leads to the next one. Raises DomainError for what cannot be taken."""
    if step == setup.YOU:
        return _make_administrator(token, form)
    if not setup.go_on(token, step):
        return _gone()
    SAVE[step](form)
    db.session.commit()
    next_step = setup.STEPS[setup.STEPS.index(step) + 1]
    return redirect(url_for("setup.wizard", token=token, step=next_step), 303)


def _settle_in(place: dict[str, str]) -> None:
    """The catalogue comes in the language of the community; whoever goes back and chooses another one gets it anew."""
    operations.change_all(place)
    skills.speak(place["locale"])


def _make_administrator(token: str, form: Any) -> ResponseReturnValue:
    """The slow part comes first; of two browsers with the same link one is let in, the other finds the link used."""
    admin = accounts.prepare_admin(
        form.name.data, form.email.data, form.password.data, form.timezone.data, visit().community.locale
    )
    if not setup.use(token):
        return _gone()
    enter(accounts.add_admin(admin))
    return redirect(url_for("admin.test_mail"), 303)


def _form(step: str) -> Form:
    sent = request.form if request.method == "POST" else None
    return FORMS[step](formdata=sent, data={} if step == setup.YOU else asdict(visit().community))


def _page(token: str, step: str, form: Form) -> ResponseReturnValue:
    number = setup.STEPS.index(step)
    page = render_template(
        f"admin/setup/{step}.html",
        form=form,
        step=step,
        number=number + 1,
        here=url_for("setup.wizard", token=token),
        back=url_for("setup.wizard", token=token, step=setup.STEPS[number - 1]) if number else "",
        joining_texts=JOINING_TEXTS,
        preset_texts=PRESET_TEXTS,
    )
    return page, 422 if form.errors else 200


def _gone() -> ResponseReturnValue:
    """The link was used, perhaps a moment ago in another browser, or its day is over."""
    db.session.rollback()
    return render_template("admin/setup/gone.html", is_set_up=accounts.has_admin()), 410
