"""The one blueprint of this package, and the wallet that a page is about."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort
from flask_babel import gettext as _

from app.accounts.viewer import me
from app.core.db import AnyRow, db
from app.core.money import TIME
from app.wallet import kinds, owners, statements
from app.wallet.operations.wallets import usual_floor
from app.wallet.organisations import POT, name_of

blueprint = Blueprint("wallet", __name__)


@dataclass(frozen=True)
class Book:
    """A wallet that the reader may look into; without `wallet_id` nothing was ever posted to it. `address` is that of
    its page, `statement` that of all its lines; `whose` names the owner where that is not the reader, and `member_id`
    is the member's for whom the reader acts."""

    wallet_id: int | None
    currency: str
    balance: int
    floor: int | None
    title: str
    address: str
    statement: str
    organisation_id: int = 0
    about: str = ""
    icon: str = "wallet"
    whose: str = ""
    member_id: int = 0

    @property
    def further(self) -> str:
        """What the addresses of its statement carry along."""
        return "" if self.whose or self.currency == TIME else f"currency={self.currency}"


def own_book(currency: str) -> Book:
    return next((book for book in own_books() if book.currency == currency), None) or abort(404)


def own_books() -> list[Book]:
    """The reader's own wallets, hours first and always."""
    rows = db.session.execute(statements.wallets_of(me)).all()
    books = [_own(row.id, row.currency, row.balance, row.floor) for row in rows]
    if any(book.currency == TIME for book in books):
        return books
    return [_own(None, TIME, 0, usual_floor(kinds.MEMBER, owners.of_user(me.id), TIME)), *books]


def shared_books() -> list[Book]:
    """Those of the organisations that the reader may act for, the community pot first."""
    return [_shared(row) for row in db.session.execute(statements.organisations_of(me))]


def shared_book(organisation_id: int) -> Book:
    row = db.session.execute(statements.organisation_for(me, organisation_id)).one_or_none()
    return _shared(row) if row else abort(404)


def offline_book(member_id: int) -> Book:
    """The hours of a member who cannot sign in, for coordinators."""
    row = db.session.execute(statements.offline_member_for(me, member_id)).one_or_none() or abort(404)
    address, statement = f"/admin/members/{row.id}", f"/wallet/members/{row.id}/statement"
    return Book(
        row.wallet_id, TIME, row.balance, row.floor, row.name, address, statement, whose=row.name, member_id=member_id
    )


def _own(wallet_id: int | None, currency: str, balance: int, floor: int | None) -> Book:
    title = _("My hours") if currency == TIME else currency
    return Book(wallet_id, currency, balance, floor, title, "/wallet", "/wallet/statement")


def _shared(row: AnyRow) -> Book:
    address, name = f"/organisations/{row.id}", name_of(row.kind, row.name)
    return Book(
        row.wallet_id,
        TIME,
        row.balance,
        row.floor or 0,
        name,
        address,
        f"{address}/statement",
        row.id,
        row.about,
        "pig-money" if row.kind == POT else "building",
        name,
    )
