"""What members are told of, and the lines that the site itself writes into a chat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.chats.operations.telling import NOTICE
from app.community import presets
from app.core.registry import NoticeKind
from app.notices.models import MAIL


def message_sentence(params: dict[str, Any]) -> str:
    return _("%(name)s wrote: %(excerpt)s", name=params["name"], excerpt=params["excerpt"])


NOTICE_KIND = NoticeKind(
    NOTICE,
    "message-circle",
    _l("Messages"),
    message_sentence,
    default=MAIL,
    help=_l("One mail for all that somebody wrote since you last looked, and none if you read it in time."),
    pause=timedelta(minutes=5),
    feature=presets.CHATS,
)
