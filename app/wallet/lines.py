"""Lines of a statement as pages draw them: who was at the other side, in the reader's words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.queries import Looking
from app.accounts.viewer import picture_url
from app.core.db import AnyRow
from app.core.money import TIME
from app.wallet import kinds, statements
from app.wallet.organisations import POT, name_of

NAMED = 2
ICONS = {
    kinds.GIFT: "gift",
    kinds.EXCHANGE: "arrows-exchange",
    kinds.HOLD: "lock",
    kinds.RELEASE: "arrows-exchange",
    kinds.REFUND: "arrow-back-up",
    kinds.GRANT: "sparkles",
    kinds.OPENING: "archive",
    kinds.REVERSAL: "arrow-back-up",
}


@dataclass(frozen=True)
class Side:
    """`url` leads to the member's page, "" where the reader may not see it; without `user_id` the `icon` is drawn."""

    name: str
    url: str = ""
    user_id: int = 0
    picture: str = ""
    icon: str = ""


@dataclass(frozen=True)
class Line:
    """One posting; `title` names the other side, `actor` who did it for somebody else, `state` what became of it."""

    transfer_id: int
    at: datetime
    title: str
    side: Side
    kind: str
    icon: str
    text: str
    url: str
    amount: int
    balance: int
    currency: str
    actor: str = ""
    state: str = ""


def drawn(
    viewer: Looking, wallet_id: int, rows: Sequence[AnyRow], currency: str = TIME, *, member_id: int = 0
) -> list[Line]:
    """Lines for rows of `statements.lines_of` one wallet, in their order; asks once for all of their other sides.
    `member_id` is whose wallet it is if not the viewer's: the member for whom it is printed."""
    others = sides(statements.sides_of(viewer, wallet_id, [row.transfer_id for row in rows]))
    return [line_of(row, others[row.transfer_id], member_id or viewer.id, currency) for row in rows]


def line_of(row: Any, others: list[Side], reader_id: int, currency: str) -> Line:
    """Who reads knows what they did themselves, and that the other side of a line did it."""
    return Line(
        transfer_id=row.transfer_id,
        at=row.created_at,
        title=joined([side.name for side in others]),
        side=others[0],
        kind=str(kinds.TRANSFER_LABELS[row.kind]),
        icon=ICONS.get(row.kind, "transfer"),
        text=row.text,
        url=row.url,
        amount=row.amount,
        balance=row.balance_after,
        currency=currency,
        actor=row.actor if row.actor and row.actor_id not in (reader_id, others[0].user_id) else "",
        state=_("taken back") if row.reversed_by else "",
    )


def sides(rows: Iterable[AnyRow]) -> defaultdict[int, list[Side]]:
    """By transfer, from rows of `statements.sides_of`; a transfer without any was with the community itself."""
    found: defaultdict[int, list[AnyRow]] = defaultdict(list)
    for row in rows:
        found[row.transfer_id].append(row)
    told: defaultdict[int, list[Side]] = defaultdict(lambda: [_community()])
    for transfer_id, others in found.items():
        people = [row for row in others if row.kind != kinds.ESCROW]
        told[transfer_id] = [_side(row) for row in people] or [Side(_("Set aside"), icon="lock")]
    return told


def joined(names: Sequence[str]) -> str:
    """ "Alice, Bob and 2 others"."""
    if len(names) <= NAMED:
        return _("%(one)s and %(other)s", one=names[0], other=names[1]) if len(names) == NAMED else names[0]
    rest = len(names) - NAMED
    named = ", ".join(names[:NAMED])
    return ngettext("%(names)s and %(num)d other", "%(names)s and %(num)d others", rest, names=named)


def _side(row: AnyRow) -> Side:
    if row.kind == kinds.ORGANISATION and row.organisation:
        icon = "pig-money" if row.organisation_kind == POT else "building"
        return Side(name_of(row.organisation_kind, row.organisation), icon=icon)
    if row.user_id is None:
        return _community()
    if row.emptied_at is not None:
        return Side(_("Former member"), icon="user")
    url = f"/members/{row.user_id}" if row.is_visible else ""
    return Side(row.name, url, row.user_id, picture_url(row.user_id, row.picture_id))


def _community() -> Side:
    return Side(_("Community"), icon="building-community")
