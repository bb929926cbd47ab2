"""What a coordinator announces, and to whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext
from wtforms import SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice

from app.admin.forms.version import VersionForm
from app.core.forms import LineField, LinesField, required
from app.notices.operations import Wording

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
ONE_OF_THEM: dict[str, Any] = {"invalid_choice_message": _l("Please choose one."), "default": ""}
ROLES = {"": _l("Everybody"), "member": _l("Members"), "moderator": _l("Moderators"), "admin": _l("Administrators")}
ANY = _l("Any")


class AnnouncementForm(VersionForm):
    title = LineField(_l("Title"), 120, validators=[required(_l("Give it a title."))])
    body = LinesField(_l("Text"), 5000, validators=[required(_l("Write what there is to say."))])
    role = SelectField(_l("Who"), choices=[SelectChoice(*pair) for pair in ROLES.items()], **ONE_OF_THEM)
    category = SelectField(_l("With skills in"), **ONE_OF_THEM)
    language = SelectField(_l("Who speak"), **ONE_OF_THEM)
    place_key = SelectField(_l("Who live in"), **ONE_OF_THEM)

    def offer(self, categories: Mapping[str, str], languages: Mapping[str, str], places: Mapping[str, str]) -> None:
        """What it can be narrowed down by: name by value."""
        choices = ((self.category, categories), (self.language, languages), (self.place_key, places))
        for field, names in choices:
            field.choices = [SelectChoice("", ANY), *(SelectChoice(*pair) for pair in names.items())]

    @property
    def wording(self) -> Wording:
        return Wording(
            title=self.title.data or "",
            body=self.body.data or "",
            category=self.category.data or "",
            language=self.language.data or "",
            place_key=self.place_key.data or "",
            role=self.role.data or "",
        )
