"""Organisations, and who may act for them and for the community pot."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import IntegrityError

from app.accounts import names
from app.accounts.models import User
from app.core import audit
from app.core.clock import now
from app.core.db import db, dialect_name
from app.core.errors import Conflict, DomainError
from app.core.money import TIME
from app.core.text import fold
from app.notices.operations import tell
from app.wallet import kinds, owners
from app.wallet.models import Wallet
from app.wallet.operations.moving import transfer
from app.wallet.operations.wallets import lock, wallet_for
from app.wallet.organisations import POT, Organisation, OrganisationMember, owner_of

NAMED = "organisation_named"
CLOSING = "organisation-closed"


def found(name: str, about: str, actor_id: int) -> Organisation:
    """A new organisation; nobody acts for it yet. Raises DomainError at the name."""
    organisation = Organisation(about=about)
    _name(organisation, name)
    audit.record("organisation-added", actor_id=actor_id, subject_id=None, detail=f"{organisation.id} {name}")
    return organisation


def change(organisation: Organisation, name: str, about: str, actor_id: int) -> None:
    """The pot keeps its name. Raises DomainError at the name."""
    if organisation.kind != POT and name != organisation.name:
        _name(organisation, name)
    organisation.about = about
    audit.record("organisation-changed", actor_id=actor_id, subject_id=None, detail=f"{organisation.id} {name}")


def name_member(organisation: Organisation, user_id: int, actor_id: int) -> None:
    """From now on the member may act for the organisation, and is told so. Raises DomainError at `member`."""
    if organisation.closed_at is not None:
        raise Conflict(_("This organisation is closed."))
    member = db.session.scalar(select(User).where(User.id == user_id, User.is_visible, User.email.is_not(None)))
    if member is None:
        raise DomainError(_("Choose a member who can sign in."), "member")
    insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
    row = {"organisation_id": organisation.id, "user_id": user_id, "named_by_id": actor_id, "created_at": now()}
    added = insert(OrganisationMember).values(row).on_conflict_do_nothing().returning(OrganisationMember.user_id)
    if db.session.scalar(added) is None:
        return
    _note("organisation-member-named", organisation, user_id, actor_id)
    url = f"/organisations/{organisation.id}"
    params = {"kind": organisation.kind, "name": organisation.name}
    tell(user_id, NAMED, params, url, f"{NAMED}:{organisation.id}:{row['created_at'].isoformat()}", actor_id=actor_id)


def remove_member(organisation: Organisation, user_id: int, actor_id: int) -> None:
    mine = (OrganisationMember.organisation_id == organisation.id, OrganisationMember.user_id == user_id)
    if db.session.scalar(delete(OrganisationMember).where(*mine).returning(OrganisationMember.user_id)) is not None:
        _note("organisation-member-removed", organisation, user_id, actor_id)


def close(organisation: Organisation, actor_id: int) -> None:
    """Nobody acts for it any more; what it has goes to the community pot. Raises Conflict for the pot and for debts."""
    if organisation.kind == POT:
        raise Conflict(_("The community pot stays."))
    if organisation.closed_at is not None:
        return
    wallet_id = wallet_for(kinds.ORGANISATION, owner_of(organisation.kind, organisation.id), TIME)
    lock([wallet_id])
    balance = db.session.scalars(select(Wallet.balance).where(Wallet.id == wallet_id)).one()
    moment = now()
    if balance > 0:
        transfer(
            wallet_id,
            pot_wallet(),
            balance,
            text=organisation.name,
            actor_id=actor_id,
            scope=CLOSING,
            key=f"{organisation.id}:{moment.isoformat()}",
        )
    organisation.closed_at = moment
    audit.record("organisation-closed", actor_id=actor_id, subject_id=None, detail=str(organisation.id))


def reopen(organisation: Organisation, actor_id: int) -> None:
    organisation.closed_at = None
    audit.record("organisation-reopened", actor_id=actor_id, subject_id=None, detail=str(organisation.id))


def pot_wallet(currency: str = TIME) -> int:
    """The id of the community pot's wallet."""
    return wallet_for(kinds.ORGANISATION, owners.COMMUNITY, currency)


def _name(organisation: Organisation, name: str) -> None:
    names.require_good(name)
    organisation.name, organisation.name_key = name, fold(name)[:180]
    try:
        with db.session.begin_nested():
            db.session.add(organisation)
    except IntegrityError as error:
        raise DomainError(_("There is an organisation of this name already."), "name") from error


def _note(action: str, organisation: Organisation, user_id: int, actor_id: int) -> None:
    audit.record(action, actor_id=actor_id, subject_id=user_id, detail=f"{organisation.id} {organisation.name}")
