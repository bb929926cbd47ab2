"""Organisations and the community pot: who may act does, in their name, and nobody else learns of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts import operations as accounts
from app.core.db import db
from app.core.errors import Conflict
from app.core.models import AuditEvent
from app.core.money import TIME
from app.notices.models import Notice
from app.wallet import kinds, operations, owners
from app.wallet.models import Transfer, Wallet
from app.wallet.organisations import POT, Organisation, OrganisationMember
from tests.support.client import CheckedClient
from tests.support.ledger import assert_whole, give_hours
from tests.world import World

As = Callable[[str], CheckedClient]


@pytest.fixture(autouse=True)
def books(app: Flask) -> Iterator[None]:
    yield
    assert_whole()


@pytest.fixture
def library(app: Flask, world: World) -> int:
    """An organisation with three hours that Alice acts for."""
    library = operations.found("Library", "Books.", world.admin)
    operations.name_member(library, world.alice, world.admin)
    issue = operations.wallet_for(kinds.ISSUE, owners.COMMUNITY, TIME)
    wallet = operations.wallet_for(kinds.ORGANISATION, owners.of_organisation(library.id), TIME)
    operations.transfer(issue, wallet, 180, kind=kinds.GRANT, text="", scope="test", key="library")
    db.session.commit()
    return library.id


def pot() -> Organisation:
    return db.session.scalars(select(Organisation).where(Organisation.kind == POT)).one()


def shared_balance(owner: str) -> int:
    held = select(Wallet.balance).where(Wallet.kind == kinds.ORGANISATION, Wallet.owner == owner)
    return db.session.scalar(held) or 0


def form(**typed: Any) -> dict[str, Any]:
    return {
        "purse": "0",
        "hours": "1",
        "minutes": "0",
        "reason": "Help",
        "idempotency_key": "a-key-of-a-form-1234",
        **typed,
    }


def test_giving_in_its_name_says_who_did_it(app: Flask, as_: As, world: World, library: int) -> None:
    alice = as_("alice")
    assert "Library" in alice.get(f"/wallet/give/{world.bob}").text
    sure = alice.post("/wallet/give", data=form(to=world.bob, purse=library))
    assert "3 h" in sure.text and "2 h" in sure.text
    answer = alice.post("/wallet/gifts", data=form(to=world.bob, purse=library))
    assert (answer.status_code, answer.location) == (303, f"/organisations/{library}")
    assert shared_balance(owners.of_organisation(library)) == 120
    statement = as_("bob").get("/wallet/statement").text
    assert "Library" in statement and "by Alice Adeyemi" in statement
    assert "Library gave you 1 h: Help" in as_("bob").get("/notices").text
    operations.name_member(db.session.get_one(Organisation, library), world.carol, world.admin)
    db.session.commit()
    assert "by Alice Adeyemi" in as_("carol").get(f"/organisations/{library}/statement").text


@pytest.mark.parametrize("shape", ["", "/statement", "/statement.csv", "/statement/print"])
def test_strangers_find_nothing(app: Flask, as_: As, library: int, shape: str) -> None:
    for name in ("bob", "carol", "mod", "admin"):
        assert as_(name).get(f"/organisations/{library}{shape}").status_code == 404
    assert as_("alice").get(f"/organisations/{library}{shape}").status_code == 200


def test_nobody_gives_in_a_foreign_name(app: Flask, as_: As, world: World, library: int) -> None:
    for name in ("bob", "mod", "admin"):
        answer = as_(name).post("/wallet/gifts", data=form(to=world.carol, purse=library))
        assert answer.status_code == 422
        assert "Please choose one." in answer.text
    assert shared_balance(owners.of_organisation(library)) == 180


def test_who_is_removed_acts_no_more(app: Flask, as_: As, world: World, library: int) -> None:
    as_("mod").post(f"/admin/organisations/{library}/members/removal", data={"member": world.alice})
    assert as_("alice").get(f"/organisations/{library}").status_code == 404
    assert as_("alice").post("/wallet/gifts", data=form(to=world.bob, purse=library)).status_code == 422


def test_an_organisation_gives_only_what_it_has(app: Flask, as_: As, world: World, library: int) -> None:
    answer = as_("alice").post("/wallet/gifts", data=form(to=world.bob, purse=library, hours="4"))
    assert answer.status_code == 422 and "At most 3 h" in answer.text


def test_members_give_to_the_pot(app: Flask, as_: As, world: World) -> None:
    give_hours(world.bob, 60)
    operations.name_member(pot(), world.alice, world.admin)
    db.session.commit()
    assert "Community pot" in as_("bob").get("/wallet/give").text
    assert as_("bob").post("/wallet/gifts", data=form(organisation=pot().id)).status_code == 303
    assert shared_balance(owners.COMMUNITY) == 60
    assert "Bob Brandt gave Community pot 1 h: Help" in as_("alice").get("/notices").text
    assert "Bob Brandt" in as_("alice").get(f"/organisations/{pot().id}/statement").text


def test_an_organisation_does_not_give_to_itself(app: Flask, as_: As, library: int) -> None:
    answer = as_("alice").post("/wallet/gifts", data=form(organisation=library, purse=library))
    assert answer.status_code == 422 and "Both sides are the same." in answer.text


def test_coordinators_bring_one_in(app: Flask, as_: As, world: World) -> None:
    mod = as_("mod")
    answer = mod.post("/admin/organisations/new", data={"name": "Repair Café", "about": "Sundays"})
    assert answer.status_code == 303
    address = answer.location or ""
    assert "Bob Brandt" in mod.get(f"{address}?q=brandt").text
    assert mod.post(f"{address}/members", data={"member": world.bob}).status_code == 303
    assert "You may act for Repair Café now" in as_("bob").get("/notices").text
    assert "Repair Café" in as_("bob").get("/wallet").text
    assert mod.post(address, data={"name": "Repair Cellar", "about": ""}).status_code == 303
    assert "Repair Cellar" in as_("bob").get("/wallet").text
    actions = db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["organisation-added", "organisation-member-named", "organisation-changed"]


@pytest.mark.parametrize("name", ["Library", "LIBRARY", "Community pot", "", "x" * 61, "Admin", "Li\u202ebrary"])
def test_names_that_cannot_be(app: Flask, as_: As, library: int, name: str) -> None:
    answer = as_("admin").post("/admin/organisations/new", data={"name": name})
    assert answer.status_code == 422
    assert db.session.scalars(select(Organisation.name).where(Organisation.kind != POT)).all() == ["Library"]


def test_moderators_name_others_and_administrators_anybody(app: Flask, as_: As, world: World, library: int) -> None:
    address = f"/admin/organisations/{library}/members"
    assert as_("mod").post(address, data={"member": world.mod}).status_code == 403
    assert as_("admin").post(address, data={"member": world.admin}).status_code == 303
    acting = db.session.scalars(select(OrganisationMember.user_id).where(OrganisationMember.organisation_id == library))
    assert set(acting) == {world.alice, world.admin}


@pytest.mark.parametrize("member", ["", "0", "999999", "x", "9" * 40])
def test_nobody_is_named_who_is_not_there(app: Flask, as_: As, library: int, member: str) -> None:
    admin = as_("admin")
    assert admin.post(f"/admin/organisations/{library}/members", data={"member": member}).status_code == 303
    assert "Choose a member who can sign in." in admin.get(f"/admin/organisations/{library}").text


def test_named_twice_is_named_once(app: Flask, as_: As, world: World, library: int) -> None:
    for _n in range(2):
        as_("admin").post(f"/admin/organisations/{library}/members", data={"member": world.bob})
    told = select(Notice.id).where(Notice.user_id == world.bob)
    assert len(db.session.scalars(told).all()) == 1


def test_closing_sends_what_is_left_to_the_pot(app: Flask, as_: As, world: World, library: int) -> None:
    mod = as_("mod")
    for _n in range(2):
        assert mod.post(f"/admin/organisations/{library}/closing").status_code == 303
    assert (shared_balance(owners.of_organisation(library)), shared_balance(owners.COMMUNITY)) == (0, 180)
    assert as_("alice").get(f"/organisations/{library}").status_code == 404
    assert as_("bob").get(f"/wallet/give?organisation={library}").status_code == 404
    assert mod.post(f"/admin/organisations/{library}/reopening").status_code == 303
    assert as_("alice").get(f"/organisations/{library}").status_code == 200


def test_the_pot_stays_and_is_one(app: Flask, as_: As, world: World) -> None:
    assert as_("admin").post(f"/admin/organisations/{pot().id}/closing").status_code == 409
    as_("admin").post(f"/admin/organisations/{pot().id}", data={"name": "Mine", "about": "For all"})
    assert (pot().name, pot().about) == ("Community pot", "For all")
    with pytest.raises(Conflict):
        operations.close(pot(), world.admin)
    db.session.rollback()
    db.session.add(Organisation(kind=POT, name="Second", name_key="second"))
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_a_merged_member_goes_on_acting(app: Flask, world: World, library: int) -> None:
    merge = accounts.merge_members(world.bob, world.alice, world.admin)
    db.session.commit()
    acting = select(OrganisationMember.user_id).where(OrganisationMember.organisation_id == library)
    assert set(db.session.scalars(acting)) == {world.alice, world.bob}
    accounts.take_apart(merge.id, world.admin)
    db.session.commit()
    assert set(db.session.scalars(acting)) == {world.alice}


def test_transfers_name_no_reader(app: Flask, as_: As, world: World, library: int) -> None:
    """What an organisation got stands on a page for those who act for it, and on no other."""
    number = db.session.scalars(select(Transfer.id)).one()
    assert as_("alice").get(f"/wallet/transfers/{number}").status_code == 200
    for name in ("bob", "mod", "admin"):
        assert as_(name).get(f"/wallet/transfers/{number}").status_code == 404
