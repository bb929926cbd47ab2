"""Pages for developers, registered in development only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, PasswordField, RadioField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice

from app.core import outbox
from app.core.access import public
from app.core.charts import Chart, step_chart
from app.core.clock import now
from app.core.db import db
from app.core.forms import Form, LineField, LinesField, required
from app.core.models import OutboxMail
from app.core.money import TIME, format_amount
from app.core.paging import Page

blueprint = Blueprint("dev", __name__, url_prefix="/dev")
# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
MAILS_SHOWN = 50


class SampleForm(Form):
    """One field of each kind."""

    name = LineField(_l("Your name"), validators=[required(_l("Tell us the name by which others may call you."))])
    password = PasswordField(_l("Password"), validators=[required(_l("Choose a password."))])
    about = LinesField(_l("About you"))
    level = SelectField(_l("Level"), choices=[SelectChoice("1", _l("Beginner")), SelectChoice("2", _l("Advanced"))])
    style = RadioField(
        _l("How you learn best"),
        choices=[SelectChoice("do", _l("Trying it myself")), SelectChoice("read", _l("Reading up on it"))],
    )
    picture = FileField(_l("Picture"))
    terms = BooleanField(_l("I have read the terms and agree to them"), validators=[required(_l("Tick at least one."))])


@blueprint.get("/components")
@public
def components() -> ResponseReturnValue:
    """Every component in each of its states."""
    refused = SampleForm(MultiDict(), prefix="refused", meta={"csrf": False})
    refused.validate()
    return render_template(
        "dev/components.html",
        form=SampleForm(formdata=None),
        refused=refused,
        page=Page([], next_url="#next", previous_url="#previous"),
        moments=[now() - timedelta(minutes=3), now() - timedelta(days=2), now() - timedelta(days=90)],
        facets=[_facet(n) for n in range(1, 11)],
        events=[_event("check", "Accepted", "success", 1), _event("send", "Proposed", "secondary", 50)],
        balances=_balances(),
        lines=[_line("Bob Brandt", 90, 240), _line("Community pot", -30, -60, state=str(_l("taken back")))],
    )


def _balances() -> Chart:
    points = [(0.0, 300), (0.2, 180), (0.45, -120), (0.7, -30), (0.9, 150)]
    summary = str(_l("A balance that falls below zero and comes back."))
    return step_chart(points, [60, 120, 180, 300], format_amount, ["Jan", "Jul", str(_l("today"))], summary)


def _line(name: str, amount: int, balance: int, state: str = "") -> dict[str, Any]:
    side = {"name": name, "user_id": 2 if amount > 0 else 0, "picture": "", "icon": "pig-money"}
    words = {"title": name, "text": "", "kind": str(_l("Gift")), "actor": "", "state": state}
    sums = {"amount": amount, "balance": balance, "currency": TIME}
    return {"transfer_id": 1, "at": now() - timedelta(hours=3), "side": side, **words, **sums}


def _facet(n: int) -> dict[str, Any]:
    label = f"Option {n}"
    return {"value": str(n), "label": label, "count_text": str(120 // n), "checked": n == 1}


def _event(icon: str, title: str, tone: str, hours: int) -> dict[str, Any]:
    return {"icon": icon, "title": title, "text": "", "tone": tone, "at": now() - timedelta(hours=hours)}


@blueprint.get("/mail")
@public
def mails() -> ResponseReturnValue:
    """The latest mails, the newest first, sent or not: nobody has to read a real mail box to try something."""
    newest = select(OutboxMail).order_by(OutboxMail.id.desc()).limit(MAILS_SHOWN)
    rows = [(mail, outbox.render(mail)) for mail in db.session.scalars(newest)]
    return render_template("dev/mails.html", rows=rows)


@blueprint.get("/mail/<int:mail_id>")
@public
def mail(mail_id: int) -> ResponseReturnValue:
    """One mail as it would be sent now, as text and as HTML; its links work."""
    row = db.session.get(OutboxMail, mail_id) or abort(404)
    rendered = outbox.render(row)
    body = Markup(_body(rendered.html)) if rendered else ""  # noqa: S704 our own template made it and escaped its values
    return render_template("dev/mail.html", mail=row, rendered=rendered, body=body)


def _body(page: str) -> str:
    """What stands inside <body>: a page cannot hold another one."""
    return page.partition("<body")[2].partition(">")[2].partition("</body>")[0]
