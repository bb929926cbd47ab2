"""What others ask about the wallets of members: what an export says, and whether hours can be switched off."""

from __future__ import annotations

from typing import Any

from flask_babel import ngettext
from sqlalchemy import exists, func, or_, select

from app.core.db import db
from app.core.money import TIME
from app.core.registry import InUse
from app.wallet import kinds, owners
from app.wallet.limits import PersonalLimit
from app.wallet.models import Posting, Transfer, Wallet
from app.wallet.organisations import Organisation, OrganisationMember

SHARED = (kinds.MEMBER, kinds.ORGANISATION)


def in_use() -> list[InUse]:
    """Hours that members have earned or owe: switched off, they would be lost from sight. What everybody was given
    at the start is no reason as long as nothing has moved since."""
    moved = exists().where(Transfer.currency == TIME, Transfer.kind != kinds.GRANT)
    held = select(func.count()).where(
        Wallet.currency == TIME, Wallet.balance != 0, or_(*(Wallet.kind == kind for kind in SHARED)), moved
    )
    count = db.session.scalar(held) or 0
    if not count:
        return []
    return [InUse(ngettext("%(num)d account with hours", "%(num)d accounts with hours", count))]


def export(user_id: int) -> dict[str, Any]:
    """A member's wallets with every line, organisations that the member acts for and the personal limit, as JSON-ready
    values. Amounts are in the smallest unit: minutes for hours."""
    mine = select(Wallet).where(Wallet.kind == kinds.MEMBER, Wallet.owner == owners.of_user(user_id))
    wallets = db.session.scalars(mine.order_by(Wallet.id)).all()
    acting = select(Organisation.name).join(OrganisationMember, OrganisationMember.organisation_id == Organisation.id)
    limit = db.session.get(PersonalLimit, user_id)
    return {
        "wallets": [
            {"currency": wallet.currency, "balance": wallet.balance, "floor": wallet.floor, "lines": _lines(wallet.id)}
            for wallet in wallets
        ],
        "acts_for": list(db.session.scalars(acting.where(OrganisationMember.user_id == user_id))),
        "personal_limit": {"minutes": limit.minutes, "reason": limit.reason} if limit else None,
    }


def _lines(wallet_id: int) -> list[dict[str, Any]]:
    told = (Transfer.id, Transfer.created_at, Transfer.kind, Transfer.text, Transfer.url)
    lines = (
        select(*told, Posting.amount, Posting.balance_after)
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .where(Posting.wallet_id == wallet_id)
        .order_by(Posting.wallet_version)
    )
    return [
        {
            "number": row.id,
            "at": row.created_at.isoformat(),
            "kind": row.kind,
            "text": row.text,
            "url": row.url,
            "amount": row.amount,
            "balance": row.balance_after,
        }
        for row in db.session.execute(lines)
    ]
