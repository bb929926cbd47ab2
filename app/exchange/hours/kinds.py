"""What members are told of recorded hours, and the lines that two of them find in their chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

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


class Event(NamedTuple):
    """`notice` says it to one of the two, `line` to both in their chat.

    Both take name (who did it), helper, helped and time.
    """

    icon: str
    notice: Say
    line: Say


EVENTS = {
    ASKED: Event(
        "hourglass",
        lambda p: _("%(name)s says: I helped you for %(time)s. Please confirm it.", **p),
        lambda p: _("%(helper)s has written down %(time)s of help and asks %(helped)s to confirm it", **p),
    ),
    ASKED_FOR: Event(
        "hourglass",
        lambda p: _("%(helper)s helped %(helped)s for %(time)s. Please confirm it for %(helped)s.", **p),
        lambda p: _("%(helper)s has written down %(time)s of help; a coordinator is asked to confirm it", **p),
    ),
    PAID: Event(
        "clock",
        lambda p: _("%(name)s has recorded your help: %(time)s are yours.", **p),
        lambda p: _("%(helped)s has recorded %(time)s of help from %(helper)s", **p),
    ),
    PAID_FOR: Event(
        "clock",
        lambda p: _("%(name)s has recorded that %(helper)s helped %(helped)s for %(time)s.", **p),
        lambda p: _("%(name)s has recorded that %(helper)s helped %(helped)s for %(time)s", **p),
    ),
    ACCEPTED: Event(
        "circle-check",
        lambda p: _("%(name)s has confirmed that %(helper)s helped %(helped)s for %(time)s.", **p),
        lambda p: _("%(name)s has confirmed %(time)s of help from %(helper)s", **p),
    ),
    DECLINED: Event(
        "x",
        lambda p: _("%(name)s has declined that %(helper)s helped %(helped)s for %(time)s.", **p),
        lambda p: _("%(name)s has declined %(time)s of help from %(helper)s", **p),
    ),
    EXPIRED: Event(
        "hourglass",
        lambda p: _("Nobody has confirmed that %(helper)s helped %(helped)s for %(time)s: it has run out.", **p),
        lambda p: _("Nobody has confirmed %(time)s of help from %(helper)s: it has run out", **p),
    ),
    WITHDRAWN: Event(
        "x",
        lambda p: _("%(name)s has withdrawn that %(helper)s helped %(helped)s for %(time)s.", **p),
        lambda p: _("%(name)s has withdrawn %(time)s of help from %(helper)s", **p),
    ),
    REVERSED: Event(
        "arrow-back-up",
        lambda p: _("%(name)s has taken back that %(helper)s helped %(helped)s for %(time)s.", **p),
        lambda p: _("%(name)s has taken back %(time)s of help from %(helper)s", **p),
    ),
}


def line_kind(event: str) -> str:
    """The name under which a chat keeps a line about `event`."""
    return f"{HOURS}_{event}"


def words(params: Params) -> dict[str, str]:
    """What stands in the sentences, in the reader's language."""
    return {**{key: params[key] for key in ("name", "helper", "helped")}, "time": format_amount(params["minutes"])}


def _line(event: str) -> LineKind:
    said = EVENTS[event]
    return LineKind(line_kind(event), said.icon, lambda params: said.line(words(params)))


LINE_KINDS = tuple(_line(event) for event in EVENTS)
NOTICE_KINDS = (
    NoticeKind(
        HOURS,
        "clock",
        _l("Recorded hours"),
        lambda params: EVENTS[params["event"]].notice(words(params)),
        default=MAIL,
        help=_l("Help that somebody has written down, and what became of it."),
        feature=presets.HOURS,
    ),
)
