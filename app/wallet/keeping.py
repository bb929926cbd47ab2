"""What others ask about wallets: coordinators about limits, organisations and the books, exports and switches."""

from __future__ import annotations

from typing import Any

from flask_babel import ngettext
from sqlalchemy import BigInteger, and_, case, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.community.models import CommunitySettings
from app.core.db import AnyRow, AnySelect, db
from app.core.money import TIME
from app.core.registry import InUse
from app.wallet import kinds, owners
from app.wallet.checks import LedgerCheck
from app.wallet.limits import PersonalLimit
from app.wallet.models import Posting, Transfer, Wallet
from app.wallet.organisations import POT, Organisation, OrganisationMember
from app.wallet.statements import is_wallet_of, owner_of_organisation

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


def last_check() -> LedgerCheck | None:
    """The latest look at the books."""
    return db.session.scalar(select(LedgerCheck).order_by(LedgerCheck.id.desc()).limit(1))


def account_of(user_id: int) -> AnyRow:
    """What coordinators know of a member's hours, nothing of which is a line: balance, common_limit, and of a personal
    limit minutes (None without one), reason, set_by (a name), updated_at."""
    setter = aliased(User)
    mine = and_(Wallet.kind == kinds.MEMBER, Wallet.owner == owners.of_user(user_id), Wallet.currency == TIME)
    told = (PersonalLimit.minutes, PersonalLimit.reason, PersonalLimit.updated_at, setter.name.label("set_by"))
    return db.session.execute(
        select(CommunitySettings.credit_limit.label("common_limit"), func.coalesce(Wallet.balance, 0).label("balance"))
        .add_columns(*told)
        .select_from(CommunitySettings)
        .outerjoin(Wallet, mine)
        .outerjoin(PersonalLimit, PersonalLimit.user_id == user_id)
        .outerjoin(setter, setter.id == PersonalLimit.set_by_id)
    ).one()


def all_organisations() -> AnySelect:
    """For coordinators, the pot first: id, kind, name, about, closed_at, balance, acting (how many members)."""
    acting = select(func.count()).where(OrganisationMember.organisation_id == Organisation.id).scalar_subquery()
    told = (Organisation.id, Organisation.kind, Organisation.name, Organisation.about, Organisation.closed_at)
    return (
        select(*told, func.coalesce(Wallet.balance, 0).label("balance"), acting.label("acting"))
        .outerjoin(Wallet, is_wallet_of(TIME))
        .order_by(Organisation.closed_at.is_not(None), Organisation.kind != POT, Organisation.name_key)
    )


def sides_of_transfer(transfer_id: int) -> AnySelect:
    """For administrators who are asked to correct it: kind, text, url, created_at, currency, reversed_by, reverses_id,
    actor, and of each side amount, wallet_kind, wallet_owner, user_id, name, organisation_kind, organisation."""
    later, actor = aliased(Transfer), aliased(User)
    user_id = case((Wallet.kind == kinds.MEMBER, cast(func.substr(Wallet.owner, len(owners.USER) + 1), BigInteger)))
    return (
        select(
            *(Transfer.id, Transfer.kind, Transfer.text, Transfer.url, Transfer.created_at, Transfer.currency),
            *(Transfer.reverses_id, later.id.label("reversed_by"), actor.name.label("actor")),
            *(Posting.amount, Wallet.kind.label("wallet_kind"), Wallet.owner.label("wallet_owner")),
            *(User.id.label("user_id"), User.name),
            *(Organisation.kind.label("organisation_kind"), Organisation.name.label("organisation")),
        )
        .select_from(Transfer)
        .join(Posting, Posting.transfer_id == Transfer.id)
        .join(Wallet, Wallet.id == Posting.wallet_id)
        .outerjoin(User, User.id == user_id)
        .outerjoin(Organisation, and_(Wallet.kind == kinds.ORGANISATION, owner_of_organisation() == Wallet.owner))
        .outerjoin(later, later.reverses_id == Transfer.id)
        .outerjoin(actor, actor.id == Transfer.actor_id)
        .where(Transfer.id == transfer_id)
        .order_by(Posting.amount)
    )
