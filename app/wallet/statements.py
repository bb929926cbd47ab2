"""Reading wallets for their pages: whose they are, their lines with both sides, what is set aside, and the year.

Everything takes the viewer first: one's own wallets, those of organisations that one may act for, and for coordinators
those of members who cannot sign in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    and_,
    case,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.accounts.queries import Looking, listed_for, visible_to
from app.core.db import AnyRow, AnySelect, db
from app.core.money import TIME
from app.core.text import fold, like_pattern
from app.wallet import kinds, owners
from app.wallet.models import Posting, Transfer, Wallet
from app.wallet.organisations import POT, Organisation, OrganisationMember

IN, OUT = "in", "out"
MOST_HELD = 20
LONGEST_NUMBER = 9
NEWEST = Posting.wallet_version.desc()


@dataclass(frozen=True)
class Filters:
    """Which lines of a statement: from `since` until before `until`, IN or OUT, of a kind, with somebody named so."""

    since: datetime | None = None
    until: datetime | None = None
    direction: str = ""
    kind: str = ""
    other: str = ""

    @property
    def any(self) -> bool:
        return self != Filters()


def reached_by(viewer: Looking) -> ColumnElement[bool]:
    """Wallets of the viewer, of organisations that the viewer may act for, and of members for whom the viewer acts."""
    mine = and_(Wallet.kind == kinds.MEMBER, Wallet.owner == owners.of_user(viewer.id))
    shared = and_(Wallet.kind == kinds.ORGANISATION, Wallet.owner.in_(_acted_for(viewer)))
    if not is_coordinator(viewer):
        return or_(mine, shared)
    theirs = select(literal(owners.USER).concat(cast(User.id, String))).where(_cannot_sign_in())
    return or_(mine, shared, and_(Wallet.kind == kinds.MEMBER, Wallet.owner.in_(theirs)))


def is_coordinator(viewer: Looking) -> bool:
    return getattr(viewer, "role", "") in ("moderator", "admin")


def offline_member_for(viewer: Looking, member_id: int) -> AnySelect:
    """A member who cannot sign in and for whom the viewer acts: id, name, and of the hours wallet_id, balance, floor;
    no row for anybody else."""
    told = (User.id, User.name, Wallet.id.label("wallet_id"), func.coalesce(Wallet.balance, 0).label("balance"))
    is_theirs = and_(Wallet.kind == kinds.MEMBER, Wallet.currency == TIME, Wallet.owner == owners.of_user(member_id))
    found = select(*told, Wallet.floor).outerjoin(Wallet, is_theirs)
    return found.where(User.id == member_id, _cannot_sign_in() if is_coordinator(viewer) else false())


def _cannot_sign_in() -> ColumnElement[bool]:
    return and_(User.email.is_(None), User.emptied_at.is_(None), User.merged_into_id.is_(None))


def wallets_of(viewer: Looking) -> AnySelect:
    """The viewer's own wallets, hours first: id, currency, balance, floor."""
    mine = select(Wallet.id, Wallet.currency, Wallet.balance, Wallet.floor).where(
        Wallet.kind == kinds.MEMBER, Wallet.owner == owners.of_user(viewer.id)
    )
    return mine.order_by(Wallet.currency != TIME, Wallet.currency)


def organisations_of(viewer: Looking) -> AnySelect:
    """What the viewer may act for, the pot first: id, kind, name, about, and of its hours wallet_id, balance."""
    told = (Organisation.id, Organisation.kind, Organisation.name, Organisation.about, Organisation.closed_at)
    return (
        select(*told, Wallet.id.label("wallet_id"), func.coalesce(Wallet.balance, 0).label("balance"), Wallet.floor)
        .join(OrganisationMember, OrganisationMember.organisation_id == Organisation.id)
        .outerjoin(Wallet, is_wallet_of(TIME))
        .where(OrganisationMember.user_id == viewer.id, Organisation.closed_at.is_(None))
        .order_by(Organisation.kind != POT, Organisation.name_key)
    )


def organisation_for(viewer: Looking, organisation_id: int) -> AnySelect:
    """One of `organisations_of`, with the same columns."""
    return organisations_of(viewer).where(Organisation.id == organisation_id)


def open_organisations() -> AnySelect:
    """Those that hours can be given to, the community pot first: id, kind, name, about."""
    told = (Organisation.id, Organisation.kind, Organisation.name, Organisation.about)
    listed = select(*told).where(Organisation.closed_at.is_(None))
    return listed.order_by(Organisation.kind != POT, Organisation.name_key)


def acting_for(organisation_id: int) -> AnySelect:
    """Who may act for an organisation: id, name, number, picture_id and since when, by name."""
    told = (User.id, User.name, User.number, User.picture_id, OrganisationMember.created_at)
    acting = select(*told).join(OrganisationMember, OrganisationMember.user_id == User.id)
    return acting.where(OrganisationMember.organisation_id == organisation_id).order_by(User.name_key, User.id)


def receivers(viewer: Looking, text: str) -> AnySelect:
    """Members whom the viewer may give to, found by a part of the name or by the number: id, name, picture_id, number,
    location."""
    told = (User.id, User.name, User.picture_id, User.number, User.location)
    members = select(*told).where(listed_for(viewer)).order_by(User.name_key, User.id)
    if not text:
        return members.where(false())
    named = User.name_key.like(like_pattern(fold(text)), escape="\\")
    is_number = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return members.where(or_(named, User.number == int(text)) if is_number else named)


def lines_of(viewer: Looking, wallet_id: int, wanted: Filters | None = None) -> AnySelect:
    """The postings of a wallet that the viewer reaches: wallet_version (the keyset), transfer_id, amount,
    balance_after, kind, text, url, created_at, reverses_id, reversed_by (a transfer's id), actor_id, actor (a name);
    the caller sorts and pages."""
    actor, later = aliased(User), aliased(Transfer)
    told = (Posting.wallet_version, Posting.transfer_id, Posting.amount, Posting.balance_after)
    said = (Transfer.kind, Transfer.text, Transfer.url, Transfer.created_at, Transfer.reverses_id, Transfer.actor_id)
    lines = (
        select(*told, *said, later.id.label("reversed_by"), actor.name.label("actor"))
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .join(Wallet, Wallet.id == Posting.wallet_id)
        .outerjoin(later, later.reverses_id == Transfer.id)
        .outerjoin(actor, actor.id == Transfer.actor_id)
        .where(Posting.wallet_id == wallet_id, reached_by(viewer))
    )
    return lines.where(*_conditions(wallet_id, wanted)) if wanted else lines


def sides_of(viewer: Looking, wallet_id: int, transfer_ids: Collection[int]) -> Sequence[AnyRow]:
    """Who is at the other side of these transfers of a wallet: transfer_id, kind and owner of the wallet there, the
    member's user_id, name, picture_id, emptied_at, is_visible, and organisation_kind, organisation.

    What passes through an escrow is told with its members: who set it aside, and who got it.
    """
    if not transfer_ids:
        return []
    found = union_all(_direct(wallet_id, transfer_ids), _through_escrow(wallet_id, transfer_ids)).subquery()
    user_id = case((found.c.kind == kinds.MEMBER, cast(func.substr(found.c.owner, len(owners.USER) + 1), BigInteger)))
    return db.session.execute(
        select(
            found.c.transfer_id,
            found.c.kind,
            found.c.owner,
            User.id.label("user_id"),
            User.name,
            User.picture_id,
            User.emptied_at,
            visible_to(viewer).label("is_visible"),
            Organisation.kind.label("organisation_kind"),
            Organisation.name.label("organisation"),
        )
        .outerjoin(User, User.id == user_id)
        .outerjoin(Organisation, and_(found.c.kind == kinds.ORGANISATION, owner_of_organisation() == found.c.owner))
        .order_by(found.c.transfer_id, found.c.is_through, found.c.wallet_id)
    ).all()


def held_by(viewer: Looking) -> AnySelect:
    """What the viewer has set aside and nobody has yet: amount, currency, text, url, created_at; the latest first."""
    mine, there = aliased(Wallet), aliased(Posting)
    left = case((-Posting.amount < Wallet.balance, -Posting.amount), else_=Wallet.balance)
    return (
        select(left.label("amount"), Wallet.currency, Transfer.text, Transfer.url, Transfer.created_at)
        .select_from(mine)
        .join(Posting, Posting.wallet_id == mine.id)
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .join(there, and_(there.transfer_id == Posting.transfer_id, there.wallet_id != Posting.wallet_id))
        .join(Wallet, Wallet.id == there.wallet_id)
        .where(mine.kind == kinds.MEMBER, mine.owner == owners.of_user(viewer.id))
        .where(Transfer.kind == kinds.HOLD, Wallet.kind == kinds.ESCROW, Wallet.balance > 0)
        .order_by(Posting.transfer_id.desc())
        .limit(MOST_HELD)
    )


def transfer_for(viewer: Looking, transfer_id: int) -> AnySelect:
    """A transfer from or to a wallet that the viewer reaches, as one line of `lines_of` with wallet_id, wallet_kind,
    wallet_owner and currency; one row for each such wallet, the viewer's own first, then members'."""
    actor, later = aliased(User), aliased(Transfer)
    said = (Transfer.kind, Transfer.text, Transfer.url, Transfer.created_at, Transfer.reverses_id, Transfer.currency)
    there = (Wallet.id.label("wallet_id"), Wallet.kind.label("wallet_kind"), Wallet.owner.label("wallet_owner"))
    return (
        select(Posting.transfer_id, Posting.amount, Posting.balance_after, Transfer.actor_id, *said, *there)
        .add_columns(later.id.label("reversed_by"), actor.name.label("actor"))
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .join(Wallet, Wallet.id == Posting.wallet_id)
        .outerjoin(later, later.reverses_id == Transfer.id)
        .outerjoin(actor, actor.id == Transfer.actor_id)
        .where(Transfer.id == transfer_id, reached_by(viewer))
        .order_by(Wallet.owner != owners.of_user(viewer.id), Wallet.kind != kinds.MEMBER, Wallet.id)
    )


def balances_since(wallet_id: int, since: datetime, most: int) -> AnySelect:
    """Each balance of a wallet with its moment and amount, the latest first, at most so many; for the chart."""
    return (
        select(Posting.amount, Posting.balance_after, Transfer.created_at)
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .where(Posting.wallet_id == wallet_id, Transfer.created_at >= since)
        .order_by(Posting.wallet_version.desc())
        .limit(most)
    )


def _acted_for(viewer: Looking) -> Any:
    """The owners of the wallets of organisations that the viewer may act for."""
    return (
        select(owner_of_organisation())
        .join(OrganisationMember, OrganisationMember.organisation_id == Organisation.id)
        .where(OrganisationMember.user_id == viewer.id, Organisation.closed_at.is_(None))
    )


def owner_of_organisation() -> ColumnElement[str]:
    numbered = literal(owners.ORGANISATION).concat(cast(Organisation.id, String))
    return case((Organisation.kind == POT, owners.COMMUNITY), else_=numbered)


def is_wallet_of(currency: str) -> ColumnElement[bool]:
    of_this = Wallet.owner == owner_of_organisation()
    return and_(Wallet.kind == kinds.ORGANISATION, Wallet.currency == currency, of_this)


def _direct(wallet_id: int, transfer_ids: Collection[int]) -> AnySelect:
    told = (Posting.transfer_id, Wallet.id.label("wallet_id"), Wallet.kind, Wallet.owner)
    return (
        select(*told, literal(0).label("is_through"))
        .join(Wallet, Wallet.id == Posting.wallet_id)
        .where(Posting.transfer_id.in_(transfer_ids), Posting.wallet_id != wallet_id)
    )


def _through_escrow(wallet_id: int, transfer_ids: Collection[int]) -> AnySelect:
    """The other members who set something aside in the same escrow or got it from there."""
    escrow, passed, there = aliased(Wallet), aliased(Posting), aliased(Posting)
    told = (Posting.transfer_id, Wallet.id.label("wallet_id"), Wallet.kind, Wallet.owner)
    return (
        select(*told, literal(1).label("is_through"))
        .distinct()
        .join(escrow, and_(escrow.id == Posting.wallet_id, escrow.kind == kinds.ESCROW))
        .join(passed, passed.wallet_id == escrow.id)
        .join(there, and_(there.transfer_id == passed.transfer_id, there.wallet_id != escrow.id))
        .join(Wallet, Wallet.id == there.wallet_id)
        .where(Posting.transfer_id.in_(transfer_ids), there.wallet_id != wallet_id)
    )


def _conditions(wallet_id: int, wanted: Filters) -> list[ColumnElement[bool]]:
    chosen: list[ColumnElement[bool]] = []
    if wanted.since:
        chosen.append(Transfer.created_at >= wanted.since)
    if wanted.until:
        chosen.append(Transfer.created_at < wanted.until)
    if wanted.direction:
        chosen.append(Posting.amount > 0 if wanted.direction == IN else Posting.amount < 0)
    if wanted.kind:
        chosen.append(Transfer.kind == wanted.kind)
    if wanted.other:
        chosen.append(_with_somebody(wallet_id, wanted.other))
    return chosen


def _with_somebody(wallet_id: int, text: str) -> ColumnElement[bool]:
    """Lines with a member or an organisation whose name contains `text`."""
    there, wallet = aliased(Posting), aliased(Wallet)
    pattern = like_pattern(fold(text))
    user_id = case((wallet.kind == kinds.MEMBER, cast(func.substr(wallet.owner, len(owners.USER) + 1), BigInteger)))
    named = exists().where(User.id == user_id, User.name_key.like(pattern, escape="\\"))
    shared = and_(wallet.kind == kinds.ORGANISATION, owner_of_organisation() == wallet.owner)
    organised = exists().where(shared, Organisation.name_key.like(pattern, escape="\\"))
    return exists().where(
        there.transfer_id == Posting.transfer_id,
        there.wallet_id != wallet_id,
        wallet.id == there.wallet_id,
        or_(named, organised),
    )
