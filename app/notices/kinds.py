"""The kinds of notices: those that the features register, and the two of this package."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.community import presets
from app.community.operations import settings
from app.core.registry import NoticeKind, registry
from app.notices.models import MAIL, OFF

ANNOUNCEMENT, NEWS = "announcement", "news"


def announced(params: dict[str, Any]) -> str:
    return _("From the coordinators: %(title)s", title=params["title"])


def nothing(_params: dict[str, Any]) -> str:
    """The weekly news is a mail only: no line of it stands in the list."""
    return ""


OWN_KINDS = (
    NoticeKind(
        ANNOUNCEMENT,
        "speakerphone",
        _l("Announcements"),
        announced,
        default=MAIL,
        help=_l("What the coordinators have to say to everybody, or to those it is about."),
        mail=ANNOUNCEMENT,
    ),
    NoticeKind(
        NEWS,
        "news",
        _l("News of the week"),
        nothing,
        default=MAIL,
        help=_l("Who is new, and what can be learnt since last Monday. A week without news brings no mail."),
        channels=(MAIL, OFF),
    ),
)


def is_on(kind: NoticeKind) -> bool:
    """Whether the feature that `kind` goes with is switched on; also asked outside of requests."""
    if kind.feature not in registry().switches:
        return True
    community = settings()
    return presets.is_on(kind.feature, community.preset, community.switches)
