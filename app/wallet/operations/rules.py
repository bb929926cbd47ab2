"""What coordinators decide about hours: what a new member starts with, and how far below zero who may go."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, String, cast, exists, func, literal, select, update
from sqlalchemy.orm import aliased

from app.accounts.models import User
from app.community import presets
from app.community.operations import locked, settings
from app.core import audit
from app.core.db import AnySelect, db
from app.core.errors import DomainError
from app.core.money import TIME, format_amount
from app.wallet import digests, kinds, owners
from app.wallet.limits import LARGEST_LIMIT, PersonalLimit
from app.wallet.models import Posting, Transfer, Wallet
from app.wallet.operations.moving import transfer
from app.wallet.operations.wallets import member_wallet, set_floor, wallet_for

START = "start"
LARGEST_START = 60_000
ROWS_AT_ONCE = 1000


@dataclass(frozen=True)
class Rules:
    """In minutes: what a new member is given, and how far below zero everybody may go."""

    starting_minutes: int
    credit_limit: int


def rules() -> Rules:
    row = settings()
    return Rules(row.starting_minutes, row.credit_limit)


def change_rules(wanted: Rules, actor_id: int) -> None:
    """The credit limit counts at once for everybody without a personal one.

    Raises DomainError at the field at fault, also when somebody is further below zero than the new limit.
    """
    if not 0 <= wanted.starting_minutes <= LARGEST_START:
        raise DomainError(_("Up to %(most)s, please.", most=format_amount(LARGEST_START)), "starting_minutes")
    if not 0 <= wanted.credit_limit <= LARGEST_LIMIT:
        raise DomainError(_("Up to %(most)s, please.", most=format_amount(LARGEST_LIMIT)), "credit_limit")
    row = locked()
    before = Rules(row.starting_minutes, row.credit_limit)
    if wanted == before:
        return
    row.starting_minutes, row.credit_limit = wanted.starting_minutes, wanted.credit_limit
    db.session.flush()
    if wanted.credit_limit != before.credit_limit:
        _move_floors(-wanted.credit_limit)
    audit.record("hour-rules", actor_id=actor_id, subject_id=None, detail=f"{before} to {wanted}")


def set_personal_limit(user_id: int, minutes: int, reason: str, actor_id: int) -> None:
    """From now on this member may go to −`minutes`, whatever holds for the others.

    Raises DomainError at the field at fault.
    """
    if not 0 <= minutes <= LARGEST_LIMIT:
        raise DomainError(_("Up to %(most)s, please.", most=format_amount(LARGEST_LIMIT)), "limit")
    locked()
    _set_floor(user_id, minutes)
    limit = db.session.get(PersonalLimit, user_id) or PersonalLimit(user_id=user_id)
    limit.minutes, limit.reason, limit.set_by_id = minutes, reason, actor_id
    db.session.add(limit)
    audit.record("personal-limit", actor_id=actor_id, subject_id=user_id, detail=f"{minutes}: {reason}")


def remove_personal_limit(user_id: int, actor_id: int) -> None:
    """What holds for everybody holds for this member again. Raises DomainError when the member is below that."""
    limit = db.session.get(PersonalLimit, user_id)
    if limit is None:
        return
    _set_floor(user_id, locked().credit_limit)
    db.session.delete(limit)
    audit.record("personal-limit-removed", actor_id=actor_id, subject_id=user_id)


def welcome(user_id: int) -> None:
    """What a new member starts with, once in a life; who has brought a balance along from elsewhere is not new."""
    row = settings()
    if not row.starting_minutes or not presets.is_on(presets.HOURS, row.preset, row.switches):
        return
    if db.session.scalar(_has_opening(user_id)) or db.session.scalar(_was_welcomed(user_id)):
        return
    issue = wallet_for(kinds.ISSUE, owners.COMMUNITY, TIME)
    transfer(
        issue,
        member_wallet(user_id),
        row.starting_minutes,
        kind=kinds.GRANT,
        text="",
        scope=START,
        key=str(user_id),
    )


def welcomed_twice(*user_ids: int) -> int:
    """Minutes that these, who are one person, were welcomed with beyond what a new member gets once."""
    back = aliased(Transfer)
    starts = (
        select(Posting.amount)
        .join(Transfer, Transfer.id == Posting.transfer_id)
        .where(Transfer.scope == START, Transfer.key.in_([str(user_id) for user_id in user_ids]), Posting.amount > 0)
        .where(~exists().where(back.reverses_id == Transfer.id))
        .order_by(Transfer.id)
    )
    amounts = list(db.session.scalars(starts))
    is_new = not any(db.session.scalar(_has_opening(user_id)) for user_id in user_ids)
    return sum(amounts[1:] if is_new else amounts)


def _was_welcomed(user_id: int) -> AnySelect:
    """Also with other hours than a new member starts with today."""
    return select(exists().where(Transfer.scope == START, Transfer.key == str(user_id)))


def _has_opening(user_id: int) -> AnySelect:
    mine = select(Posting.transfer_id).join(Wallet, Wallet.id == Posting.wallet_id)
    theirs = mine.where(Wallet.kind == kinds.MEMBER, Wallet.owner == owners.of_user(user_id), Wallet.currency == TIME)
    opened = theirs.join(Transfer, Transfer.id == Posting.transfer_id).where(Transfer.kind == kinds.OPENING)
    return select(opened.exists())


def _set_floor(user_id: int, minutes: int) -> None:
    try:
        set_floor(member_wallet(user_id), -minutes)
    except DomainError as error:
        balance = db.session.scalars(select(Wallet.balance).where(Wallet.id == member_wallet(user_id))).one()
        text = _("The balance is %(balance)s already: the limit cannot be less.", balance=format_amount(balance))
        raise DomainError(text, "limit") from error


def _move_floors(floor: int) -> None:
    """Of all wallets without a limit of their own, a thousand at a time, by descending id as posts lock them."""
    _refuse_lower_balances(floor)
    rows = db.session.execute(_common_wallets().limit(ROWS_AT_ONCE)).all()
    while rows:
        changed = [
            {
                "id": row.id,
                "floor": floor,
                "digest": digests.of_wallet(row.id, row.kind, row.owner, row.currency, floor, row.created_at),
            }
            for row in rows
        ]
        db.session.execute(update(Wallet), changed)
        rows = db.session.execute(_common_wallets().where(Wallet.id < rows[-1].id).limit(ROWS_AT_ONCE)).all()


def _common_wallets() -> AnySelect:
    told = (Wallet.id, Wallet.kind, Wallet.owner, Wallet.currency, Wallet.created_at)
    return select(*told).where(*_is_common()).order_by(Wallet.id.desc()).with_for_update(key_share=True)


def _is_common() -> tuple[ColumnElement[bool], ...]:
    """Members' hours that follow the community's limit; those of an account that was emptied follow nothing."""
    has_own = exists().where(Wallet.owner == literal(owners.USER).concat(cast(PersonalLimit.user_id, String)))
    is_empty = exists().where(
        User.emptied_at.is_not(None), Wallet.owner == literal(owners.USER).concat(cast(User.id, String))
    )
    return Wallet.kind == kinds.MEMBER, Wallet.currency == TIME, ~has_own, ~is_empty


def _refuse_lower_balances(floor: int) -> None:
    """A limit that some have passed would be a promise that is broken from the start."""
    count, lowest = db.session.execute(
        select(func.count(), func.min(Wallet.balance)).where(*_is_common(), Wallet.balance < floor)
    ).one()
    if count:
        text = ngettext(
            "%(num)d member is lower than that already: %(lowest)s. Give a personal limit first, or wait.",
            "%(num)d members are lower than that already, down to %(lowest)s. Give personal limits first, or wait.",
            count,
            lowest=format_amount(lowest),
        )
        raise DomainError(text, "credit_limit")
