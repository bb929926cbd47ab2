"""A list of members from elsewhere."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField

from app.core.forms import Form

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext


class UploadForm(Form):
    upload = FileField(_l("File"), validators=[FileRequired(_l("Choose a file first."))])


class NumbersForm(Form):
    """`moves` is "1" when members who are here give up numbers that the file has."""

    moves = HiddenField()
