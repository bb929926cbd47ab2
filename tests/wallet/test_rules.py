"""What coordinators decide: starting hours, credit, personal limits; corrections; and the hourly look at the books."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import operations as accounts
from app.accounts.models import User
from app.accounts.operations import Record
from app.community import switching
from app.community.models import CommunitySettings
from app.community.presets import HOURS
from app.core.db import db
from app.core.errors import Conflict
from app.core.models import AuditEvent
from app.core.money import TIME
from app.notices.models import Notice
from app.wallet import kinds, operations, owners
from app.wallet.checks import LedgerCheck
from app.wallet.keeping import export
from app.wallet.models import Transfer, Wallet
from app.wallet.operations import Rules
from tests.support.client import CheckedClient
from tests.support.ledger import assert_whole, balance, give_hours
from tests.world import World

As = Callable[[str], CheckedClient]


@pytest.fixture(autouse=True)
def books(app: Flask, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "does_not_fit" not in request.node.name:
        assert_whole()


def floor_of(user_id: int) -> int | None:
    return db.session.scalar(select(Wallet.floor).where(Wallet.owner == owners.of_user(user_id)))


def waiting(name: str) -> int:
    """A newcomer with a proven address whom nobody has let in."""
    user = User(name=name, name_key=name.lower(), email=f"{name}@example.org", email_key=f"{name}@example.org")
    user.is_verified = True
    db.session.add(user)
    db.session.commit()
    return user.id


def test_rules_in_the_browser(app: Flask, as_: As, world: World) -> None:
    admin = as_("admin")
    typed = {"starting_minutes": "5", "credit_limit": "7:30"}
    assert admin.post("/admin/settings/hours/rules", data=typed).status_code == 303
    assert operations.rules() == Rules(300, 450)
    page = admin.get("/admin/settings").text
    assert 'value="5"' in page and 'value="7:30"' in page


@pytest.mark.parametrize("typed", ["", "-1", "ten", "1001", "10001", "1:75", "9" * 30])
def test_rules_that_cannot_be(app: Flask, as_: As, typed: str) -> None:
    for name in ("starting_minutes", "credit_limit"):
        wanted = {"starting_minutes": "1", "credit_limit": "1", name: typed}
        if (name, typed) == ("credit_limit", "1001"):
            continue
        answer = as_("admin").post("/admin/settings/hours/rules", data=wanted)
        assert answer.status_code == 422, (name, typed)
    assert operations.rules() == Rules(0, 0)


def test_starting_hours_are_given_once_at_approval(app: Flask, as_: As, world: World) -> None:
    operations.change_rules(Rules(300, 0), world.admin)
    newcomer = waiting("nora")
    assert balance(newcomer) == 0
    assert as_("mod").post(f"/admin/approvals/{newcomer}/approval").status_code == 303
    assert balance(newcomer) == 300
    operations.welcome(newcomer)
    db.session.commit()
    assert balance(newcomer) == 300
    grants = select(Transfer).where(Transfer.kind == kinds.GRANT)
    assert [(row.scope, row.key) for row in db.session.scalars(grants)] == [("start", str(newcomer))]
    assert balance(world.alice) == 0


def test_in_an_open_community_they_come_with_the_proven_address(app: Flask, world: World) -> None:
    operations.change_rules(Rules(120, 0), world.admin)
    user = User(name="Olaf", name_key="olaf", email="olaf@example.org", email_key="olaf@example.org")
    user.approved_at = db.session.get_one(User, world.alice).approved_at
    db.session.add(user)
    db.session.flush()
    assert balance(user.id) == 0
    accounts.verify(user)
    db.session.commit()
    assert balance(user.id) == 120


def test_members_without_mail_start_too(app: Flask, world: World) -> None:
    operations.change_rules(Rules(60, 0), world.admin)
    olga = accounts.add_offline(Record("Olga Offline"), world.mod).id
    db.session.commit()
    assert balance(olga) == 60


def test_no_hours_where_hours_are_off(app: Flask, world: World) -> None:
    operations.change_rules(Rules(60, 0), world.admin)
    switching.decide({HOURS: False})
    olga = accounts.add_offline(Record("Olga Offline"), world.mod).id
    db.session.commit()
    assert db.session.scalars(select(Wallet).where(Wallet.owner == owners.of_user(olga))).all() == []


def test_the_credit_limit_counts_for_everybody_at_once(app: Flask, world: World) -> None:
    give_hours(world.alice, 60)
    operations.change_rules(Rules(0, 600), world.admin)
    db.session.commit()
    assert floor_of(world.alice) == -600
    assert operations.member_wallet(world.bob) and floor_of(world.bob) == -600
    issue = db.session.scalars(select(Wallet).where(Wallet.kind == kinds.ISSUE)).one()
    assert issue.floor is None
    operations.change_rules(Rules(0, 120), world.admin)
    db.session.commit()
    assert (floor_of(world.alice), floor_of(world.bob)) == (-120, -120)


def test_a_limit_that_somebody_has_passed_is_refused_with_the_number(app: Flask, as_: As, world: World) -> None:
    operations.change_rules(Rules(0, 600), world.admin)
    alice, bob = operations.member_wallet(world.alice), operations.member_wallet(world.bob)
    operations.transfer(alice, bob, 240, text="Shed", scope="test", key="1")
    db.session.commit()
    answer = as_("admin").post("/admin/settings/hours/rules", data={"starting_minutes": "0", "credit_limit": "3"})
    assert answer.status_code == 422
    assert "1 member is lower than that already: −4 h" in answer.text
    assert floor_of(world.alice) == -600
    operations.set_personal_limit(world.alice, 300, "Ill", world.mod)
    db.session.commit()
    answer = as_("admin").post("/admin/settings/hours/rules", data={"starting_minutes": "0", "credit_limit": "3"})
    assert answer.status_code == 303
    assert (floor_of(world.alice), floor_of(world.bob)) == (-300, -180)


def test_a_personal_limit_with_its_reason(app: Flask, as_: As, world: World) -> None:
    mod = as_("mod")
    typed = {"limit": "20", "reason": "Comes out of hospital"}
    assert mod.post(f"/admin/members/{world.alice}/limit", data=typed).status_code == 303
    assert floor_of(world.alice) == -1200
    page = as_("admin").get(f"/admin/members/{world.alice}").text
    assert "−20 h" in page and "Mona Dahl: Comes out of hospital" in page
    operations.change_rules(Rules(0, 60), world.admin)
    db.session.commit()
    assert floor_of(world.alice) == -1200
    assert mod.post(f"/admin/members/{world.alice}/limit/removal").status_code == 303
    assert floor_of(world.alice) == -60
    actions = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_id == world.alice)).all()
    assert set(actions) >= {"personal-limit", "personal-limit-removed"}


def test_a_personal_limit_above_the_balance_is_refused(app: Flask, as_: As, world: World) -> None:
    operations.set_personal_limit(world.alice, 600, "Once", world.mod)
    alice, bob = operations.member_wallet(world.alice), operations.member_wallet(world.bob)
    operations.transfer(alice, bob, 240, text="Shed", scope="test", key="1")
    db.session.commit()
    mod = as_("mod")
    answer = mod.post(f"/admin/members/{world.alice}/limit", data={"limit": "3", "reason": "Less"})
    assert answer.status_code == 422
    assert "The balance is −4 h already: the limit cannot be less." in answer.text
    assert mod.post(f"/admin/members/{world.alice}/limit/removal").status_code == 422
    assert floor_of(world.alice) == -600


def test_wallets_made_while_the_limit_changes_follow_it(app: Flask, world: World) -> None:
    barrier = threading.Barrier(2)

    def run(work: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            work()
            db.session.commit()
            db.session.remove()

    db.session.rollback()
    for limit, member in ((60, world.alice), (120, world.bob), (180, world.carol)):
        works = (
            lambda limit=limit: operations.change_rules(Rules(0, limit), world.admin),
            lambda member=member: operations.member_wallet(member),
        )
        threads = [threading.Thread(target=run, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert floor_of(member) == -limit
        db.session.rollback()


def test_an_administrator_takes_a_line_back(app: Flask, as_: As, world: World) -> None:
    alice, bob = give_hours(world.alice, 300), operations.member_wallet(world.bob)
    posted = operations.transfer(alice, bob, 90, kind=kinds.GIFT, text="Wrong Bob", scope="test", key="1")
    db.session.commit()
    admin, number = as_("admin"), posted.transfer_id
    assert admin.get(f"/admin/ledger?number={number}").location == f"/admin/ledger/{number}"
    assert "Wrong Bob" in admin.get(f"/admin/ledger/{number}").text
    data = {"reason": "It was for another Bob", "idempotency_key": "a-key-of-a-form-1234"}
    answers = [admin.post(f"/admin/ledger/{number}/reversal", data=data) for _n in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert (balance(world.alice), balance(world.bob)) == (300, 0)
    told = db.session.scalars(select(Notice.user_id).where(Notice.kind == "hours_corrected")).all()
    assert sorted(told) == sorted([world.alice, world.bob])
    assert "was taken back, −1 h 30 min for you" in as_("bob").get("/notices").text
    again = admin.post(
        f"/admin/ledger/{number}/reversal", data={"reason": "Twice", "idempotency_key": "another-key-5678"}
    )
    assert again.status_code == 409 and "It was taken back already." in again.text
    assert "taken back" in as_("alice").get("/wallet/statement").text


def test_what_was_spent_since_cannot_be_taken_back(app: Flask, as_: As, world: World) -> None:
    alice, bob = give_hours(world.alice, 300), operations.member_wallet(world.bob)
    posted = operations.transfer(alice, bob, 90, kind=kinds.GIFT, text="Shed", scope="test", key="1")
    operations.transfer(bob, operations.member_wallet(world.carol), 60, text="On", scope="test", key="2")
    db.session.commit()
    data = {"reason": "Wrong", "idempotency_key": "a-key-of-a-form-1234"}
    answer = as_("admin").post(f"/admin/ledger/{posted.transfer_id}/reversal", data=data)
    assert answer.status_code == 422
    assert "only 30 min of it can be taken back" in answer.text
    assert db.session.scalar(select(func.count()).where(Transfer.kind == kinds.REVERSAL)) == 0


def test_what_was_agreed_elsewhere_is_corrected_there(app: Flask, as_: As, world: World) -> None:
    posted = operations.hold(give_hours(world.alice, 60), "exchange:7", 30, text="Swap", scope="test", key="1")
    db.session.commit()
    assert "is corrected there" in as_("admin").get(f"/admin/ledger/{posted.transfer_id}").text
    data = {"reason": "Wrong", "idempotency_key": "a-key-of-a-form-1234"}
    answer = as_("admin").post(f"/admin/ledger/{posted.transfer_id}/reversal", data=data)
    assert answer.status_code == 409


def test_a_number_that_is_none(app: Flask, as_: As) -> None:
    admin = as_("admin")
    for number in ("7", "x", "9" * 30, "-1"):
        assert "There is no line of this number." in admin.get(f"/admin/ledger?number={number}").text
    assert admin.get("/admin/ledger/7").status_code == 404


def test_the_hourly_look_is_seen(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 60)
    assert "None yet" in as_("admin").get("/admin/ledger").text
    assert operations.check_books() == 0
    assert "Everything fits." in as_("admin").get("/admin/ledger").text
    assert "In order" in as_("mod").get("/admin").text
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 0


def test_what_does_not_fit_is_told_to_administrators_once(app: Flask, as_: As, world: World) -> None:
    wallet = give_hours(world.alice, 60)
    db.session.execute(update(Wallet).where(Wallet.id == wallet).values(balance=61))
    db.session.commit()
    counts = [operations.check_books() for _n in range(3)]
    assert counts[0] > 0 and len(set(counts)) == 1
    assert db.session.scalars(select(Notice.user_id)).all() == [world.admin]
    page = as_("admin").get("/admin/ledger").text
    assert f"wallets {wallet}: its balance is 61" in page
    assert db.session.scalar(select(func.count()).select_from(LedgerCheck)) == 3


def test_who_leaves_leaves_the_hours_to_all(app: Flask, world: World) -> None:
    give_hours(world.alice, 75)
    accounts.empty(world.alice)
    db.session.commit()
    pot = select(Wallet.balance).where(Wallet.kind == kinds.ORGANISATION, Wallet.owner == owners.COMMUNITY)
    assert (balance(world.alice), db.session.scalar(pot)) == (0, 75)


def test_the_pot_pays_the_debts_of_who_leaves_as_far_as_it_reaches(app: Flask, world: World) -> None:
    operations.change_rules(Rules(0, 600), world.admin)
    alice, bob = operations.member_wallet(world.alice), operations.member_wallet(world.bob)
    operations.transfer(alice, bob, 100, text="Shed", scope="test", key="1")
    operations.transfer(bob, operations.pot_wallet(), 40, text="For all", scope="test", key="2")
    accounts.empty(world.alice)
    db.session.commit()
    pot = select(Wallet.balance).where(Wallet.kind == kinds.ORGANISATION, Wallet.owner == owners.COMMUNITY)
    assert (balance(world.alice), db.session.scalar(pot)) == (-60, 0)


def test_a_refused_newcomer_leaves_no_wallet(app: Flask, world: World) -> None:
    newcomer = waiting("nora")
    accounts.refuse(newcomer, world.mod, "Full.")
    db.session.commit()
    assert db.session.scalars(select(Wallet)).all() == []


@pytest.mark.parametrize(("had", "owed"), [(200, 0), (0, 90), (0, 0)])
def test_two_become_one_and_two_again(app: Flask, world: World, had: int, owed: int) -> None:
    operations.change_rules(Rules(0, 600), world.admin)
    give_hours(world.alice, 60)
    if had:
        give_hours(world.bob, had)
    if owed:
        bob, carol = operations.member_wallet(world.bob), operations.member_wallet(world.carol)
        operations.transfer(bob, carol, owed, text="Shed", scope="test", key="1")
    db.session.commit()
    merge = accounts.merge_members(world.alice, world.bob, world.admin)
    db.session.commit()
    assert (balance(world.alice), balance(world.bob)) == (60 + had - owed, 0)
    accounts.take_apart(merge.id, world.admin)
    db.session.commit()
    assert (balance(world.alice), balance(world.bob)) == (60, had - owed)


def test_two_whose_debts_are_too_much_for_one(app: Flask, world: World) -> None:
    operations.change_rules(Rules(0, 600), world.admin)
    alice, bob = operations.member_wallet(world.alice), operations.member_wallet(world.bob)
    for n, wallet in enumerate((alice, bob)):
        operations.transfer(wallet, operations.member_wallet(world.carol), 400, text="Shed", scope="test", key=str(n))
    db.session.commit()
    with pytest.raises(Conflict, match="further below zero"):
        accounts.merge_members(world.alice, world.bob, world.admin)
    db.session.rollback()


def test_two_whose_hours_were_spent_stay_one(app: Flask, world: World) -> None:
    give_hours(world.bob, 200)
    merge_id = accounts.merge_members(world.alice, world.bob, world.admin).id
    alice, carol = operations.member_wallet(world.alice), operations.member_wallet(world.carol)
    operations.transfer(alice, carol, 150, text="Shed", scope="test", key="1")
    db.session.commit()
    with pytest.raises(Conflict, match="were spent since"):
        accounts.take_apart(merge_id, world.admin)
    db.session.rollback()
    operations.set_personal_limit(world.alice, 150, "Was two", world.admin)
    accounts.take_apart(merge_id, world.admin)
    db.session.commit()
    assert (balance(world.alice), balance(world.bob)) == (-150, 200)


def test_hours_in_use_are_not_switched_off(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 60)
    admin = as_("admin")
    ticked = {"features": ["chats", "posts", "matches"]}
    alice, bob = operations.member_wallet(world.alice), operations.member_wallet(world.bob)
    operations.transfer(alice, bob, 30, kind=kinds.GIFT, text="Shed", scope="test", key="1")
    db.session.commit()
    answer = admin.post("/admin/features", data=ticked)
    assert answer.status_code == 409 and "2 accounts with hours" in answer.text
    operations.transfer(bob, alice, 30, text="Back", scope="test", key="2")
    operations.transfer(
        alice, operations.wallet_for(kinds.ISSUE, "community", "TIME"), 60, text="", scope="test", key="3"
    )
    db.session.commit()
    assert admin.post("/admin/features", data=ticked).status_code == 303
    for path in ("/wallet", "/wallet/statement", f"/wallet/give/{world.bob}", "/organisations/1"):
        assert as_("alice").get(path).status_code == 404
    for path in ("/admin/ledger", "/admin/organisations", f"/admin/members/{world.alice}/limit"):
        assert admin.get(path).status_code == 404
    page = as_("alice").get("/").text
    assert 'href="/wallet"' not in page
    for path in ("/admin", "/admin/settings", f"/admin/members/{world.alice}"):
        assert admin.get(path).status_code == 200


def test_starting_hours_alone_are_no_use_of_hours(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 60)
    assert as_("admin").post("/admin/features", data={"features": ["chats"]}).status_code == 303


def test_an_export_holds_every_line(app: Flask, world: World) -> None:
    give_hours(world.alice, 60)
    operations.set_personal_limit(world.alice, 30, "Known", world.mod)
    db.session.commit()
    told = export(world.alice)
    assert told["wallets"][0]["balance"] == 60
    assert [line["amount"] for line in told["wallets"][0]["lines"]] == [60]
    assert told["personal_limit"] == {"minutes": 30, "reason": "Known"}


def test_the_limits_have_their_range_in_the_database(app: Flask) -> None:
    for name in ("starting_minutes", "credit_limit"):
        for value in (-1, 10**7):
            with pytest.raises(IntegrityError, match="range"):
                db.session.execute(update(CommunitySettings).values({name: value}))
            db.session.rollback()


def test_who_was_welcomed_is_not_welcomed_with_other_hours(app: Flask, world: World) -> None:
    """A member without e-mail who signs in years later was given what was usual then."""
    for minutes in (60, 120, 0):
        operations.change_rules(Rules(minutes, 0), world.admin)
        operations.welcome(world.alice)
        db.session.commit()
    assert balance(world.alice) == 60


@pytest.mark.parametrize(("spent", "left"), [(0, 60), (120, 0)])
def test_one_person_is_welcomed_once(app: Flask, world: World, spent: int, left: int) -> None:
    """Two accounts were; made one they have what one has. What was spent is not asked back, and taking the two apart
    gives each its own again."""
    operations.change_rules(Rules(60, 0), world.admin)
    for user_id in (world.alice, world.bob):
        operations.welcome(user_id)
    db.session.commit()
    alice, bob, carol = (operations.member_wallet(user_id) for user_id in (world.alice, world.bob, world.carol))
    for n, wallet in enumerate((alice, bob)):
        if spent:
            operations.transfer(wallet, carol, spent // 2, text="Shed", scope="test", key=str(n))
    db.session.commit()
    for _again in range(2):
        merge_id = accounts.merge_members(world.alice, world.bob, world.admin).id
        db.session.commit()
        assert (balance(world.alice), balance(world.bob)) == (left, 0)
        accounts.take_apart(merge_id, world.admin)
        db.session.commit()
        assert (balance(world.alice), balance(world.bob)) == (left, left)


def test_who_brought_hours_along_is_not_welcomed_by_a_double(app: Flask, world: World) -> None:
    operations.change_rules(Rules(60, 0), world.admin)
    operations.welcome(world.bob)
    issue = operations.wallet_for(kinds.ISSUE, owners.COMMUNITY, TIME)
    alice = operations.member_wallet(world.alice)
    operations.transfer(issue, alice, 90, kind=kinds.OPENING, text="", scope="test", key="opening")
    db.session.commit()
    accounts.merge_members(world.alice, world.bob, world.admin)
    db.session.commit()
    assert balance(world.alice) == 90
