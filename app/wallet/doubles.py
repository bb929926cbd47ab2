"""Hours of a member who turned out to be another one: what the double had or owed is the kept member's now."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Table, select

from app.core.clock import now
from app.core.db import db
from app.core.doubles import copy_rows, take_back
from app.core.errors import Conflict
from app.core.money import TIME
from app.core.registry import Merger
from app.wallet import kinds, owners
from app.wallet.models import Wallet
from app.wallet.operations.moving import reverse, transfer
from app.wallet.operations.posting import FloorBroken
from app.wallet.operations.rules import welcomed_twice
from app.wallet.operations.wallets import lock, member_wallet, wallet_for
from app.wallet.organisations import OrganisationMember

SCOPE = "merge"
ACTING: Table = OrganisationMember.__table__  # type: ignore[assignment]


def merge(kept_id: int, duplicate_id: int) -> dict[str, Any]:
    """The lines stay where they were posted; one transfer a currency brings the balance over. Of two starting balances
    one goes back, unless it was spent.

    Raises Conflict when both together are further below zero than the kept member may be.
    """
    theirs = (Wallet.kind == kinds.MEMBER, Wallet.owner == owners.of_user(duplicate_id))
    found = db.session.execute(select(Wallet.id, Wallet.currency).where(*theirs)).all()
    own = [member_wallet(kept_id, row.currency) for row in found]
    issue = wallet_for(kinds.ISSUE, owners.COMMUNITY, TIME) if welcomed_twice(kept_id, duplicate_id) else None
    # Whatever is on its way into them arrives first, or finds the member gone.
    lock([*(row.id for row in found), *own, *([issue] if issue else [])])
    told = select(Wallet.id, Wallet.currency, Wallet.balance).where(*theirs)
    wallets = db.session.execute(told.order_by(Wallet.id)).all()
    moved = [_bring(kept_id, wallet.id, wallet.currency, wallet.balance) for wallet in wallets if wallet.balance]
    moved += _end_second_start(kept_id, duplicate_id, issue) if issue else []
    return {"transfers": moved, "acting": copy_rows(ACTING, "user_id", kept_id, duplicate_id)}


def take_apart(kept_id: int, duplicate_id: int, done: dict[str, Any]) -> None:
    """Raises Conflict when the kept member has not enough left to give it back."""
    take_back(ACTING, "user_id", kept_id, done["acting"])
    for transfer_id in reversed(done["transfers"]):
        try:
            reverse(transfer_id, text="")
        except FloorBroken as error:
            text = _("The hours that came with the double were spent since. Raise the member's limit first, or wait.")
            raise Conflict(text) from error


def _bring(kept_id: int, wallet_id: int, currency: str, balance: int) -> int:
    kept_wallet = member_wallet(kept_id, currency)
    sides = (wallet_id, kept_wallet) if balance > 0 else (kept_wallet, wallet_id)
    try:
        posted = transfer(
            *sides, abs(balance), text="", kind=kinds.ADJUSTMENT, scope=SCOPE, key=f"{wallet_id}:{now().isoformat()}"
        )
    except FloorBroken as error:
        text = _(
            "Together they are further below zero than the limit allows. Raise the limit of the one to keep first."
        )
        raise Conflict(text) from error
    return posted.transfer_id


def _end_second_start(kept_id: int, duplicate_id: int, issue: int) -> list[int]:
    minutes, key = welcomed_twice(kept_id, duplicate_id), f"start:{duplicate_id}:{now().isoformat()}"
    words = {"text": "", "kind": kinds.ADJUSTMENT, "scope": SCOPE, "key": key}
    with suppress(FloorBroken):
        return [transfer(member_wallet(kept_id), issue, minutes, **words).transfer_id]
    return []


MERGER = Merger(merge, take_apart)
