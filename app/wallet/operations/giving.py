"""Giving hours to a member, to an organisation or to the community pot; in one's own name or in an organisation's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.queries import Looking, visible_to
from app.core.db import AnyRow, db
from app.core.errors import DomainError
from app.core.money import TIME, format_amount
from app.notices.operations import tell_all
from app.wallet import kinds, owners, statements
from app.wallet.operations.moving import transfer
from app.wallet.operations.posting import FloorBroken, Posted
from app.wallet.operations.wallets import usual_floor, wallet_for
from app.wallet.organisations import Organisation, OrganisationMember, name_of, owner_of

SCOPE = "gift"
GIVEN = "hours_given"


@dataclass(frozen=True)
class Gift:
    """What somebody wants to give. Of `to_id` and `to_organisation_id` one is not 0; `from_organisation_id` 0 is the
    giver's own wallet."""

    minutes: int
    reason: str
    to_id: int = 0
    to_organisation_id: int = 0
    from_organisation_id: int = 0


@dataclass(frozen=True)
class Purse:
    """Where hours come from: as `name` says it, with what is in it and how low it may fall."""

    kind: str
    owner: str
    name: str
    balance: int
    floor: int
    organisation_id: int = 0

    @property
    def most(self) -> int:
        return max(0, self.balance - self.floor)


@dataclass(frozen=True)
class Receiver:
    """`user_ids` are told."""

    kind: str
    owner: str
    name: str
    user_ids: tuple[int, ...]
    organisation_id: int = 0


@dataclass(frozen=True)
class Plan:
    purse: Purse
    receiver: Receiver
    minutes: int

    @property
    def after(self) -> int:
        return self.purse.balance - self.minutes


class Gone(DomainError):
    """There is nobody whom it could be given to, as far as the giver may know."""


def purses_of(viewer: Looking) -> list[Purse]:
    """One's own first, then those of the organisations that one may act for."""
    shared = [_shared_purse(row) for row in db.session.execute(statements.organisations_of(viewer))]
    return [_own_purse(viewer), *shared]


def receiver_for(viewer: Looking, to_id: int, organisation_id: int) -> Receiver:
    """Raises Gone for nobody whom the viewer could know of, DomainError at `to` for who takes nothing now."""
    if organisation_id:
        return _organisation(organisation_id)
    if to_id == viewer.id:
        raise DomainError(_("You cannot give hours to yourself."), "to")
    told = select(User.id, User.name, User.paused_at).where(User.id == to_id, visible_to(viewer))
    member = db.session.execute(told).one_or_none()
    if member is None:
        raise Gone(_("There is no such member, or you cannot reach each other."), "to")
    if member.paused_at is not None:
        raise DomainError(_("%(name)s takes a break at the moment.", name=member.name), "to")
    return Receiver(kinds.MEMBER, owners.of_user(member.id), member.name, (member.id,))


def plan(viewer: Looking, gift: Gift) -> Plan:
    """What `give` would do as of now; writes nothing. Raises DomainError at the field at fault."""
    receiver = receiver_for(viewer, gift.to_id, gift.to_organisation_id)
    purse = _purse(viewer, gift.from_organisation_id)
    if purse.owner == receiver.owner:
        raise DomainError(_("Both sides are the same."), "to")
    if gift.minutes <= 0:
        raise DomainError(_("Choose more than nothing."), "hours")
    if gift.minutes > purse.most:
        raise DomainError(_("At most %(amount)s can be given from here.", amount=format_amount(purse.most)), "hours")
    return Plan(purse, receiver, gift.minutes)


def give(viewer: Looking, gift: Gift, key: str) -> Posted:
    """Passes the hours on and tells the receiver; the same `key` again gives nothing more.

    Raises DomainError at the field at fault.
    """
    planned = plan(viewer, gift)
    purse, receiver = planned.purse, planned.receiver
    from_id, to_id = wallet_for(purse.kind, purse.owner, TIME), wallet_for(receiver.kind, receiver.owner, TIME)
    try:
        posted = transfer(
            from_id,
            to_id,
            gift.minutes,
            kind=kinds.GIFT,
            text=gift.reason,
            actor_id=viewer.id,
            scope=SCOPE,
            key=f"{viewer.id}:{key}",
        )
    except FloorBroken as error:
        raise DomainError(_("Meanwhile there is not enough left for that."), "hours") from error
    # The wallets are locked now: whoever has left, blocked the other one or acts no more in the meantime is seen.
    receiver_for(viewer, gift.to_id, gift.to_organisation_id)
    _purse(viewer, gift.from_organisation_id)
    if posted.is_new:
        _tell(viewer, planned, gift.reason, posted.transfer_id)
    return posted


def _tell(viewer: Looking, planned: Plan, reason: str, transfer_id: int) -> None:
    """An organisation is named instead of the member who acts for it."""
    own = planned.purse.organisation_id == 0
    name = db.session.scalars(select(User.name).where(User.id == viewer.id)).one() if own else planned.purse.name
    params: dict[str, Any] = {
        "name": name,
        "to": planned.receiver.name if planned.receiver.organisation_id else "",
        "amount": planned.minutes,
        "currency": TIME,
        "text": reason,
    }
    url, key = f"/wallet/transfers/{transfer_id}", f"{SCOPE}:{transfer_id}"
    tell_all(planned.receiver.user_ids, GIVEN, params, url, key, actor_id=viewer.id)


def _purse(viewer: Looking, organisation_id: int) -> Purse:
    if not organisation_id:
        return _own_purse(viewer)
    row = db.session.execute(statements.organisation_for(viewer, organisation_id)).one_or_none()
    if row is None:
        raise DomainError(_("You do not act for this organisation."), "purse")
    return _shared_purse(row)


def _own_purse(viewer: Looking) -> Purse:
    found = [row for row in db.session.execute(statements.wallets_of(viewer)) if row.currency == TIME]
    owner = owners.of_user(viewer.id)
    if found:
        return Purse(kinds.MEMBER, owner, _("My hours"), found[0].balance, found[0].floor)
    return Purse(kinds.MEMBER, owner, _("My hours"), 0, usual_floor(kinds.MEMBER, owner, TIME) or 0)


def _shared_purse(row: AnyRow) -> Purse:
    name, owner = name_of(row.kind, row.name), owner_of(row.kind, row.id)
    return Purse(kinds.ORGANISATION, owner, name, row.balance, row.floor or 0, row.id)


def _organisation(organisation_id: int) -> Receiver:
    found = select(Organisation).where(Organisation.id == organisation_id, Organisation.closed_at.is_(None))
    organisation = db.session.scalar(found)
    if organisation is None:
        raise Gone(_("There is no such organisation."), "to")
    acting = select(OrganisationMember.user_id).where(OrganisationMember.organisation_id == organisation_id)
    return Receiver(
        kinds.ORGANISATION,
        owner_of(organisation.kind, organisation.id),
        name_of(organisation.kind, organisation.name),
        tuple(db.session.scalars(acting)),
        organisation.id,
    )
