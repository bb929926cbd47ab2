"""What members are told of, and the lines that exchanges write into a chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.community import presets
from app.core.registry import LineKind, NoticeKind
from app.notices.models import MAIL

POST_OVER = "post_over"
EXCHANGE = "exchange"

PROPOSED, COUNTERED, ACCEPTED, DECLINED = "proposed", "countered", "accepted", "declined"
WITHDRAWN, CANCELLED, EXPIRED, LAPSED = "withdrawn", "cancelled", "expired", "lapsed"
PLANNED, MOVED, CALLED_OFF = "planned", "moved", "called_off"
ASKED, CONFIRMED, DENIED, COMPLETED, NEVER_WAS = "asked", "confirmed", "denied", "completed", "never_was"
CORRECTED = "corrected"

Params = dict[str, Any]


def _about(params: Params) -> str:
    """What the exchange is about: "Spanish" or "Spanish for Python"."""
    about = params["about"]
    return _("%(one)s for %(other)s", one=about[0], other=about[1]) if len(about) == 2 else str(", ".join(about))


SENTENCES: dict[str, Callable[[Params], str]] = {
    PROPOSED: lambda p: _("%(name)s proposes an exchange: %(about)s", name=p["name"], about=_about(p)),
    COUNTERED: lambda p: _("%(name)s proposes it differently: %(about)s", name=p["name"], about=_about(p)),
    ACCEPTED: lambda p: _("%(name)s has agreed: %(about)s", name=p["name"], about=_about(p)),
    DECLINED: lambda p: _("%(name)s has declined: %(about)s", name=p["name"], about=_about(p)),
    WITHDRAWN: lambda p: _("%(name)s has withdrawn the proposal: %(about)s", name=p["name"], about=_about(p)),
    CANCELLED: lambda p: _("%(name)s has cancelled the exchange: %(about)s", name=p["name"], about=_about(p)),
    EXPIRED: lambda p: _("The proposal has run out unanswered: %(about)s", about=_about(p)),
    LAPSED: lambda p: _("Nothing came of the exchange, so it has ended: %(about)s", about=_about(p)),
    PLANNED: lambda p: _("%(name)s has set a time to meet: %(about)s", name=p["name"], about=_about(p)),
    MOVED: lambda p: _("%(name)s has changed when or where you meet: %(about)s", name=p["name"], about=_about(p)),
    CALLED_OFF: lambda p: _("%(name)s has called a meeting off: %(about)s", name=p["name"], about=_about(p)),
    ASKED: lambda p: _("How did it go? Please confirm: %(about)s", about=_about(p)),
    CONFIRMED: lambda p: _("%(name)s has confirmed what was done: %(about)s", name=p["name"], about=_about(p)),
    DENIED: lambda p: _("%(name)s says that it did not happen: %(about)s", name=p["name"], about=_about(p)),
    COMPLETED: lambda p: _("The exchange is completed: %(about)s", about=_about(p)),
    NEVER_WAS: lambda p: _("It did not happen, so the exchange has ended: %(about)s", about=_about(p)),
    CORRECTED: lambda p: _("What was paid for the exchange has been taken back: %(about)s", about=_about(p)),
}
ICONS = {
    PROPOSED: "arrows-exchange",
    COUNTERED: "arrows-exchange",
    ACCEPTED: "circle-check",
    DECLINED: "x",
    WITHDRAWN: "x",
    CANCELLED: "x",
    EXPIRED: "hourglass",
    LAPSED: "hourglass",
    PLANNED: "calendar-event",
    MOVED: "calendar-event",
    CALLED_OFF: "calendar-event",
    ASKED: "question-mark",
    CONFIRMED: "check",
    DENIED: "mood-empty",
    COMPLETED: "checks",
    NEVER_WAS: "mood-empty",
    CORRECTED: "arrow-back-up",
}


def line_kind(event: str) -> str:
    """The name under which a chat keeps a line about `event`."""
    return f"{EXCHANGE}_{event}"


def exchange_sentence(params: Params) -> str:
    return SENTENCES[params["event"]](params)


def post_over_sentence(params: Params) -> str:
    return _("Your post “%(title)s” has run out. You can put it up again.", title=params["title"])


LINE_KINDS = tuple(LineKind(line_kind(event), ICONS[event], said) for event, said in SENTENCES.items())
NOTICE_KINDS = (
    NoticeKind(
        EXCHANGE,
        "arrows-exchange",
        _l("Exchanges"),
        exchange_sentence,
        default=MAIL,
        help=_l("Proposals, answers, times to meet, and when something waits for you."),
        feature=presets.CHATS,
    ),
    NoticeKind(
        POST_OVER,
        "speakerphone",
        _l("Your posts"),
        post_over_sentence,
        help=_l("When one of your requests or offers has run out."),
        feature=presets.POSTS,
    ),
)
