"""A time bank moves in with its books: every balance equals, once, and what does not add up is refused. The books are
whole after every test."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts.models import User
from app.accounts.operations import joining
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.imports import archives, operations
from app.imports.balances import totals_of
from app.imports.models import Import, ImportedMember
from app.imports.operations import Importer, Outcome
from app.imports.reading import Looked, looked_at
from app.imports.values import whole_minutes
from app.wallet import kinds, verify
from app.wallet import operations as wallet
from app.wallet.limits import PersonalLimit
from app.wallet.models import Posting, Transfer, Wallet
from tests.accounts.test_invitations import at_once
from tests.imports.lists import TIMEOVERFLOW_TITLES, listed, named, person, written, zipped
from tests.support.ledger import assert_whole, balance, give_hours
from tests.world import World

TRANSFER_TITLES = ("Data", "De", "A", "Anunci", "Temps")
POST_TITLES = ("", "Título", "Etiquetas", "Socio", "Fecha")
BANK, GONE = "Banc de Temps", "usuario eliminado"


@pytest.fixture
def books(app: Flask, world: World) -> Iterator[World]:
    yield world
    db.session.rollback()
    assert_whole()


def member(number: int, name: str, seconds: int | str, email: str = "") -> tuple[str, ...]:
    return (str(number), name, email, "", "", "2018-05-06 18:05:11 UTC", "", "es", str(seconds))


def moved(giver: str, getter: str, quantity: str) -> tuple[str, ...]:
    return ("2024-03-01 18:05:11 UTC", giver, getter, "", quantity)


def export(
    members: Sequence[tuple[str, ...]], transfers: Sequence[tuple[str, ...]] | None = None, **posts: bytes
) -> bytes:
    others = dict(posts)
    if transfers is not None:
        others["Transfers"] = written([TRANSFER_TITLES, *transfers])
    return zipped(written([TIMEOVERFLOW_TITLES, *members]), **others)


ROSA, JUAN, PEPA = "Rosa Ruiz (201)", "Juan Gil (202)", "Pepa Sanz (203)"
MEMBERS = [member(201, "Rosa Ruiz", 12600), member(202, "Juan Gil", -5400), member(203, "Pepa Sanz", 0)]
TRANSFERS = [
    moved(JUAN, ROSA, "2:00"),
    moved(BANK, JUAN, "0:30"),
    moved(GONE, ROSA, "1:30"),
    moved(PEPA, ROSA, "1:00"),
    moved(ROSA, PEPA, "1:00"),
    moved(ROSA, PEPA, "0"),
]


def looked(content: bytes, name: str = "export.zip") -> Looked:
    file = archives.opened(name, content)
    return looked_at(file.kind, file.content, file.archive)


def move_in(world: World, content: bytes, name: str = "export.zip") -> Outcome:
    """As the pages do it. Commits."""
    upload_id = operations.stage(world.admin, archives.opened(name, content))
    db.session.commit()
    outcome = operations.take_in(Importer(world.admin, "Europe/Madrid", "en"), upload_id, looked(content, name))
    db.session.commit()
    return outcome


def held_by_issue() -> int:
    return db.session.scalar(select(Wallet.balance).where(Wallet.kind == kinds.ISSUE)) or 0


def newest() -> int:
    return db.session.scalars(select(func.max(Import.id))).one()


def test_a_time_bank_moves_in_and_every_balance_equals(books: World) -> None:
    assert move_in(books, export(MEMBERS, TRANSFERS)) == Outcome(3, 0, 2)
    assert [balance(named(name).id) for name in ("Rosa Ruiz", "Juan Gil", "Pepa Sanz")] == [210, -90, 0]
    assert held_by_issue() == -120
    assert sum(db.session.scalars(select(Wallet.balance))) == 0
    openings = db.session.scalars(select(Transfer).where(Transfer.kind == kinds.OPENING)).all()
    assert len(openings) == 2 and {opening.actor_id for opening in openings} == {books.admin}
    assert db.session.scalars(select(Import.opened)).all() == [2]


def test_a_large_bank_whose_transfers_make_it(books: World) -> None:
    chance = random.Random(7)  # noqa: S311 the same bank each time
    names = [f"{person(n)[1]} ({300 + n})" for n in range(120)]
    sums = dict.fromkeys(names, 0)
    transfers = []
    for _n in range(3000):
        giver, getter = chance.sample([*names, BANK, GONE], 2)
        minutes = chance.randrange(1, 300)
        transfers.append(moved(giver, getter, f"{minutes // 60}:{minutes % 60:02}"))
        for party, amount in ((giver, -minutes), (getter, minutes)):
            if party in sums:
                sums[party] += amount
    members = [member(300 + n, person(n)[1], sums[names[n]] * 60) for n in range(120)]
    move_in(books, export(members, transfers))
    assert {name: balance(named(name.rpartition(" (")[0]).id) for name in names} == sums
    assert held_by_issue() == -sum(sums.values())


def test_a_balance_that_the_transfers_do_not_make_is_refused_with_the_figures(books: World) -> None:
    wrong = [member(201, "Rosa Ruiz", 12660), *MEMBERS[1:]]
    found = looked(export(wrong, TRANSFERS))
    (fault,) = found.checked.faults
    assert (fault.line, fault.column, fault.value) == (2, "Saldo", "12660")
    assert fault.reason == "Rosa Ruiz's transfers in this archive make 3:30, the list says 3:31."
    with pytest.raises(DomainError):
        move_in(books, export(wrong, TRANSFERS))
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Transfer)) == 0
    assert db.session.scalar(select(func.count()).select_from(Import)) == 0


@pytest.mark.parametrize(
    "transfers",
    [
        TRANSFERS[1:],
        [*TRANSFERS, moved(ROSA, JUAN, "0:01")],
        [],
        [moved(JUAN, "Rosa Ruiz (999)", "2:00"), *TRANSFERS[1:]],
    ],
)
def test_missing_and_doubled_transfers_are_seen(books: World, transfers: list[tuple[str, ...]]) -> None:
    assert looked(export(MEMBERS, transfers)).checked.faults


def test_who_held_the_rest_is_told(books: World) -> None:
    compared = looked(export(MEMBERS, TRANSFERS)).compared
    assert compared and compared.others == [(GONE, -90), (BANK, -30)] and compared.count == 6
    assert looked(export(MEMBERS)).compared is None


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (29, 0), (30, 1), (89, 1), (90, 2), (-29, 0), (-30, -1), (-90, -2), (5430, 91)]
)
def test_seconds_become_the_nearest_minute(seconds: int, minutes: int) -> None:
    assert whole_minutes(seconds) == minutes


def test_a_bank_that_counts_seconds_is_told_what_is_rounded(books: World) -> None:
    """Its transfers are written without their seconds, so they say the balance to less than a minute each."""
    members = [member(201, "Rosa Ruiz", 5430), member(202, "Juan Gil", -5430)]
    transfers = [moved(JUAN, ROSA, "1:30")]
    totals = totals_of(looked(export(members, transfers)).checked.people)
    assert [(each.name, each.seconds, each.minutes) for each in totals.rounded] == [
        ("Rosa Ruiz", 5430, 91), ("Juan Gil", -5430, -91)
    ]  # fmt: skip
    assert (totals.rounded_by, totals.total) == (0, 0)
    move_in(books, export(members, transfers))
    assert [balance(named(name).id) for name in ("Rosa Ruiz", "Juan Gil")] == [91, -91]
    beyond = [member(201, "Rosa Ruiz", 5460), member(202, "Juan Gil", -5430)]
    assert len(looked(export(beyond, transfers)).checked.faults) == 1


def test_a_second_time_changes_nothing(books: World) -> None:
    archive = export(MEMBERS, TRANSFERS)
    move_in(books, archive)
    before = [db.session.scalar(select(func.count()).select_from(model)) for model in (Transfer, Posting, User, Import)]
    assert move_in(books, archive) == Outcome(0, 3, 0)
    after = [db.session.scalar(select(func.count()).select_from(model)) for model in (Transfer, Posting, User, Import)]
    assert after == before


def test_a_longer_list_books_only_who_is_new(books: World) -> None:
    move_in(books, export(MEMBERS, TRANSFERS))
    longer = [*MEMBERS, member(204, "Nuria Mas", 600)]
    assert move_in(books, export(longer)) == Outcome(1, 3, 1)
    assert [balance(named(name).id) for name in ("Rosa Ruiz", "Nuria Mas")] == [210, 10]


def test_balances_that_were_kept_aside_are_booked_by_the_same_file(books: World) -> None:
    """Members came when hours were not counted; once they are, the archive is chosen again."""
    db.session.execute(update(CommunitySettings).values(switches={"hours": False}))
    db.session.commit()
    archive = export(MEMBERS, TRANSFERS)
    assert move_in(books, archive) == Outcome(3, 0, 0)
    assert db.session.scalar(select(func.count()).select_from(Wallet)) == 0
    assert db.session.scalars(select(ImportedMember.balance_seconds).order_by(ImportedMember.line)).all() == [
        12600,
        -5400,
        0,
    ]
    db.session.execute(update(CommunitySettings).values(switches={}))
    db.session.commit()
    assert move_in(books, archive) == Outcome(0, 3, 2)
    assert balance(named("Rosa Ruiz").id) == 210
    assert move_in(books, archive) == Outcome(0, 3, 0)
    assert operations.undo(newest(), books.admin) == 0
    db.session.commit()
    assert balance(named("Rosa Ruiz").id) == 0
    assert move_in(books, archive) == Outcome(0, 3, 2)
    assert balance(named("Rosa Ruiz").id) == 210


def test_who_owes_more_than_is_allowed_has_a_limit_of_their_own(books: World) -> None:
    db.session.execute(update(CommunitySettings).values(credit_limit=60))
    db.session.commit()
    members = [member(201, "Rosa Ruiz", -3600), member(202, "Juan Gil", -3660)]
    move_in(books, export(members))
    limits = dict(db.session.execute(select(PersonalLimit.user_id, PersonalLimit.minutes)).all())
    assert limits == {named("Juan Gil").id: 61}
    floors = {
        row.owner: row.floor
        for row in db.session.execute(select(Wallet.owner, Wallet.floor).where(Wallet.kind == "member"))
    }
    assert floors == {f"user:{named('Rosa Ruiz').id}": -60, f"user:{named('Juan Gil').id}": -61}
    (reason,) = db.session.scalars(select(PersonalLimit.reason))
    assert reason == "Brought a balance of −1 h 1 min along."


def test_a_member_who_has_hours_already_gets_the_old_ones_on_top(books: World) -> None:
    give_hours(books.alice, 60)
    number = db.session.get_one(User, books.alice).number
    db.session.rollback()
    move_in(books, export([member(number, "Alice Adeyemi", -5400, "alice@example.org")]))
    assert balance(books.alice) == -30


def test_who_brought_a_balance_gets_no_starting_hours_on_top(books: World) -> None:
    """Members with an address arrive when they have proven it, days after the import."""
    db.session.execute(update(CommunitySettings).values(starting_minutes=60))
    db.session.commit()
    move_in(
        books,
        export([member(201, "Rosa Ruiz", 12600, "rosa@example.net"), member(202, "Juan Gil", 0, "j@example.net")]),
    )
    for name in ("Rosa Ruiz", "Juan Gil"):
        joining.verify(named(name))
        db.session.commit()
    assert [balance(named(name).id) for name in ("Rosa Ruiz", "Juan Gil")] == [210, 60]


def test_undo_takes_the_balances_back(books: World) -> None:
    move_in(books, export(MEMBERS, TRANSFERS))
    assert operations.undo(newest(), books.admin) == 3
    db.session.commit()
    assert held_by_issue() == 0
    assert set(db.session.scalars(select(Wallet.balance))) == {0}
    assert db.session.scalar(select(func.count()).where(Transfer.kind == kinds.REVERSAL)) == 2
    assert move_in(books, export(MEMBERS, TRANSFERS)) == Outcome(3, 0, 2)
    assert balance(named("Rosa Ruiz").id) == 210


def test_undo_is_refused_once_hours_were_used(books: World) -> None:
    move_in(books, export(MEMBERS, TRANSFERS))
    rosa = named("Rosa Ruiz").id
    wallet.transfer(
        wallet.member_wallet(rosa), wallet.member_wallet(books.alice), 10, text="Tea", scope="test", key="tea"
    )
    db.session.commit()
    with pytest.raises(Conflict):
        operations.undo(newest(), books.admin)
    db.session.rollback()
    assert balance(rosa) == 200


def test_after_a_day_it_stays(books: World) -> None:
    move_in(books, export(MEMBERS, TRANSFERS))
    with time_machine.travel(now() + timedelta(hours=25)), pytest.raises(Conflict):
        operations.undo(newest(), books.admin)
    db.session.rollback()


def test_sixteen_at_once_book_once(books: World, app: Flask) -> None:
    archive = export(MEMBERS, TRANSFERS)
    upload_id = operations.stage(books.admin, archives.opened("export.zip", archive))
    db.session.commit()
    found = looked(archive)
    db.session.rollback()

    def take(_number: int) -> object:
        with app.app_context():
            try:
                outcome = operations.take_in(Importer(books.admin, "UTC", "en"), upload_id, found)
                db.session.commit()
            except Conflict as error:
                db.session.rollback()
                return error
            finally:
                db.session.remove()
            return outcome

    results = at_once(16, take)
    assert [result for result in results if isinstance(result, Outcome)] == [Outcome(3, 0, 2)]
    assert balance(named("Rosa Ruiz").id) == 210 and held_by_issue() == -120


@pytest.mark.parametrize(
    ("text", "minutes"), [("3:30", 210), ("3.5", 210), ("3,5", 210), ("-1:15", -75), ("'-1:15", -75), ("", 0), ("0", 0)]
)
def test_a_spreadsheet_has_hours(books: World, text: str, minutes: int) -> None:
    rows = written([("name", "balance"), ("Ann One", text)])
    move_in(books, rows, "members.csv")
    assert balance(named("Ann One").id) == minutes


@pytest.mark.parametrize("text", ["much", "1:99", "0.333", "1e3", "10001", "-10000:01", "1:30:30"])
def test_what_is_no_balance_is_a_fault(books: World, text: str) -> None:
    (fault,) = looked(written([("name", "saldo"), ("Ann One", text)]), "members.csv").checked.faults
    assert (fault.line, fault.column) == (2, "saldo")


def test_a_list_without_balances_makes_no_wallets(books: World) -> None:
    move_in(books, listed([person(1), person(2)]), "members.csv")
    assert db.session.scalar(select(func.count()).select_from(Wallet)) == 0


@pytest.mark.parametrize(
    "transfers",
    [b"a,b,c\n1,2,3\n", b"a,b,c,d,e\n1,2,3,4,five\n", b"a,b,c,d,e\n1,2,3,4,1:75\n", b"a,b,c,d,e\n1,2,3,4,-1:00\n"],
)
def test_transfers_that_cannot_be_read(app: Flask, transfers: bytes) -> None:
    content = zipped(written([TIMEOVERFLOW_TITLES, *MEMBERS]), Transfers=transfers)
    with pytest.raises(DomainError) as caught:
        looked(content)
    assert caught.value.field == "upload"


def test_the_audit_sees_an_opening_that_is_not_what_was_brought(books: World) -> None:
    move_in(books, export(MEMBERS, TRANSFERS))
    db.session.execute(update(ImportedMember).where(ImportedMember.line == 2).values(balance_seconds=1))
    db.session.commit()
    (finding,) = verify.findings()
    assert finding.fault == "imports: it brought 0 minutes, its opening has 210"
    db.session.execute(update(ImportedMember).where(ImportedMember.line == 2).values(balance_seconds=12600))
    db.session.commit()
