"""Pages for developers; registered in development only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, FileField, PasswordField, RadioField, SelectField

from app.core.access import public
from app.core.clock import now
from app.core.forms import Form, LineField, LinesField, required
from app.core.paging import Page

blueprint = Blueprint("dev", __name__, url_prefix="/dev")


class SampleForm(Form):
    """One field of each kind."""

    name = LineField(_l("Name"), validators=[required(_l("Please type your name."))])
    password = PasswordField(_l("Password"), validators=[required(_l("Please choose a password."))])
    about = LinesField(_l("About you"))
    level = SelectField(_l("Level"), choices=[("1", _l("Beginner")), ("2", _l("Advanced"))])
    style = RadioField(_l("How you like to learn"), choices=[("do", _l("By doing")), ("read", _l("By reading"))])
    picture = FileField(_l("Picture"))
    terms = BooleanField(_l("I agree to the terms"), validators=[required(_l("Please agree to the terms."))])


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
        events=[_event("check", _l("Accepted"), "success", 1), _event("send", _l("Proposed"), "secondary", 50)],
    )


def _facet(n: int) -> dict[str, Any]:
    label = _l("Option %(number)d", number=n)
    return {"value": str(n), "label": label, "count_text": str(120 // n), "checked": n == 1}


def _event(icon: str, title: Any, tone: str, hours: int) -> dict[str, Any]:
    return {"icon": icon, "title": title, "text": "", "tone": tone, "at": now() - timedelta(hours=hours)}
