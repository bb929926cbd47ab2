"""What `post` does and refuses; the same steps on both databases."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, NoResultFound

from app.core.db import db, dialect_name
from app.core.errors import Conflict, DomainError
from app.core.money import SAT, TIME
from app.wallet import kinds, operations
from app.wallet.models import LARGEST_AMOUNT, Posting, Transfer, Wallet
from app.wallet.operations import FloorBroken, post, reverse, transfer
from tests.support.ledger import assert_whole, balances
from tests.wallet.conftest import Wallets
from tests.world import World

WORDS: dict[str, Any] = {"text": "For the bread", "scope": "test", "key": "1"}


def count_of(table: type[Any]) -> int:
    return db.session.scalars(select(func.count()).select_from(table)).one()


def test_a_transfer_moves_the_amount_and_is_written_down(wallets: Wallets, world: World) -> None:
    posted = transfer(wallets.alice, wallets.bob, 45, url="/chats/1", actor_id=world.alice, **WORDS)
    db.session.commit()
    assert posted.is_new
    assert balances(wallets.alice, wallets.bob) == [255, 105]
    row = db.session.get_one(Transfer, posted.transfer_id)
    assert (row.kind, row.text, row.url, row.actor_id, row.currency) == (
        *("transfer", "For the bread", "/chats/1", world.alice),
        TIME,
    )
    lines = db.session.execute(
        select(Posting.wallet_id, Posting.amount, Posting.balance_after, Posting.wallet_version)
        .where(Posting.transfer_id == posted.transfer_id)
        .order_by(Posting.wallet_id)
    ).all()
    assert [tuple(line) for line in lines] == [(wallets.alice, -45, 255, 2), (wallets.bob, 45, 105, 2)]


def test_several_sides_move_at_once(wallets: Wallets) -> None:
    legs = [(wallets.carol, 20), (wallets.alice, -50), (wallets.bob, 20), (wallets.carol, 10)]
    post(legs, kind=kinds.EXCHANGE, **WORDS)
    db.session.commit()
    assert balances(wallets.alice, wallets.bob, wallets.carol) == [250, 80, 30]


@pytest.mark.parametrize("amount", [0, -1, -(2**63), LARGEST_AMOUNT + 1, 2**63 - 1, 2**63, 2**64])
def test_amounts_that_are_none_are_refused_at_the_field(wallets: Wallets, amount: int) -> None:
    with pytest.raises(DomainError) as refused:
        transfer(wallets.issue, wallets.bob, amount, **WORDS)
    assert refused.value.field == "amount"


def test_nobody_pays_himself(wallets: Wallets) -> None:
    with pytest.raises(DomainError):
        transfer(wallets.alice, wallets.alice, 5, **WORDS)


def test_a_floor_holds_and_the_transaction_goes_on(wallets: Wallets) -> None:
    with pytest.raises(FloorBroken) as refused:
        transfer(wallets.bob, wallets.alice, 61, **WORDS)
    assert (refused.value.field, refused.value.wallet_id) == ("amount", wallets.bob)
    transfer(wallets.bob, wallets.alice, 60, **WORDS)
    db.session.commit()
    assert balances(wallets.bob) == [0]


def test_a_credit_limit_is_a_floor_below_zero(wallets: Wallets) -> None:
    operations.set_floor(wallets.bob, -120)
    transfer(wallets.bob, wallets.alice, 180, **WORDS)
    db.session.commit()
    assert balances(wallets.bob) == [-120]
    with pytest.raises(FloorBroken):
        transfer(wallets.bob, wallets.alice, 1, text="More", scope="test", key="2")
    with pytest.raises(DomainError):
        operations.set_floor(wallets.bob, -60)


def test_currencies_do_not_mix(wallets: Wallets, world: World) -> None:
    money = operations.member_wallet(world.bob, "EUR")
    with pytest.raises(DomainError):
        transfer(wallets.alice, money, 5, **WORDS)
    with pytest.raises(DomainError):
        transfer(money, wallets.alice, 5, **WORDS)
    transfer(wallets.alice, wallets.bob, 5, **WORDS)
    with pytest.raises(DomainError) as refused:  # whatever was recorded under the key
        transfer(money, wallets.alice, 5, **WORDS)
    assert refused.value.field == "currency"


@pytest.mark.parametrize("currency", ["EUR", "JPY", SAT])
def test_every_currency_has_its_own_wallets(wallets: Wallets, world: World, currency: str) -> None:
    mine = operations.member_wallet(world.alice, currency)
    assert mine != wallets.alice
    mint = operations.wallet_for(kinds.MINT, "outside", currency)
    transfer(mint, mine, 123_456, kind=kinds.DEPOSIT, **WORDS)
    db.session.commit()
    assert balances(mine, mint, wallets.alice) == [123_456, -123_456, 300]


def test_the_same_key_posts_once(wallets: Wallets) -> None:
    first = transfer(wallets.alice, wallets.bob, 300, **WORDS)
    db.session.commit()
    again = transfer(wallets.alice, wallets.bob, 300, **WORDS)
    db.session.commit()
    assert (again.transfer_id, again.is_new) == (first.transfer_id, False)
    assert balances(wallets.alice, wallets.bob) == [0, 360]


@pytest.mark.parametrize("other", [{"text": "For the cake"}, {"url": "/x"}, {"kind": kinds.GIFT}, {"amount": 46}])
def test_the_same_key_for_something_else_is_a_conflict(wallets: Wallets, other: dict[str, Any]) -> None:
    transfer(wallets.alice, wallets.bob, 45, **WORDS)
    changed = {"amount": 45, **WORDS, **other}
    with pytest.raises(Conflict):
        transfer(wallets.alice, wallets.bob, **changed)
    db.session.commit()
    assert balances(wallets.alice) == [255]


def test_a_wallet_that_is_not_there_is_a_fault_of_the_code(wallets: Wallets) -> None:
    for legs in ([(wallets.alice, -5), (999_999, 5)], [(wallets.alice, -5)], [(wallets.alice, -5), (wallets.bob, 4)]):
        with pytest.raises(ValueError, match=r"wallet|sides"):
            post(legs, kind=kinds.TRANSFER, **WORDS)
    with pytest.raises(ValueError, match="key"):
        transfer(wallets.alice, wallets.bob, 5, text="", scope="test", key="")


def test_what_is_held_is_released_in_parts_and_the_rest_given_back(wallets: Wallets) -> None:
    operations.hold(wallets.alice, "exchange:7", 90, text="Spanish", scope="exchange:7", key="hold")
    operations.release("exchange:7", wallets.bob, 60, text="Spanish", scope="exchange:7", key="release")
    with pytest.raises(FloorBroken):
        operations.release("exchange:7", wallets.bob, 31, text="Spanish", scope="exchange:7", key="more")
    operations.refund("exchange:7", wallets.alice, 30, text="Spanish", scope="exchange:7", key="refund")
    db.session.commit()
    escrow = operations.wallet_for(kinds.ESCROW, "exchange:7", TIME)
    assert balances(wallets.alice, wallets.bob, escrow) == [240, 120, 0]
    assert set(db.session.scalars(select(Transfer.kind))) == {"grant", "hold", "release", "refund"}


def test_a_transfer_is_taken_back_once(wallets: Wallets, world: World) -> None:
    posted = transfer(wallets.alice, wallets.bob, 45, **WORDS)
    back = reverse(posted.transfer_id, text="A mistake", actor_id=world.admin)
    db.session.commit()
    assert balances(wallets.alice, wallets.bob) == [300, 60]
    assert reverse(posted.transfer_id, text="A mistake", actor_id=world.admin) == operations.Posted(
        back.transfer_id, is_new=False
    )
    with pytest.raises(Conflict):
        reverse(posted.transfer_id, text="Another reason")
    with pytest.raises(NoResultFound):
        reverse(999_999, text="Nothing")


def test_what_was_passed_on_cannot_be_taken_back(wallets: Wallets) -> None:
    posted = transfer(wallets.alice, wallets.carol, 45, **WORDS)
    transfer(wallets.carol, wallets.bob, 45, text="On", scope="test", key="2")
    with pytest.raises(FloorBroken):
        reverse(posted.transfer_id, text="A mistake")
    db.session.commit()


def test_wallets_are_made_once(app: Flask, world: World) -> None:
    first = operations.member_wallet(world.carol)
    assert operations.member_wallet(world.carol) == first
    db.session.commit()
    assert operations.member_wallet(world.carol) == first
    for owner, currency in (("", TIME), ("x" * 61, TIME), ("user:1", "DOGE")):
        with pytest.raises(ValueError, match="no wallet"):
            operations.wallet_for(kinds.MEMBER, owner, currency)
    assert_whole()


def test_a_wallet_in_the_session_is_read_again(wallets: Wallets) -> None:
    held = db.session.get_one(Wallet, wallets.alice)
    assert held.balance == 300
    transfer(wallets.alice, wallets.bob, 45, **WORDS)
    assert held.balance == 255
    db.session.commit()


def test_a_text_is_cleaned_and_cut(wallets: Wallets) -> None:
    posted = transfer(wallets.alice, wallets.bob, 5, text=" a\x1fb \n c" + "x" * 600, scope="test", key="long")
    db.session.commit()
    stored = db.session.get_one(Transfer, posted.transfer_id).text
    assert stored.startswith("ab cxxx")
    assert len(stored) == 500


def test_posting_is_one_round_trip_on_postgresql(wallets: Wallets, statements: Any) -> None:
    with statements() as seen:
        transfer(wallets.alice, wallets.bob, 5, **WORDS)
    db.session.commit()
    assert len(seen) == (1 if dialect_name() == "postgresql" else 7), seen


def test_postgresql_plans_posting_once_for_each_connection(wallets: Wallets, world: World) -> None:
    if dialect_name() == "sqlite":  # it keeps no plans
        return
    for key, words in enumerate(({"actor_id": world.alice}, {}, {"url": "/chats/1"})):
        posted = transfer(wallets.alice, wallets.bob, 1, text="Bread", scope="test", key=str(key), **words)
    reverse(posted.transfer_id, text="No bread", actor_id=world.alice)
    plans = text(
        "SELECT generic_plans + custom_plans FROM pg_prepared_statements WHERE statement LIKE '%ledger_post(%'"
    )
    # The wallets were filled before, by the same connection.
    assert [count >= 4 for count in db.session.scalars(plans)] == [True]
    db.session.commit()
    assert_whole()


SEAL = f"'{'0' * 64}'"
POSTING = "INSERT INTO postings (wallet_id, wallet_version, transfer_id, currency, amount, balance_after, seal) VALUES "
TRANSFER = (
    "INSERT INTO transfers (id, kind, currency, text, url, scope, key, created_at, digest) "
    "SELECT 50, kind, currency, text, url, scope, 'other', created_at, digest FROM transfers WHERE id = 1"
)
WALLET = (
    "INSERT INTO wallets (kind, owner, currency, floor, balance, version, head, digest, created_at) "
    "SELECT {cells}, 0, '', digest, created_at FROM wallets WHERE id = 1"
)
FORBIDDEN = {
    "a posting is changed": "UPDATE postings SET amount = 1 WHERE wallet_id = {alice}",
    "a posting is deleted": "DELETE FROM postings WHERE wallet_id = {alice}",
    "a transfer is changed": "UPDATE transfers SET text = 'Nothing'",
    "a transfer is deleted": "DELETE FROM transfers",
    "a wallet is deleted": "DELETE FROM wallets WHERE id = {carol}",
    "a wallet changes hands": "UPDATE wallets SET owner = 'user:99' WHERE id = {carol}",
    "a wallet becomes another kind": "UPDATE wallets SET kind = 'mint' WHERE id = {carol}",
    "a wallet becomes money": "UPDATE wallets SET currency = 'EUR' WHERE id = {carol}",
    "a floor is broken": "UPDATE wallets SET balance = -1 WHERE id = {alice}",
    "a posting is added to a transfer": POSTING + "({carol}, 1, 1, 'TIME', 5, 5, {seal})",
    "a posting has another currency": POSTING + "({carol}, 1, 999999, 'EUR', 5, 5, {seal})",
    "a posting is of nothing": POSTING + "({carol}, 1, 50, 'TIME', 0, 0, {seal})",
    "a posting is before the first": POSTING + "({carol}, 0, 50, 'TIME', 5, 5, {seal})",
    "a posting has no transfer": POSTING + "({carol}, 1, 999999, 'TIME', 5, 5, {seal})",
    "a transfer has no postings": TRANSFER,
    "a wallet is of no known kind": WALLET.format(cells="'treasure', 'user:99', 'TIME', 0, 0"),
    "a wallet is rich from the start": WALLET.format(cells="'member', 'user:99', 'TIME', 0, 5"),
    "a wallet is nobody's": WALLET.format(cells="'member', '', 'TIME', 0, 0"),
    "a wallet has no currency": WALLET.format(cells="'member', 'user:99', '', 0, 0"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_refuses_that(wallets: Wallets, what: str) -> None:
    def try_it() -> None:
        db.session.execute(text(FORBIDDEN[what].format(alice=wallets.alice, carol=wallets.carol, seal=SEAL)))
        db.session.commit()

    with pytest.raises(IntegrityError):
        try_it()
    db.session.rollback()


@pytest.mark.parametrize("table", ["wallets", "transfers", "postings"])
def test_postgresql_refuses_truncate(wallets: Wallets, table: str) -> None:
    if dialect_name() == "sqlite":  # it has no such word
        return
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"TRUNCATE {table} CASCADE"))
    db.session.rollback()


def test_an_unbalanced_transfer_is_refused_by_the_database(wallets: Wallets) -> None:
    """Even when the postings come in the order that SQLite wants."""

    def write() -> None:
        for wallet_id, amount in ((wallets.alice, -5), (wallets.carol, 4)):
            values = {"wallet": wallet_id, "amount": amount}
            db.session.execute(text(f"{POSTING} (:wallet, 50, 50, 'TIME', :amount, 0, {SEAL})"), values)
        db.session.execute(text(TRANSFER))
        db.session.commit()

    with pytest.raises(IntegrityError, match="sums to zero"):
        write()
    db.session.rollback()


@pytest.mark.parametrize(("version", "amount"), [(0, 3), (-1, 3), (50, 0)])
def test_an_unsound_posting_is_refused_by_the_database(wallets: Wallets, version: int, amount: int) -> None:
    """Although its transfer sums to zero."""
    rows = ((wallets.alice, 50, -5), (wallets.bob, 50, 5 - amount), (wallets.carol, version, amount))
    values = ", ".join(f"({wallet}, {place}, 50, 'TIME', {moved}, 0, {SEAL})" for wallet, place, moved in rows)
    with pytest.raises(IntegrityError, match=r"a transfer sums to zero|CHECK constraint failed: ck_postings_"):
        db.session.execute(text(POSTING + values))
    db.session.rollback()


UNSOUND_TRANSFER = (
    "INSERT INTO transfers (id, currency, text, created_at, digest, kind, reverses_id, url, scope, key) "
    "SELECT 50, currency, text, created_at, digest, {} FROM transfers WHERE id = 1"
)
UNSOUND = {
    "has no known kind": "'theft', NULL, '', 'a scope', 'a key'",
    "reverses and is no reversal": "'gift', 1, '', 'a scope', 'a key'",
    "is a reversal of nothing": "'reversal', NULL, '', 'a scope', 'a key'",
    "leads elsewhere": "'gift', NULL, 'https://example.org/', 'a scope', 'a key'",
    "has no scope": "'gift', NULL, '', '', 'a key'",
    "has no key": "'gift', NULL, '', 'a scope', ''",
}


@pytest.mark.parametrize("what", UNSOUND)
def test_an_unsound_transfer_is_refused_by_the_database(wallets: Wallets, what: str) -> None:
    """Although it is balanced."""

    def write() -> None:
        both = "(:alice, 50, 50, 'TIME', -5, 0, :seal), (:carol, 50, 50, 'TIME', 5, 5, :seal)"
        places = {"alice": wallets.alice, "carol": wallets.carol, "seal": "0" * 64}
        db.session.execute(text(POSTING + both), places)
        db.session.execute(text(UNSOUND_TRANSFER.format(UNSOUND[what])))
        db.session.commit()

    with pytest.raises(IntegrityError, match=r"no such transfer can be|CHECK constraint failed: ck_transfers_"):
        write()
    db.session.rollback()


def test_a_transfer_of_no_known_kind_is_refused_by_the_database(
    wallets: Wallets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "TRANSFER_KINDS", ("theft",))

    def take() -> None:
        transfer(wallets.alice, wallets.bob, 5, kind="theft", **WORDS)
        db.session.commit()

    with pytest.raises(IntegrityError):
        take()
    db.session.rollback()


def test_refusals_leave_nothing_behind(wallets: Wallets) -> None:
    before = count_of(Transfer), count_of(Posting)
    with pytest.raises(FloorBroken):
        transfer(wallets.bob, wallets.alice, 1000, **WORDS)
    db.session.commit()
    assert (count_of(Transfer), count_of(Posting)) == before
