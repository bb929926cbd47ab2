"""Coordinators see, print and take along the statement of a member who cannot sign in, and of nobody else."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO

import pytest
from sqlalchemy import update

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.wallet import kinds, operations
from tests.directory.people import add_member
from tests.support.client import CheckedClient
from tests.support.ledger import give_hours
from tests.world import World

As = Callable[[str], CheckedClient]
SHAPES = ("", ".csv", "/print")


@pytest.fixture
def olga(world: World) -> int:
    """She has no address; Alice gave her an hour, she gave Bob half of it."""
    member_id = add_member("Olga Offline")
    alice, hers, bob = give_hours(world.alice, 300), *map(operations.member_wallet, (member_id, world.bob))
    moved = ((alice, hers, 60, "A cake"), (hers, bob, 30, "Carried coal"), (alice, bob, 10, "Between the two"))
    for number, (from_id, to_id, minutes, text) in enumerate(moved):
        operations.transfer(from_id, to_id, minutes, kind=kinds.GIFT, text=text, scope="test", key=str(number))
    db.session.commit()
    return member_id


@pytest.mark.parametrize("who", ["mod", "admin"])
def test_a_coordinator_reads_it_in_every_shape(as_: As, olga: int, who: str) -> None:
    coordinator, address = as_(who), f"/wallet/members/{olga}/statement"
    assert f'href="{address}"' in coordinator.get(f"/admin/members/{olga}").text
    page = coordinator.get(address).text
    for told in ("Olga Offline", "A cake", "Carried coal", f'href="{address}.csv"', f'href="{address}/print"'):
        assert told in page
    assert "Between the two" not in page
    assert "Statement of Olga Offline" in coordinator.get(f"{address}/print").text
    rows = list(csv.reader(StringIO(coordinator.get(f"{address}.csv").text.lstrip("\ufeff"))))
    assert [row[5:8] for row in rows[1:]] == [["A cake", "60", "60"], ["Carried coal", "-30", "30"]]


def test_filters_and_the_single_line_work_there_too(as_: As, olga: int) -> None:
    moderator, address = as_("mod"), f"/wallet/members/{olga}/statement"
    assert "A cake" not in moderator.get(f"{address}?direction=out").text
    number = next(row[0] for row in csv.reader(StringIO(moderator.get(f"{address}.csv").text)) if "A cake" in row)
    assert "A cake" in moderator.get(f"/wallet/transfers/{number}").text


@pytest.mark.parametrize("shape", SHAPES)
def test_for_members_there_is_none(as_: As, olga: int, shape: str) -> None:
    for who in ("alice", "bob", "carol"):
        assert as_(who).get(f"/wallet/members/{olga}/statement{shape}").status_code == 404


@pytest.mark.parametrize("shape", SHAPES)
def test_who_can_sign_in_is_read_by_nobody_else(as_: As, world: World, olga: int, shape: str) -> None:
    for who in ("mod", "admin"):
        assert as_(who).get(f"/wallet/members/{world.alice}/statement{shape}").status_code == 404
    assert f"/wallet/members/{world.alice}/" not in as_("admin").get(f"/admin/members/{world.alice}").text


def test_it_is_closed_once_there_is_an_address_and_gone_with_the_account(as_: As, olga: int) -> None:
    address = f"/wallet/members/{olga}/statement"
    changes = (
        {"email": "olga@example.org", "email_key": "olga@example.org"},
        {"email": None, "email_key": None, "closed_at": now(), "emptied_at": now()},
    )
    for values in changes:
        db.session.execute(update(User).where(User.id == olga).values(values))
        db.session.commit()
        assert as_("mod").get(address).status_code == 404


def test_without_a_line_it_says_so(as_: As, world: World) -> None:
    member_id = add_member("Piet Paper")
    page = as_("mod").get(f"/wallet/members/{member_id}/statement").text
    assert "No hours have moved yet" in page
    assert 'href="/wallet/give"' not in page.partition("<main")[2]


def test_lines_name_who_acted_for_the_member_and_not_the_member(as_: As, world: World, olga: int) -> None:
    hers, bob = operations.member_wallet(olga), operations.member_wallet(world.bob)
    for key, actor_id in (("Did it herself", olga), ("Had it done", world.mod)):
        operations.transfer(hers, bob, 1, kind=kinds.GIFT, text=key, scope="test", key=key, actor_id=actor_id)
    db.session.commit()
    rows = csv.reader(StringIO(as_("mod").get(f"/wallet/members/{olga}/statement.csv").text))
    told = {row[5]: row[8] for row in rows}
    moderator = db.session.get_one(User, world.mod).name
    assert (told["Did it herself"], told["Had it done"]) == ("", moderator)
    page = as_("mod").get(f"/wallet/members/{olga}/statement/print").text
    assert f"by {moderator}" in page and "by Olga" not in page
