"""What members send from the pages of chats."""

from __future__ import annotations

import secrets
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, IntegerField, SelectField

# pyrefly: ignore[missing-module-attribute]  its own hints are those of an older WTForms
from wtforms.fields.choices import SelectChoice
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import HiddenInput

from app.chats.models import LONGEST_BODY
from app.chats.operations.keeping import A_WEEK, ALWAYS, EIGHT_HOURS
from app.core.forms import Form, LineField, LinesField, required

# WTForms takes whatever becomes text; its type hints want text from the start.
_l: Any = lazy_gettext
LARGEST_SEQ = 2**31 - 1


def new_token() -> str:
    return secrets.token_urlsafe(16)


class MessageForm(Form):
    """`client_token` is the page's name for this message: sent twice, it is the same one."""

    body = LinesField(_l("Message"), maximum=LONGEST_BODY)
    files = MultipleFileField(_l("Files"))
    client_token = LineField(maximum=40, widget=HiddenInput())


class FirstMessageForm(MessageForm):
    """It begins a chat, so it says something."""

    body = LinesField(_l("Message"), maximum=LONGEST_BODY, validators=[required(_l("Write something first."))])


class EditForm(Form):
    body = LinesField(_l("Message"), maximum=LONGEST_BODY, validators=[required(_l("Write something first."))])


class DraftForm(Form):
    body = LinesField(maximum=LONGEST_BODY)


class ReadForm(Form):
    """`looking` says whether the chat is on the screen."""

    seq = IntegerField(validators=[Optional(), NumberRange(0, LARGEST_SEQ)])
    looking = BooleanField()


class MuteForm(Form):
    how_long = SelectField(
        _l("For how long?"),
        choices=[
            SelectChoice(EIGHT_HOURS, _l("8 hours")),
            SelectChoice(A_WEEK, _l("1 week")),
            SelectChoice(ALWAYS, _l("Until I say otherwise")),
        ],
    )


class ReceiptsForm(Form):
    shown = BooleanField()
