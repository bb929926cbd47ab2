"""What moderators send about a skill."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import HiddenField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice

from app.admin.forms.version import VersionForm
from app.core.db import db
from app.core.forms import LineField, LinesField, chosen, required
from app.skills.moderation import categories
from app.skills.spelling import LONGEST_NAME

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext


def category_choices() -> list[Any]:
    return [SelectChoice(str(row.id), row.name) for row in db.session.execute(categories())]


class CategoryForm(VersionForm):
    category = SelectField(_l("Category"), validators=[chosen(_l("Choose a category."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.category.choices = category_choices()

    @property
    def category_id(self) -> int:
        return int(self.category.data)


class AcceptanceForm(CategoryForm):
    name = LineField(_l("Name"), LONGEST_NAME, validators=[required(_l("Type the name of a skill."))])


class NameForm(VersionForm):
    name = LineField(_l("Name"), LONGEST_NAME, validators=[required(_l("Type the name of a skill."))])


class AliasForm(VersionForm):
    alias = LineField(_l("Another spelling"), LONGEST_NAME, validators=[required(_l("Type a spelling."))])


class MergeForm(VersionForm):
    into = HiddenField()


class DeclineForm(VersionForm):
    words = LinesField(_l("Why"), 500, validators=[required(_l("Say why: whoever proposed it reads this."))])
