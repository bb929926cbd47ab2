"""Corrections: a transfer is taken back by another one, with a reason, and whoever it concerns is told."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select

from app.core import audit
from app.core.db import AnyRow, AnySelect, db
from app.core.errors import Conflict, DomainError
from app.core.money import format_amount
from app.notices.operations import tell_all
from app.wallet import kinds, owners
from app.wallet.models import Posting, Transfer, Wallet
from app.wallet.operations.posting import FloorBroken, Posted
from app.wallet.operations.returning import give_back
from app.wallet.organisations import POT, Organisation, OrganisationMember

CORRECTED = "hours_corrected"
# Whatever else moves hours has a row of its own that would go on saying that it was paid.
REVERSIBLE = frozenset({kinds.GIFT, kinds.GRANT})


def take_back(transfer_id: int, reason: str, actor_id: int) -> Posted:
    """Reverses a transfer and tells both sides. Raises Conflict when it is not there, was taken back already or cannot
    be taken back here, DomainError when somebody has passed it on since."""
    transfer = db.session.scalar(select(Transfer).where(Transfer.id == transfer_id))
    if transfer is None or transfer.kind not in REVERSIBLE:
        raise Conflict(_("This is not corrected here, but where it was agreed or recorded."))
    if db.session.scalar(select(Transfer.id).where(Transfer.reverses_id == transfer_id)) is not None:
        raise Conflict(_("It was taken back already."))
    legs = db.session.execute(_legs(transfer_id)).all()
    try:
        posted = give_back(transfer_id, text=reason, actor_id=actor_id, url=f"/wallet/transfers/{transfer_id}")
    except FloorBroken as error:
        raise DomainError(passed_on(error.wallet_id)) from error
    audit.record("transfer-reversed", actor_id=actor_id, subject_id=None, detail=f"{transfer_id}: {reason}")
    for leg in legs:
        params = {"amount": -leg.amount, "currency": transfer.currency, "text": reason, "number": transfer_id}
        url, key = f"/wallet/transfers/{posted.transfer_id}", f"{CORRECTED}:{transfer_id}:{leg.wallet_id}"
        tell_all(_people(leg), CORRECTED, params, url, key)
    return posted


def _legs(transfer_id: int) -> AnySelect:
    told = (Posting.wallet_id, Posting.amount, Wallet.kind, Wallet.owner)
    return select(*told).join(Wallet, Wallet.id == Posting.wallet_id).where(Posting.transfer_id == transfer_id)


def _people(leg: AnyRow) -> list[int]:
    """The member, or everybody who acts for the organisation."""
    if leg.kind == kinds.MEMBER:
        return [owners.user_of(leg.owner) or 0]
    if leg.kind != kinds.ORGANISATION:
        return []
    is_it = Organisation.kind == POT
    if leg.owner != owners.COMMUNITY:
        is_it = Organisation.id == int(leg.owner.removeprefix(owners.ORGANISATION))
    acting = select(OrganisationMember.user_id).join(
        Organisation, Organisation.id == OrganisationMember.organisation_id
    )
    return list(db.session.scalars(acting.where(is_it)))


def passed_on(wallet_id: int) -> str:
    """Why what came to this wallet cannot be taken back any more."""
    told = select(Wallet.balance, Wallet.floor, Wallet.currency).where(Wallet.id == wallet_id)
    there = db.session.execute(told).one()
    left = format_amount(max(0, there.balance - (there.floor or 0)), there.currency)
    return _(
        "It has been passed on since: only %(left)s of it can be taken back. Raise the member's limit first, or wait.",
        left=left,
    )
