"""The base of every form: text is cleaned as it arrives, and what no column takes is refused at its field."""

from __future__ import annotations

from typing import Any, cast

from flask import request
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict
from wtforms import DateField, Field, FileField, HiddenField, StringField, TextAreaField
from wtforms.form import BaseForm
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from app.core.errors import DomainError
from app.core.text import FORBIDDEN, clean, clean_lines, has_forbidden, printable, turns_the_line

__all__ = ["DayField", "Form", "LineField", "LinesField", "chosen", "required", "shown_number"]

CHOOSE = lazy_gettext("Please choose one.")


class Form(FlaskForm):
    """A form of ours; `refuse` puts an operation's error where the member can mend it.

    WTForms' own sentences come in the reader's language too: Flask-WTF asks Flask-Babel for it.
    """

    class Meta(FlaskForm.Meta):
        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            """Files reach forms with a field for files only: no text field has to expect one. JSON is no form."""
            if request and request.is_json and formdata is not None:
                return request.form
            wrapped = super().wrap_formdata(form, formdata)
            if isinstance(wrapped, CombinedMultiDict) and not any(isinstance(f, FileField) for f in form):
                return request.form
            return wrapped

    def validate(self, extra_validators: Any = None) -> bool:
        """What was typed into a number or a day, or sent hidden, is shown again without what no page can hold.

        Only when it was judged: what is wrong because of it would be right without it.
        """
        is_valid = bool(super().validate(extra_validators))
        for field in self:
            if field.raw_data:
                field.raw_data = [_showable(value) for value in field.raw_data]
            if isinstance(field, HiddenField):
                field.data = _showable(field.data)
        return is_valid

    def refuse(self, error: DomainError) -> None:
        """Shows `error` at the field it names, or at the top."""
        target = self._fields.get(error.field)
        if target is None:
            self.form_errors.append(error.message)
        else:
            target.errors = [*target.errors, error.message]


def _showable(value: Any) -> Any:
    return FORBIDDEN.sub("", value) if isinstance(value, str) else value


class LineField(StringField):
    """One line of text, at most `maximum` characters."""

    cleaner = staticmethod(clean)

    def __init__(self, label: Any = None, maximum: int = 200, validators: Any = (), **kwargs: Any) -> None:
        self.maximum = maximum
        too_long = lazy_gettext("At most %(max)d characters, please.", max=maximum)
        super().__init__(label, [*validators, Length(max=maximum, message=cast("str", too_long))], **kwargs)

    def process_formdata(self, valuelist: list[Any]) -> None:
        raw = valuelist[0] if valuelist and isinstance(valuelist[0], str) else ""
        self.forbidden = has_forbidden(raw) or turns_the_line(raw)
        self.data = self.cleaner(printable(raw))

    def pre_validate(self, form: Any) -> None:
        if getattr(self, "forbidden", False):
            text = gettext("There was a character in it that cannot be stored (an invisible character). It is out now.")
            raise ValidationError(text)


class LinesField(LineField, TextAreaField):
    """Several lines of text, at most `maximum` characters."""

    cleaner = staticmethod(clean_lines)


class DayField(DateField):
    """A day; what was typed is shown again without what no page can hold."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.raw_data = ["".join(sign for sign in str(value) if not has_forbidden(sign)) for value in valuelist]
        super().process_formdata(valuelist)


def shown_number(field: Field) -> int:
    """The number that a hidden field brought back from the page, -1 for what is none."""
    text = str(field.data or "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def required(message: Any) -> DataRequired:
    """Something must be typed; `message` says what."""
    return DataRequired(message=message)


def chosen(message: Any = CHOOSE) -> InputRequired:
    return InputRequired(message=message)
