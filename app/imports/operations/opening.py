"""Opening balances: what a member had in the old books is posted once, from `issue`, which holds the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from flask_babel import gettext as _
from sqlalchemy import Connection, exists, func, select
from sqlalchemy.orm import aliased

from app.community import presets
from app.community.operations import settings
from app.core.db import AnySelect, db
from app.core.errors import Conflict, DomainError
from app.core.money import TIME, format_amount
from app.imports.models import Import, ImportedMember
from app.imports.values import Person, whole_minutes
from app.wallet import kinds, owners
from app.wallet import operations as wallet
from app.wallet.limits import LARGEST_LIMIT, PersonalLimit
from app.wallet.models import Posting, Transfer, Wallet
from app.wallet.operations.founding import member_wallets

SCOPE = "opening"
BATCH = 1000


def are_counted() -> bool:
    """Whether this community counts hours; otherwise balances are kept aside until it does."""
    community = settings()
    return presets.is_on(presets.HOURS, community.preset, community.switches)


def unopened(known: Sequence[tuple[Person, int]]) -> list[tuple[Person, int]]:
    """Those who are here, bring a balance and have not brought one before."""
    owed = [(person, user_id) for person, user_id in known if whole_minutes(person.balance or 0)]
    if not owed or not are_counted():
        return []
    opened = set[int]()
    ids = [user_id for _person, user_id in owed]
    for start in range(0, len(ids), BATCH):
        opened |= set(db.session.scalars(_opened(ids[start : start + BATCH])))
    return [(person, user_id) for person, user_id in owed if user_id not in opened]


def open_books(batch: Import, actor_id: int, came: Sequence[tuple[Person, int]]) -> dict[int, int]:
    """Posts the balances of these members; the transfers by member. Whoever owes more than is allowed here gets a
    personal limit at just that."""
    owed = [(user_id, minutes) for person, user_id in came if (minutes := whole_minutes(person.balance or 0))]
    if not owed or not are_counted():
        return {}
    wallets = member_wallets(user_id for user_id, _minutes in owed)
    _let_owe(owed, wallets, actor_id)
    issue = wallet.wallet_for(kinds.ISSUE, owners.COMMUNITY, TIME)
    wallet.lock([issue, *wallets.values()])
    openings = {}
    for user_id, minutes in owed:
        legs = [(issue, -minutes), (wallets[user_id], minutes)]
        key = f"{batch.id}:{user_id}"
        openings[user_id] = wallet.post(
            legs, kind=kinds.OPENING, text="", actor_id=actor_id, scope=SCOPE, key=key
        ).transfer_id
    return openings


def close_books(batch: Import, actor_id: int) -> None:
    """Takes the opening balances of an import back. Raises Conflict when somebody has passed them on since."""
    mine = select(ImportedMember.opening_id).where(ImportedMember.import_id == batch.id)
    openings = [transfer_id for transfer_id in db.session.scalars(mine) if transfer_id is not None]
    if not openings:
        return
    touched = select(Posting.wallet_id).where(Posting.transfer_id.in_(mine)).distinct()
    wallet.lock(db.session.scalars(touched).all())
    for transfer_id in sorted(openings):
        try:
            wallet.reverse(transfer_id, text=_("The import was taken back"), actor_id=actor_id)
        except wallet.FloorBroken as error:
            raise Conflict(
                _("Somebody who came with this import has used the hours already. It cannot be undone any more.")
            ) from error


def check(connection: Connection) -> Iterator[tuple[str, str]]:
    """What was opened is what stood in the file."""
    gets = select(func.coalesce(func.sum(Posting.amount), 0)).join(Wallet, Wallet.id == Posting.wallet_id)
    mine = gets.where(Posting.transfer_id == ImportedMember.opening_id, Wallet.kind == kinds.MEMBER)
    told = select(
        ImportedMember.import_id,
        ImportedMember.user_id,
        ImportedMember.balance_seconds,
        mine.correlate(ImportedMember).scalar_subquery().label("minutes"),
    )
    for row in connection.execute(told.where(ImportedMember.opening_id.is_not(None))):
        brought = whole_minutes(row.balance_seconds or 0)
        if brought != row.minutes:
            name = f"imported_members {row.import_id}/{row.user_id}"
            yield name, f"it brought {brought} minutes, its opening has {row.minutes}"


def _let_owe(owed: Sequence[tuple[int, int]], wallets: dict[int, int], actor_id: int) -> None:
    debts = {wallets[user_id]: (user_id, minutes) for user_id, minutes in owed if minutes < 0}
    for wallet_id, balance, floor in _standing(list(debts)):
        user_id, minutes = debts[wallet_id]
        if floor is not None and balance + minutes < floor:
            if -(balance + minutes) > LARGEST_LIMIT:
                raise DomainError(_("Somebody would owe more than 10,000 hours. Nobody was taken in."))
            reason = _("Brought a balance of %(balance)s along.", balance=format_amount(minutes))
            _set_limit(user_id, wallet_id, -(balance + minutes), reason, actor_id)


def _set_limit(user_id: int, wallet_id: int, minutes: int, reason: str, actor_id: int) -> None:
    """As coordinators set one, but on record as part of the import: an entry about the member alone would keep the
    import from being undone."""
    wallet.set_floor(wallet_id, -minutes)
    limit = db.session.get(PersonalLimit, user_id) or PersonalLimit(user_id=user_id)
    limit.minutes, limit.reason, limit.set_by_id = minutes, reason, actor_id
    db.session.add(limit)


def _standing(wallet_ids: Sequence[int]) -> Iterator[tuple[int, int, int | None]]:
    for start in range(0, len(wallet_ids), BATCH):
        told = select(Wallet.id, Wallet.balance, Wallet.floor)
        for row in db.session.execute(told.where(Wallet.id.in_(wallet_ids[start : start + BATCH]))).all():
            yield row.id, row.balance, row.floor


def _opened(user_ids: Collection[int]) -> AnySelect:
    """Who of them has brought a balance that was not taken back."""
    back = aliased(Transfer)
    taken_back = exists().where(back.reverses_id == ImportedMember.opening_id)
    theirs = (ImportedMember.user_id.in_(user_ids), ImportedMember.opening_id.is_not(None))
    return select(ImportedMember.user_id).where(*theirs, ~taken_back)
