"""Taking a list in: everything that stands in it, once, all of it or nothing; and taking it back."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from app.accounts import operations as accounts
from app.accounts.models import User, UserLanguage
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.models import AuditEvent, OutboxMail
from app.imports import operations
from app.imports.models import Import, ImportedMember, ImportUpload
from app.skills import operations as skills
from app.skills.models import PROPOSED, Skill, UserSkill
from tests.accounts.test_invitations import at_once
from tests.directory.people import change
from tests.imports.lists import (
    ANA,
    LUIS,
    OTTO,
    dry_run,
    exported,
    listed,
    named,
    people,
    person,
    staged,
    take_in,
    written,
)
from tests.world import World


def count(model: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def batch() -> Import:
    return db.session.scalars(select(Import).order_by(Import.id.desc())).first()  # type: ignore[return-value]


def test_everything_comes_along(world: World) -> None:
    assert take_in(world.admin, listed([ANA, OTTO])).added == 2
    ana = named("Ana Pérez")
    assert (ana.number, ana.email, ana.phone, ana.location) == (101, "ana@example.net", "600 123 456", "Riverton")
    assert (ana.bio, ana.coordinators_note, ana.place_key) == ("I have time.", "Call her.", "riverton")
    assert (ana.timezone, ana.locale, ana.role, ana.phone_visibility) == (
        "Europe/Madrid",
        "en",
        "member",
        "coordinators",
    )
    assert ana.created_at == datetime(2019, 3, 1, 12, tzinfo=UTC)
    assert ana.approved_at and not ana.is_verified and not ana.password_hash
    assert set(db.session.scalars(select(UserLanguage.language).where(UserLanguage.user_id == ana.id))) == {"es", "en"}
    entries = select(UserSkill.kind, Skill.name, Skill.state).join(Skill, Skill.id == UserSkill.skill_id)
    found = {tuple(row) for row in db.session.execute(entries.where(UserSkill.user_id == ana.id))}
    assert found == {
        ("offer", "Gardening", "listed"),
        ("offer", "Kite repair", PROPOSED),
        ("want", "JavaScript", "listed"),
    }


def test_who_has_no_address_is_in_and_who_has_one_is_not_seen_yet(world: World) -> None:
    take_in(world.admin, listed([ANA, OTTO]))
    assert not named("Ana Pérez").is_visible
    otto = named("Otto Ohnemail")
    assert otto.is_visible and otto.email is None and otto.approved_at
    assert accounts.recipient(otto.id) is None


def test_nobody_is_written_to(world: World) -> None:
    take_in(world.admin, listed([ANA, OTTO, *people(20)]))
    assert count(OutboxMail) == 0


def test_numbers_go_on_above_the_highest(world: World) -> None:
    take_in(world.admin, written([("name", "number"), ("Ann One", "500"), ("Ben Two", ""), ("Cleo Three", "")]))
    assert (named("Ann One").number, named("Ben Two").number, named("Cleo Three").number) == (500, 501, 502)
    assert db.session.scalar(select(CommunitySettings.next_number)) == 503


def test_who_joined_today_did_not_join_in_the_future(world: World) -> None:
    take_in(world.admin, written([("name", "joined"), ("Ann One", now().date().isoformat())]))
    assert named("Ann One").created_at <= now()


def test_a_second_time_changes_nothing(world: World) -> None:
    """Rows with an address, with a number, and with neither are all known again."""
    rows = listed([ANA, OTTO, person(1, number="", email=""), *people(30, 2)])
    assert take_in(world.admin, rows).added == 33
    before = (count(User), count(Import), count(ImportedMember), count(UserSkill), count(Skill), count(AuditEvent))
    outcome = take_in(world.admin, rows)
    assert (outcome.added, outcome.known) == (0, 33)
    now_there = (count(User), count(Import), count(ImportedMember), count(UserSkill), count(Skill), count(AuditEvent))
    assert now_there == before
    assert count(ImportUpload) == 0


def test_only_those_who_are_new_are_added(world: World) -> None:
    take_in(world.admin, listed(people(20)))
    outcome = take_in(world.admin, listed(people(25)))
    assert (outcome.added, outcome.known) == (5, 20)
    assert (batch().added, batch().known) == (5, 20)


def test_what_a_member_changed_is_not_overwritten(world: World) -> None:
    take_in(world.admin, listed([ANA]))
    change(User, named("Ana Pérez").id, bio="My own words.", location="Elsewhere")
    take_in(world.admin, listed([ANA, OTTO]))
    assert (named("Ana Pérez").bio, named("Ana Pérez").location) == ("My own words.", "Elsewhere")


def test_one_fault_and_nobody_comes(world: World) -> None:
    before = count(User)
    with pytest.raises(DomainError):
        take_in(world.admin, listed([*people(50), person(51, joined="2020-02-30")]))
    db.session.rollback()
    assert count(User) == before and count(Import) == 0


def test_two_spellings_of_one_skill_are_one_entry(world: World) -> None:
    take_in(
        world.admin,
        written(
            [("name", "offers"), ("Ann One", "JS; javascript | JAVASCRIPT"), ("Ben Two", "Kite repair,kite  REPAIR")]
        ),
    )
    assert (
        db.session.scalar(select(func.count()).select_from(UserSkill).where(UserSkill.user_id == named("Ann One").id))
        == 1
    )
    assert db.session.scalar(select(func.count()).select_from(Skill).where(Skill.name_key == "kite repair")) == 1


def test_an_imported_skill_counts_like_any_other(world: World) -> None:
    take_in(world.admin, listed([ANA]))
    found = skills.resolve("KITE repair")
    assert found and found.state == PROPOSED and found.proposed_by_id == world.admin


def test_balances_wait_for_a_ledger(world: World) -> None:
    rows = [
        ("7", "Rosa Ruiz", "rosa@example.net", "600111222", "600333444", "2018-05-06 18:05:11 UTC", "", "es", "-5400"),
        ("8", "Sam Sol", "", "", "", "2019-01-01 00:00:00 UTC", "", "ca", "7200"),
    ]
    take_in(world.admin, exported(rows), "timeoverflow.zip")
    rosa = named("Rosa Ruiz")
    assert rosa.created_at == datetime(2018, 5, 6, 18, 5, 11, tzinfo=UTC)
    assert rosa.phone == "600111222 / 600333444" and rosa.number == 7
    balances = db.session.execute(select(ImportedMember.user_id, ImportedMember.balance_seconds)).all()
    assert dict(map(tuple, balances)) == {rosa.id: -5400, named("Sam Sol").id: 7200}  # type: ignore[arg-type]
    assert take_in(world.admin, exported(rows), "timeoverflow.zip").added == 0


def test_the_coordinator_who_moves_in_is_known_with_the_balance(world: World) -> None:
    rows = [("40", "Ada Min", "ADMIN@example.org", "", "", "2018-05-06 18:05:11 UTC", "", "en", "60"),
            ("41", "Sam Sol", "", "", "", "2019-01-01 00:00:00 UTC", "", "ca", "0")]  # fmt: skip
    outcome = take_in(world.admin, exported(rows), "timeoverflow.zip")
    assert (outcome.added, outcome.known) == (1, 1)
    standing = db.session.get_one(ImportedMember, (batch().id, world.admin))
    assert (standing.balance_seconds, standing.is_new) == (60, False)


def test_members_make_room_for_the_numbers_of_the_file(world: World) -> None:
    number = db.session.get_one(User, world.admin).number
    rows = listed([
        person(1, number=str(number), name="Ann One", email=""),
        person(2, number="77", name="Ada Min", email="admin@example.org"),
    ])  # fmt: skip
    faults, matched = dry_run(rows)
    assert [(fault.line, fault.column) for fault in faults] == [(2, "number")] and matched.taken_numbers == 1
    take_in(world.admin, rows, moves=True)
    assert named("Ann One").number == number and named("Ada Min").number == 77
    assert take_in(world.admin, rows).added == 0


def test_who_is_not_in_the_file_gets_the_next_number(world: World) -> None:
    number = db.session.get_one(User, world.bob).number
    take_in(world.admin, listed([person(1, number=str(number), name="Ann One"), person(2, number="")]), moves=True)
    assert named("Ann One").number == number
    assert len({user.number for user in db.session.scalars(select(User))}) == count(User)
    assert named("Bob Brandt").number > 5


def test_two_administrators_at_once_give_one_set(app: Flask, world: World) -> None:
    change(User, world.mod, role="admin")
    rows = listed(people(120))

    def take(number: int) -> Any:
        with app.app_context():
            try:
                return take_in((world.admin, world.mod)[number % 2], rows).added
            except Conflict:
                return "gone"
            finally:
                db.session.remove()

    db.session.remove()
    outcomes = at_once(4, take)
    assert Counter(str(outcome) for outcome in outcomes)["120"] == 1
    found = select(func.count()).select_from(User).where(User.number > 1000)
    assert db.session.scalar(found) == 120
    assert count(Import) == 1


def test_a_newcomer_at_the_same_moment_gets_another_number(app: Flask, world: World) -> None:
    rows = written([("name",), *((f"Person {'abcdefghij'[n // 10]}{'abcdefghij'[n % 10]}",) for n in range(60))])

    def work(number: int) -> Any:
        with app.app_context():
            if number == 0:
                return take_in(world.admin, rows).added
            db.session.add(User(name=f"New Comer {'abcdef'[number]}", name_key=f"new {number}"))
            db.session.commit()
            return 1

    db.session.remove()
    assert sum(at_once(6, work)) == 65


def test_5000_rows_within_seconds(world: World, statements: Callable[[], Any]) -> None:
    rows = listed(people(5000))
    began = time.monotonic()
    with statements() as seen:
        assert take_in(world.admin, rows).added == 5000
    took = time.monotonic() - began
    assert took < 20, f"{took:.1f} s"
    assert len(seen) < 120, Counter(statement[:60] for statement in seen).most_common(5)


def test_the_check_asks_the_same_few_questions(world: World, statements: Callable[[], Any]) -> None:
    counted = []
    for size in (5, 200):
        with statements() as seen:
            dry_run(listed(people(size)))
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 3


def test_undo_removes_exactly_those(world: World) -> None:
    take_in(world.admin, listed(people(5)))
    before = set(db.session.scalars(select(User.id)))
    take_in(world.admin, listed([ANA, OTTO, *people(5)]))
    assert operations.undo(batch().id, world.mod) == 2
    db.session.commit()
    assert set(db.session.scalars(select(User.id))) == before
    assert db.session.scalar(select(Skill.id).where(Skill.name == "Kite repair")) is None
    assert batch().undone_by_id == world.mod
    with pytest.raises(Conflict, match="undone already"):
        operations.undo(batch().id, world.mod)
    db.session.rollback()
    assert take_in(world.admin, listed([ANA, OTTO])).added == 2


def test_undo_is_refused_once_somebody_has_arrived(world: World) -> None:
    take_in(world.admin, listed([ANA, OTTO]))
    change(User, named("Ana Pérez").id, password_hash="x")
    with pytest.raises(Conflict, match="signed in"):
        operations.undo(batch().id, world.admin)


def test_undo_is_refused_after_a_day(world: World) -> None:
    take_in(world.admin, listed([ANA]))
    with time_machine.travel(now() + timedelta(hours=25)), pytest.raises(Conflict, match="for a day"):
        operations.undo(batch().id, world.admin)


def test_undo_keeps_what_was_done_with_a_member(world: World) -> None:
    take_in(world.admin, listed([ANA, OTTO]))
    accounts.disable(named("Otto Ohnemail"), world.admin)
    db.session.commit()
    with pytest.raises(Conflict, match="has to be kept"):
        operations.undo(batch().id, world.admin)
    db.session.rollback()
    assert named("Otto Ohnemail") and named("Ana Pérez")


def test_a_skill_that_somebody_else_chose_stays_after_undo(world: World) -> None:
    take_in(world.admin, listed([ANA]))
    kites = skills.resolve("kite repair")
    assert kites
    skills.add(world.bob, "want", kites.id, skills.Details(1))
    db.session.commit()
    operations.undo(batch().id, world.admin)
    db.session.commit()
    assert skills.resolve("kite repair")


def test_a_file_waits_for_a_day(world: World) -> None:
    from_lists = listed([ANA])
    take_in(world.admin, listed([OTTO]))
    assert operations.purge_uploads() == 0
    staged(world.admin, from_lists)
    with time_machine.travel(now() + timedelta(hours=25)):
        assert operations.purge_uploads() == 1
    assert count(ImportUpload) == 0


def test_an_emptied_account_leaves_no_trace_of_its_row(world: World) -> None:
    take_in(world.admin, written([("name", "email"), LUIS]))
    luis = named("Luis Gil").id
    accounts.empty(luis)
    db.session.commit()
    assert count(ImportedMember) == 0


def test_imported_members_are_not_swept_away_as_unconfirmed(world: World) -> None:
    take_in(world.admin, listed([ANA]))
    with time_machine.travel(now() + timedelta(days=60)):
        accounts.empty_closed()
    assert named("Ana Pérez").email == "ana@example.net"
