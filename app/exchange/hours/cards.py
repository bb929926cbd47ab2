"""What pages show of recorded hours, put together from rows; addresses are made once, not for each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.viewer import Viewer, picture_url
from app.core.db import AnyRow
from app.exchange.hours import policy
from app.exchange.models.hours import DECLINED, EXPIRED, POSTED, REVERSED, WAITING, WITHDRAWN

STATES: dict[str, tuple[Any, str]] = {
    WAITING: (_l("waits for a yes"), "warning"),
    POSTED: (_l("recorded"), "success"),
    DECLINED: (_l("declined"), "danger"),
    EXPIRED: (_l("run out"), "secondary"),
    WITHDRAWN: (_l("withdrawn"), "secondary"),
    REVERSED: (_l("taken back"), "secondary"),
}


@dataclass(frozen=True)
class PairCard:
    """`minutes` have the sign that they have for the viewer; `who` is the other one, or the helper where the viewer is
    none of the two. `about` is the day, the category and the note."""

    id: int
    url: str
    version: int
    sentence: str
    about: str
    note: str
    minutes: int
    signed: bool
    state: str
    state_label: str
    tone: str
    reason: str
    recorder: str
    at: datetime
    who_id: int
    who: str
    picture: str
    can_answer: bool
    can_withdraw: bool
    can_take_back: bool
    is_moved: bool


@dataclass(frozen=True)
class PersonCard:
    """Somebody who can be chosen; `picture` is an address."""

    id: int
    name: str
    number: int
    place: str
    picture: str


def person_cards(rows: Iterable[AnyRow]) -> list[PersonCard]:
    return [PersonCard(row.id, row.name, row.number, row.location, picture_url(row.id, row.picture_id)) for row in rows]


def pair_cards(viewer: Viewer, rows: Iterable[AnyRow]) -> list[PairCard]:
    here = url_for("hours.index")
    return [_card(viewer, row, here) for row in rows]


def day_text(day: date) -> str:
    # Flask-Babel would move a bare date into the reader's zone, where it may be the day before.
    return format_date(day, "medium", rebase=False)


def _card(viewer: Viewer, row: AnyRow, here: str) -> PairCard:
    label, tone = STATES[row.state]
    side = "helped" if row.helper_id == viewer.id else "helper"
    who_id = row._mapping[f"{side}_id"]
    return PairCard(
        id=row.id,
        url=f"{here}/{row.record_id}",
        version=row.version,
        sentence=_sentence(viewer, row),
        about=" · ".join(filter(None, [day_text(row.done_on), row.category])),
        note=row.note,
        minutes=-row.minutes if row.helped_id == viewer.id else row.minutes,
        signed=viewer.id in (row.helper_id, row.helped_id),
        state=row.state,
        state_label=str(label),
        tone=tone,
        reason=row.reason or "",
        recorder=row.recorder if row.recorded_by_id != viewer.id else "",
        at=row.created_at,
        who_id=who_id,
        who=row._mapping[side],
        picture=picture_url(who_id, row._mapping[f"{side}_picture_id"]),
        can_answer=policy.can_answer(viewer, row),
        can_withdraw=policy.can_withdraw(viewer, row),
        can_take_back=policy.can_take_back(viewer, row),
        is_moved=row.state == POSTED,
    )


def _sentence(viewer: Viewer, row: AnyRow) -> str:
    if row.helper_id == viewer.id:
        return _("You helped %(name)s", name=row.helped)
    if row.helped_id == viewer.id:
        return _("%(name)s helped you", name=row.helper)
    return _("%(helper)s helped %(helped)s", helper=row.helper, helped=row.helped)
