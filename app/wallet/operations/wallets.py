"""Wallets come into being when somebody needs them; two who need one at once get the same."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask_babel import gettext as _
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.community.models import CommunitySettings
from app.core import money
from app.core.clock import now
from app.core.db import db, dialect_name, locks_first
from app.core.errors import DomainError
from app.wallet import digests, owners
from app.wallet.kinds import MEMBER, floor_of
from app.wallet.limits import PersonalLimit
from app.wallet.models import LONGEST_OWNER, Wallet

USUAL: Final = "usual"


def member_wallet(user_id: int, currency: str = money.TIME) -> int:
    """The id of a member's wallet."""
    return wallet_for(MEMBER, owners.of_user(user_id), currency)


def wallet_for(kind: str, owner: str, currency: str, *, floor: int | str | None = USUAL) -> int:
    """The id of the wallet of `owner`, made when there is none yet, with `floor` or the kind's usual one.

    Raises ValueError for an owner, a kind or a currency that cannot be.
    """
    if not 0 < len(owner) <= LONGEST_OWNER or currency not in money.CURRENCIES:
        raise ValueError(f"no wallet for {owner!r} in {currency!r}")
    found = select(Wallet.id).where(Wallet.kind == kind, Wallet.owner == owner, Wallet.currency == currency)
    wallet_id = db.session.scalar(found)
    if wallet_id is None:
        usual = usual_floor(kind, owner, currency, lock=True)
        _make(kind, owner, currency, usual if isinstance(floor, str) else floor)
        wallet_id = db.session.scalars(found).one()
    return wallet_id


def usual_floor(kind: str, owner: str, currency: str, *, lock: bool = False) -> int | None:
    """How low a new wallet may fall: a member's hours to the personal limit or else to the community's credit limit.

    The lock keeps that limit as it is until the wallet is there: who changes it changes the floors of all wallets.
    """
    user_id = owners.user_of(owner) if kind == MEMBER and currency == money.TIME else None
    if user_id is None:
        return floor_of(kind)
    setting = select(CommunitySettings.credit_limit)
    common = db.session.scalars(setting.with_for_update(read=True) if lock else setting).one()
    personal = db.session.scalar(select(PersonalLimit.minutes).where(PersonalLimit.user_id == user_id))
    return -(common if personal is None else personal)


def lock(wallet_ids: Iterable[int]) -> None:
    """Takes the locks of several posts of one transaction at once, in the order in which `post` takes them.

    Without it two transactions of several posts each could wait for each other.
    """
    locks_first(db.session.connection())
    mine = select(Wallet.id).where(Wallet.id.in_(set(wallet_ids))).order_by(Wallet.id.desc())
    db.session.execute(mine.with_for_update(key_share=True)).all()


def set_floor(wallet_id: int, floor: int | None) -> None:
    """From now on the wallet may fall to `floor`, None without end. Raises DomainError when it is lower already."""
    lock([wallet_id])
    wallet = db.session.get_one(Wallet, wallet_id, populate_existing=True)
    if floor is not None and wallet.balance < floor:
        raise DomainError(_("The balance is lower than that already."), "floor")
    digest = digests.of_wallet(wallet.id, wallet.kind, wallet.owner, wallet.currency, floor, wallet.created_at)
    db.session.execute(update(Wallet).where(Wallet.id == wallet_id).values(floor=floor, digest=digest))


def _make(kind: str, owner: str, currency: str, floor: int | None) -> None:
    """The digest holds the id, so the id comes first."""
    on_sqlite = dialect_name() == "sqlite"
    wallet_id: int = db.session.scalars(
        # One writes at a time on SQLite, and wallets are never deleted: the next id is the next one.
        select(func.coalesce(func.max(Wallet.id), 0) + 1) if on_sqlite else select(func.nextval("wallets_id_seq"))
    ).one()
    created_at = now()
    row = {
        "id": wallet_id,
        "kind": kind,
        "owner": owner,
        "currency": currency,
        "floor": floor,
        "created_at": created_at,
        "digest": digests.of_wallet(wallet_id, kind, owner, currency, floor, created_at),
    }
    insert = sqlite_insert if on_sqlite else postgresql_insert
    db.session.execute(insert(Wallet).values(row).on_conflict_do_nothing(index_elements=["kind", "owner", "currency"]))
