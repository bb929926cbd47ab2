"""What members are told about their hours."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from app.community import presets
from app.core.money import format_amount
from app.core.registry import NoticeKind
from app.notices.models import MAIL
from app.wallet.operations.checking import FOUND
from app.wallet.operations.correcting import CORRECTED
from app.wallet.operations.giving import GIVEN
from app.wallet.operations.sharing import NAMED
from app.wallet.organisations import name_of

Params = dict[str, Any]


def given_sentence(params: Params) -> str:
    said = {
        "name": params["name"],
        "amount": format_amount(params["amount"], params["currency"]),
        "text": params["text"],
    }
    if params["to"]:
        return _("%(name)s gave %(to)s %(amount)s: %(text)s", to=params["to"], **said)
    return _("%(name)s gave you %(amount)s: %(text)s", **said)


def corrected_sentence(params: Params) -> str:
    said = {"number": params["number"], "text": params["text"]}
    amount = format_amount(params["amount"], params["currency"], signed=True)
    return _("Line no. %(number)s was taken back, %(amount)s for you: %(text)s", amount=amount, **said)


def named_sentence(params: Params) -> str:
    return _("You may act for %(name)s now, and give hours in its name.", name=name_of(params["kind"], params["name"]))


def found_sentence(params: Params) -> str:
    return ngettext(
        "The check of the books has found %(num)d thing that does not fit.",
        "The check of the books has found %(num)d things that do not fit.",
        params["count"],
    )


NOTICE_KINDS = (
    NoticeKind(
        GIVEN,
        "gift",
        _l("Hours that you get"),
        given_sentence,
        default=MAIL,
        help=_l("When somebody gives hours to you, or to an organisation that you act for."),
        feature=presets.HOURS,
    ),
    NoticeKind(
        CORRECTED,
        "arrow-back-up",
        _l("Corrections"),
        corrected_sentence,
        default=MAIL,
        help=_l("When an administrator takes a line of your statement back."),
        feature=presets.HOURS,
    ),
    NoticeKind(
        NAMED,
        "building",
        _l("Organisations"),
        named_sentence,
        help=_l("When you may act for an organisation or for the community pot."),
        feature=presets.HOURS,
    ),
    NoticeKind(
        FOUND,
        "scale",
        _l("Check of the books"),
        found_sentence,
        default=MAIL,
        help=_l("When the hourly check finds something that does not fit."),
        feature=presets.HOURS,
        roles=frozenset({"admin"}),
    ),
)
