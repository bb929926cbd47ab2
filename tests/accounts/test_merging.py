"""Double members: what a merge keeps, that taking apart restores both, and who may not be merged."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import operations
from app.accounts.invitations import Invitation, InvitationUse, TermsAcceptance
from app.accounts.merges import MemberMerge
from app.accounts.models import AvailabilitySlot, Block, User, UserLanguage, UserSession
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.models import StoredFile
from app.core.registry import registry
from app.reports.models import Report
from app.skills import operations as skills
from app.skills.models import UserSkill
from tests.accounts.mailbox import received
from tests.directory.people import add_member, change, skill_id
from tests.support.admissions import add_waiting
from tests.support.doubles import add_double, everything
from tests.world import PASSWORD, World


def merge(kept: int, duplicate: int, actor: int, *theirs: str) -> int:
    merged = operations.merge_members(kept, duplicate, actor, theirs).id
    db.session.commit()
    return merged


def sign_up(email: str) -> int:
    """Somebody with this address, not confirmed yet. Commits; gives the id."""
    operations.sign_up(operations.Newcomer("Ana Newman", email, "velvet otter umbrella", "UTC", "en"))
    db.session.commit()
    return db.session.scalars(select(User.id).where(User.email_key == email)).one()


def part(merge_id: int, actor: int) -> None:
    operations.take_apart(merge_id, actor)
    db.session.commit()


def user(user_id: int) -> User:
    return db.session.get_one(User, user_id, populate_existing=True)


class TestMerging:
    def test_nothing_is_lost(self, app: Flask, world: World) -> None:
        double = add_double(world)
        merge(world.alice, double, world.admin)
        held = db.session.execute(
            select(UserSkill.kind, UserSkill.skill_id, UserSkill.level).where(UserSkill.user_id == world.alice)
        ).all()
        expected = [("offer", "Python", 5), ("offer", "Chess", 2), ("offer", "Sourdough bread", 3)]
        expected += [("want", "Spanish", 2), ("want", "Knitting", 1)]
        assert sorted(map(tuple, held)) == sorted((kind, skill_id(name), level) for kind, name, level in expected)
        assert set(column(UserLanguage.language, UserLanguage.user_id == world.alice)) == {"en", "es"}
        assert column(Block.blocked_id, Block.blocker_id == world.alice) == [world.carol]
        assert column(Block.blocked_id, Block.blocker_id == world.admin, Block.blocked_id == world.alice)
        assert column(TermsAcceptance.terms_version_id, TermsAcceptance.user_id == world.alice)
        assert column(InvitationUse.invitation_id, InvitationUse.user_id == world.alice)
        assert column(Invitation.label, Invitation.inviter_id == world.alice) == ["Hers"]
        assert column(Report.id, Report.reporter_id == world.alice)
        about = column(Report.reporter_id, Report.reported_id == world.alice, Report.subject_id == world.alice)
        assert sorted(about) == [world.bob, world.carol]  # Carol had reported both: one of hers stays where it was
        assert column(Report.reporter_id, Report.reported_id == double) == [world.carol]

    def test_hours_of_both_weeks_count(self, app: Flask, world: World) -> None:
        """Alice is free on Monday from 18 to 20 UTC; Madrid is an hour ahead in winter, two in summer."""
        merge(world.alice, add_double(world), world.admin)
        rows = db.session.execute(
            select(AvailabilitySlot.weekday, AvailabilitySlot.starts, AvailabilitySlot.ends)
            .where(AvailabilitySlot.user_id == world.alice)
            .order_by(AvailabilitySlot.weekday, AvailabilitySlot.starts)
        ).all()
        monday, tuesday = map(tuple, rows)
        assert monday[0] == 0
        assert monday[1] in {17 * 60, 18 * 60}
        assert monday[2] in {20 * 60, 21 * 60}
        assert tuesday[0] == 1
        assert tuesday[2] - tuesday[1] == 60

    def test_fields_are_filled_and_chosen(self, app: Flask, world: World) -> None:
        double = add_double(world)
        number, theirs = user(world.alice).number, user(double).number
        merge(world.alice, double, world.admin, "name", "number", "bio")
        kept = user(world.alice)
        assert (kept.name, kept.name_key, kept.bio) == ("Alice A.", "alice a.", "Likes bread.")
        assert (kept.phone, kept.phone_visibility, kept.pronouns) == ("+34 600 111 222", "members", "she")
        assert (kept.location, kept.coordinators_note) == ("Riverton", "Key 7.")
        assert (kept.number, user(double).number) == (theirs, number)
        assert kept.email == "alice@example.org"
        picture = db.session.get_one(StoredFile, kept.picture_id)
        assert picture.owner_id == world.alice

    def test_the_double_is_nowhere(self, app: Flask, world: World, as_: Any) -> None:
        double = add_double(world)
        assert "Alice A." in as_("bob").get("/members?q=alice").text
        merge(world.alice, double, world.admin)
        for path in ("/members?q=alice", "/skills/chess", "/matches", "/settings/privacy"):
            assert "Alice A." not in as_("bob").get(path).text, path
        assert "Alice A." not in as_("mod").get("/admin/members?q=alice").text
        assert "Alice A." not in as_("admin").get("/settings/privacy").text  # who had blocked the double
        assert user(double).is_visible is False

    def test_its_address_leads_on(self, app: Flask, world: World, as_: Any, client: Any) -> None:
        double = add_double(world)
        merge(world.alice, double, world.admin)
        assert as_("bob").get(f"/members/{double}").location == f"/members/{world.alice}"
        assert as_("mod").get(f"/admin/members/{double}").location == f"/admin/members/{world.alice}"
        assert as_("carol").get(f"/members/{double}").status_code == 404  # blocked by the double, now by Alice
        assert client.get(f"/members/{double}").location.startswith("/sign-in")
        change(User, world.alice, closed_at=now())
        assert as_("bob").get(f"/members/{double}").status_code == 404

    def test_a_chain_leads_to_its_end(self, app: Flask, world: World, as_: Any) -> None:
        first, second = add_member("Ana"), add_member("Ana Two")
        merge(second, first, world.admin)
        merge(world.bob, second, world.admin)
        assert as_("alice").get(f"/members/{first}").location == f"/members/{world.bob}"

    def test_a_newcomer_takes_her_page_over(self, app: Flask, world: World, as_: Any) -> None:
        """Coordinators had written her down; now she has signed up herself. Her address and password count."""
        offline, wanda = add_member("Wanda W."), add_waiting()
        merge(offline, wanda, world.mod)
        kept = user(offline)
        assert (kept.email, kept.is_verified, kept.approved_at is not None) == ("wanda@example.org", True, True)
        found = operations.authenticate("wanda@example.org", PASSWORD)
        assert found is not None
        assert found.id == offline
        assert as_("wanda").get("/settings").status_code == 303  # her session has ended: she signs in as one
        assert received("accounts_merged") == []

    def test_an_address_that_nobody_proved_is_not_taken(self, app: Flask, world: World) -> None:
        offline, wanda = add_member("Wanda W."), add_waiting()
        change(User, wanda, is_verified=False)
        merge(offline, wanda, world.mod)
        assert user(offline).email is None
        assert user(wanda).email is None

    def test_the_other_address_is_told(self, app: Flask, world: World) -> None:
        merge(world.alice, world.bob, world.admin, "email")
        kept = user(world.alice)
        assert kept.email == "bob@example.org"
        assert column(UserSession.id, UserSession.user_id == world.alice, UserSession.revoked_at.is_(None)) == []
        mail = received("accounts_merged")[-1]
        assert mail.to == "alice@example.org"
        assert "30 days" in mail.text


class TestTakingApart:
    @pytest.mark.parametrize("theirs", [(), operations.CHOICES, ("number", "picture")], ids=["mine", "theirs", "some"])
    def test_both_are_exactly_as_before(self, app: Flask, world: World, theirs: tuple[str, ...]) -> None:
        double = add_double(world)
        before = everything()
        part(merge(world.alice, double, world.admin, *theirs), world.admin)
        after = everything()
        for table, rows in before.items():
            assert after[table] == rows, table

    @pytest.mark.parametrize("pair", [("alice", "bob"), ("bob", "carol"), ("mod", "alice")])
    def test_of_two_who_sign_in(self, app: Flask, world: World, pair: tuple[str, str]) -> None:
        before = everything()
        kept, other = (getattr(world, name) for name in pair)
        part(merge(kept, other, world.admin, *operations.CHOICES), world.admin)
        assert everything() == before

    def test_what_was_done_since_stays(self, app: Flask, world: World) -> None:
        double = add_double(world)
        merged = merge(world.alice, double, world.admin, "bio")
        skills.change(world.alice, "offer", skill_id("Chess"), skills.Details(5, note="since"))
        skills.add(world.alice, "want", skill_id("Guitar"), skills.Details(1))
        operations.set_picture(world.alice, b"RIFF another")
        change(User, world.alice, bio="New words.", phone="123456")
        part(merged, world.admin)
        kept, other = user(world.alice), user(double)
        assert (kept.bio, kept.phone, kept.pronouns) == ("New words.", "123456", "")
        assert (other.bio, other.phone) == ("Likes bread.", "+34 600 111 222")
        assert kept.picture_id is not None
        assert other.picture_id is not None
        entries = {
            (row.user_id, row.skill_id): row.level
            for row in db.session.scalars(select(UserSkill).where(UserSkill.user_id.in_([world.alice, double])))
        }
        assert entries[world.alice, skill_id("Chess")] == 5
        assert entries[double, skill_id("Chess")] == 2
        assert (world.alice, skill_id("Guitar")) in entries
        assert (world.alice, skill_id("Knitting")) not in entries

    def test_an_address_of_since_stays(self, app: Flask, world: World) -> None:
        offline, wanda = add_member("Wanda W."), add_waiting()
        merged = merge(offline, wanda, world.mod)
        change(User, offline, email="new@example.org", email_key="new@example.org")
        part(merged, world.mod)
        assert (user(offline).email, user(offline).is_verified) == ("new@example.org", True)
        assert user(wanda).email == "wanda@example.org"

    def test_not_where_the_address_went_elsewhere(self, app: Flask, world: World) -> None:
        offline, wanda = add_member("Wanda W."), add_waiting()
        merged = merge(offline, wanda, world.mod)
        change(User, offline, email="new@example.org", email_key="new@example.org")
        change(User, world.carol, email="wanda@example.org", email_key="wanda@example.org")
        with pytest.raises(Conflict, match="another account"):
            operations.take_apart(merged, world.mod)
        db.session.rollback()
        assert user(wanda).merged_into_id == offline

    @pytest.mark.parametrize("whose", ["alice", "bob"])
    def test_an_address_that_somebody_took_meanwhile(self, app: Flask, world: World, as_: Any, whose: str) -> None:
        """Of the kept member, whose own address was free, as well as of the double."""
        theirs = "email" if whose == "alice" else "name"
        merged = merge(world.alice, world.bob, world.admin, theirs)
        taker = sign_up(f"{whose}@example.org")
        change(User, taker, is_verified=True)
        assert as_("admin").post(f"/admin/members/{world.alice}/merges/{merged}/parting").status_code == 409
        assert user(world.bob).merged_into_id == world.alice
        change(User, taker, is_verified=False)  # whoever has not confirmed an address has no claim to it
        part(merged, world.admin)
        assert (user(world.alice).email, user(world.bob).email) == ("alice@example.org", "bob@example.org")
        assert user(taker).emptied_at is not None

    def test_once_and_in_time(self, app: Flask, world: World) -> None:
        double = add_double(world)
        merged = merge(world.alice, double, world.admin)
        part(merged, world.admin)
        with pytest.raises(Conflict, match="already"):
            operations.take_apart(merged, world.admin)
        db.session.rollback()
        again = merge(world.alice, double, world.admin)
        change(MemberMerge, again, expires_at=now() - timedelta(seconds=1))
        with pytest.raises(Conflict, match="too long ago"):
            operations.take_apart(again, world.admin)

    def test_the_later_of_two_comes_first(self, app: Flask, world: World) -> None:
        first, second = add_member("Ana"), add_member("Ana Two")
        inner, outer = merge(second, first, world.admin), merge(world.bob, second, world.admin)
        with pytest.raises(Conflict, match="those two apart first"):
            operations.take_apart(inner, world.admin)
        db.session.rollback()
        part(outer, world.admin)
        part(inner, world.admin)
        assert user(first).merged_into_id is None

    def test_two_doubles_the_later_first(self, app: Flask, world: World) -> None:
        first, second = add_double(world), add_member("Alice B.", offers=[("Chess", 3, 2), ("Guitar", 3, 2)])
        before = everything()
        one, two = (merge(world.alice, other, world.admin, "name", "number") for other in (first, second))
        with pytest.raises(Conflict, match="that one apart first"):
            operations.take_apart(one, world.admin)
        db.session.rollback()
        part(two, world.admin)
        part(one, world.admin)
        assert everything() == before


class TestRefusals:
    def test_who_cannot_be_merged(self, app: Flask, world: World) -> None:
        double = add_member("Ana")
        for kept, other in ((double, double), (world.bob, world.admin), (world.bob, world.mod)):
            with pytest.raises(DomainError):
                operations.merge_members(kept, other, world.admin)
            db.session.rollback()
        for column, value in (("closed_at", now()), ("is_active", False)):
            before = getattr(user(world.carol), column)
            change(User, world.carol, **{column: value})
            for pair in ((world.carol, double), (double, world.carol)):
                with pytest.raises(DomainError):
                    operations.merge_members(*pair, world.admin)
                db.session.rollback()
            change(User, world.carol, **{column: before})

    def test_nobody_is_lost_with_an_account_that_nobody_confirmed(self, app: Flask, world: World) -> None:
        offline, unconfirmed = add_member("Ana"), sign_up("ana@example.net")
        with pytest.raises(DomainError, match="keep the other account"):
            operations.merge_members(unconfirmed, offline, world.admin)
        db.session.rollback()
        merge(offline, unconfirmed, world.admin)
        merge(sign_up("again@example.net"), sign_up("and.again@example.net"), world.admin)

    def test_no_circles(self, app: Flask, world: World) -> None:
        double = add_member("Ana")
        merge(world.bob, double, world.admin)
        for pair in ((double, world.bob), (world.bob, double), (world.alice, double), (double, world.alice)):
            with pytest.raises(Conflict):
                operations.merge_members(*pair, world.admin)
            db.session.rollback()

    def test_the_database_says_so_too(self, app: Flask, world: World) -> None:
        row = {"kept_id": world.bob, "duplicate_id": world.carol, "actor_id": world.admin, "snapshot": {}}
        row |= {"expires_at": now(), "created_at": now(), "updated_at": now()}
        statements = [
            [insert(MemberMerge).values(**{**row, "kept_id": world.carol})],
            [insert(MemberMerge).values(**row), insert(MemberMerge).values(**{**row, "kept_id": world.alice})],
            [insert(MemberMerge).values(**row, undone_at=now())],
            [insert(MemberMerge).values(**{**row, "duplicate_id": 999_999})],
            [update(User).where(User.id == world.bob).values(merged_into_id=world.bob, email=None, email_key=None)],
            [update(User).where(User.id == world.bob).values(merged_into_id=world.carol)],
        ]
        for several in statements:
            with pytest.raises(IntegrityError):
                for statement in several:
                    db.session.execute(statement)
            db.session.rollback()

    def test_a_double_stays_switched_off(self, app: Flask, world: World) -> None:
        double = add_member("Ana")
        merge(world.bob, double, world.admin)
        with pytest.raises(DomainError, match="part of another"):
            operations.enable(user(double))


class TestEnding:
    def test_after_30_days_nothing_is_kept(self, app: Flask, world: World, as_: Any) -> None:
        double = add_double(world)
        merged = merge(world.alice, double, world.admin)
        assert operations.purge_merges() == 0
        change(MemberMerge, merged, expires_at=now() - timedelta(seconds=1))
        held = column(UserSkill.skill_id, UserSkill.user_id == world.alice)
        assert operations.purge_merges() == 1
        assert operations.purge_merges() == 0
        row = db.session.get_one(MemberMerge, merged, populate_existing=True)
        assert row.snapshot == {}
        assert row.purged_at is not None
        gone = user(double)
        assert (gone.name, gone.phone, gone.coordinators_note) == ("Former member", "", "")
        assert column(UserSkill.skill_id, UserSkill.user_id == double) == []
        assert column(UserSkill.skill_id, UserSkill.user_id == world.alice) == held
        assert user(world.alice).picture_id is not None
        assert as_("bob").get(f"/members/{double}").location == f"/members/{world.alice}"

    def test_who_is_emptied_takes_the_double_along(self, app: Flask, world: World) -> None:
        double = add_double(world)
        merged = merge(world.alice, double, world.admin)
        operations.empty(world.alice)
        db.session.commit()
        assert user(double).emptied_at is not None
        assert db.session.get_one(MemberMerge, merged, populate_existing=True).snapshot == {}
        with pytest.raises(Conflict):
            operations.take_apart(merged, world.admin)

    def test_every_feature_with_rows_of_members_has_a_merger(self, app: Flask) -> None:
        """Whoever registers how an account is emptied says how two become one, too."""
        record_of_files = "imports"  # which line of a file made which row: that does not change
        assert set(registry().mergers) >= set(registry().closers) - {"merges", record_of_files}


@pytest.mark.parametrize("turned", [False, True], ids=["the same way", "each into the other"])
def test_of_two_at_once_one_wins(app: Flask, world: World, turned: bool) -> None:
    double = add_member("Ana")
    pairs = [(world.bob, double), (double, world.bob) if turned else (world.bob, double)]
    outcomes = at_once(app, [lambda pair=pair: operations.merge_members(*pair, world.admin) for pair in pairs])
    assert sorted(outcomes) == ["conflict", "done"]
    assert len(column(MemberMerge.id, MemberMerge.undone_at.is_(None))) == 1


def test_numbers_change_hands_while_newcomers_get_theirs(app: Flask, world: World) -> None:
    doubles = [(add_member("Ana"), add_member("Ana Two")) for _ in range(3)]
    calls: list[Callable[[], object]] = [
        *(lambda pair=pair: operations.merge_members(*pair, world.admin, ["number"]) for pair in doubles),
        *(lambda: operations.add_offline(operations.Record("New Here"), world.mod) for _ in range(6)),
    ]
    assert at_once(app, calls) == ["done"] * 9


def test_of_two_partings_at_once_one_wins(app: Flask, world: World) -> None:
    merged = merge(world.alice, add_double(world), world.admin)
    outcomes = at_once(app, [lambda: operations.take_apart(merged, world.admin)] * 2)
    assert sorted(outcomes) == ["conflict", "done"]


def at_once(app: Flask, calls: list[Callable[[], object]]) -> list[str]:
    db.session.remove()
    barrier, outcomes = threading.Barrier(len(calls)), []

    def run(call: Callable[[], object]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                call()
                db.session.commit()
            except Conflict:
                db.session.rollback()
                outcomes.append("conflict")
            else:
                outcomes.append("done")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def column(wanted: Any, *conditions: Any) -> list[Any]:
    db.session.rollback()
    return list(db.session.scalars(select(wanted).where(*conditions)))
