"""What members are told of recorded hours, and the lines that two of them find in their chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.community import presets
from app.core.money import format_amount
from app.core.registry import LineKind, NoticeKind
from app.notices.models import MAIL

HOURS = "hours"
SCOPE = "hours"

ASKED, ASKED_FOR, PAID, PAID_FOR = "asked", "asked_for", "paid", "paid_for"
ACCEPTED, DECLINED, EXPIRED, WITHDRAWN, REVERSED = "accepted", "declined", "expired", "withdrawn", "reversed"

Params = dict[str, Any]
Say = Callable[[dict[str, str]], str]


ICONS: dict[str, str] = {
    ASKED: "hourglass",
    ASKED_FOR: "hourglass",
    PAID: "clock",
    PAID_FOR: "clock",
    ACCEPTED: "circle-check",
    DECLINED: "x",
    EXPIRED: "hourglass",
    WITHDRAWN: "x",
    REVERSED: "arrow-back-up",
}
# Each takes name (who did it), helper, helped and time. A notice says it to one of the two …
NOTICES: dict[str, Say] = {
    ASKED: lambda p: _("%(name)s says: I helped you for %(time)s. Please confirm it.", **p),
    ASKED_FOR: lambda p: _("%(helper)s helped %(helped)s for %(time)s. Please confirm it for %(helped)s.", **p),
    PAID: lambda p: _("%(name)s has recorded your help: %(time)s.", **p),
    PAID_FOR: lambda p: _("%(name)s has recorded that %(helper)s helped %(helped)s for %(time)s.", **p),
    ACCEPTED: lambda p: _("%(name)s has confirmed that %(helper)s helped %(helped)s for %(time)s.", **p),
    DECLINED: lambda p: _("%(name)s has declined that %(helper)s helped %(helped)s for %(time)s.", **p),
    EXPIRED: lambda p: _("Nobody has confirmed that %(helper)s helped %(helped)s for %(time)s: it has run out.", **p),
    REVERSED: lambda p: _("%(name)s has taken back that %(helper)s helped %(helped)s for %(time)s.", **p),
}
# … and a line to both, in their chat.
LINES: dict[str, Say] = {
    ASKED: lambda p: _("%(helper)s has written down %(time)s of help and asks %(helped)s to confirm it", **p),
    ASKED_FOR: lambda p: _("%(helper)s has written down %(time)s of help; a coordinator is asked to confirm it", **p),
    PAID: lambda p: _("%(helped)s has recorded %(time)s of help from %(helper)s", **p),
    PAID_FOR: lambda p: _("%(name)s has recorded that %(helper)s helped %(helped)s for %(time)s", **p),
    ACCEPTED: lambda p: _("%(name)s has confirmed %(time)s of help from %(helper)s", **p),
    DECLINED: lambda p: _("%(name)s has declined %(time)s of help from %(helper)s", **p),
    EXPIRED: lambda p: _("Nobody has confirmed %(time)s of help from %(helper)s: it has run out", **p),
    WITHDRAWN: lambda p: _("%(name)s has withdrawn %(time)s of help from %(helper)s", **p),
    REVERSED: lambda p: _("%(name)s has taken back %(time)s of help from %(helper)s", **p),
}


def line_kind(event: str) -> str:
    """The name under which a chat keeps a line about `event`."""
    return f"{HOURS}_{event}"


def words(params: Params) -> dict[str, str]:
    """What stands in the sentences, in the reader's language."""
    return {**{key: params[key] for key in ("name", "helper", "helped")}, "time": format_amount(params["minutes"])}


def notice_sentence(params: Params) -> str:
    return NOTICES[params["event"]](words(params))


def _line(event: str) -> LineKind:
    return LineKind(line_kind(event), ICONS[event], lambda params: LINES[event](words(params)))


LINE_KINDS = tuple(_line(event) for event in LINES)
NOTICE_KINDS = (
    NoticeKind(
        HOURS,
        "clock",
        _l("Recorded hours"),
        notice_sentence,
        default=MAIL,
        help=_l("Help that somebody has written down, and what became of it."),
        feature=presets.HOURS,
    ),
)
