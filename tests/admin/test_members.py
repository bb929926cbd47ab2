"""Members in the coordinators' hands: found, written down, paused, switched off, and given a sign-in later."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import insert, select

from app.accounts import operations, roster
from app.accounts.models import EmailChange, User
from app.community.models import THE_ONE, CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.core.models import AuditEvent, OutboxMail
from app.skills.models import UserSkill
from tests.accounts.mailbox import link, received
from tests.directory.people import add_member, change, skill_id
from tests.journeys.forms import Seen
from tests.support.admissions import add_waiting
from tests.support.client import CheckedClient
from tests.world import PASSWORD, World

As = Callable[[str], CheckedClient]
GOOD_PASSWORD = "velvet otter umbrella"
ROSA: dict[str, Any] = {
    "name": "Rosa Prieto",
    "number": "77",
    "phone": "+34 600 123 456",
    "phone_visibility": "coordinators",
    "location": "Weir Side",
    "languages": ["es"],
    "pronouns": "she/her",
    "bio": "Bakes.",
    "coordinators_note": "Call in the evening.",
}


def added(browser: CheckedClient, **changed: Any) -> int:
    answer = browser.post("/admin/members/new", data={**ROSA, **changed})
    assert answer.status_code == 303, answer.text
    return int(re.findall(r"/admin/members/(\d+)/skills", answer.location)[0])


def user(user_id: int) -> User:
    db.session.rollback()
    return db.session.get_one(User, user_id)


def recorded(action: str) -> list[tuple[Any, ...]]:
    rows = select(AuditEvent.actor_id, AuditEvent.subject_id, AuditEvent.detail).where(AuditEvent.action == action)
    return [tuple(row) for row in db.session.execute(rows)]


class TestList:
    @pytest.mark.parametrize("q", ["rosa", "PRIETO", "77", "600123456", "600 123", "(600)-123-456", "rosa  prieto"])
    def test_finds_by_name_number_and_telephone(self, as_: As, world: World, q: str) -> None:
        added(as_("mod"))
        page = as_("mod").get("/admin/members", query_string={"q": q}).text
        assert "Rosa Prieto" in page
        assert "Alice Adeyemi" not in page

    @pytest.mark.parametrize("q", ["bob@example.org", "BOB@EXAMPLE", "bob@"])
    def test_finds_by_address(self, as_: As, world: World, q: str) -> None:
        page = as_("mod").get("/admin/members", query_string={"q": q}).text
        assert "Bob Brandt" in page
        assert "Alice Adeyemi" not in page

    @pytest.mark.parametrize("q", ["%", "_", "\\", "' OR 1=1 --", "<script>", "9" * 400, "٣", "a" * 5000, "\u202e"])
    def test_whatever_is_typed_is_looked_for(self, as_: As, world: World, q: str) -> None:
        page = as_("mod").get("/admin/members", query_string={"q": q})
        assert page.status_code == 200
        assert "<script>" not in page.text.replace("<script src", "")
        assert "Nobody found" in page.text or q == "\u202e"

    def test_states(self, as_: As, world: World) -> None:
        rosa, wanda = added(as_("mod")), add_waiting()
        paused, disabled, closing, newcomer = (add_member(name) for name in ("Pau", "Dis", "Clo", "New"))
        change(User, paused, paused_at=now())
        change(User, disabled, is_active=False)
        change(User, closing, closed_at=now())
        change(User, newcomer, email="n@example.org", email_key="n@example.org")
        expected = {"waiting": {wanda}, "paused": {paused}, "disabled": {disabled}, "closing": {closing}}
        expected |= {"unverified": {newcomer}, "offline": {rosa, paused, disabled, closing}}
        for state, ids in expected.items():
            assert ids_on(as_("mod").get(f"/admin/members?state={state}").text) == ids, state
        active = ids_on(as_("mod").get("/admin/members?state=active").text)
        assert active == {world.alice, world.bob, world.carol, world.mod, world.admin, rosa}

    def test_orders_and_pages(self, as_: As, world: World) -> None:
        moment = now()
        rows = [
            {"name": f"Member {n:03}", "name_key": f"member {n:03}", "number": 5000 - n, "approved_at": moment}
            for n in range(60)
        ]
        db.session.execute(
            insert(User), [{**row, "created_at": moment + timedelta(seconds=n)} for n, row in enumerate(rows)]
        )
        db.session.commit()
        for sort, first in (("name", "Member 000"), ("number", "Member 059"), ("newest", "Member 059")):
            seen: list[str] = []
            url = f"/admin/members?q=member&sort={sort}"
            while url:
                page = as_("mod").get(url).text
                seen += re.findall(r"<strong>(Member \d+)</strong>", page)
                onwards = re.search(r'rel="next" href="([^"]+)"', page)
                url = onwards[1].replace("&amp;", "&") if onwards else ""
            assert seen[0] == first
            assert len(seen) == len(set(seen)) == 60

    def test_counts_stop(self, as_: As, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        assert "5 members" in as_("mod").get("/admin/members").text
        monkeypatch.setattr(roster, "COUNTED", 3)
        assert "1,000+ members" in as_("mod").get("/admin/members").text

    def test_few_statements(self, as_: As, world: World, statements: Any) -> None:
        browser, counts = as_("mod"), []
        rosa = added(browser)
        for more in (3, 20):
            for n in range(more):
                add_member(f"More {n}", offers=[("Chess", 2, 2)], languages=["en", "es"])
            for path in ("/admin/members?q=more", f"/admin/members/{rosa}"):
                with statements() as seen:
                    browser.get(path)
                counts.append(len(seen))
        assert counts[:2] == counts[2:]
        assert max(counts) <= 1 + 3


class TestAdding:
    def test_in_at_once_without_any_mail(self, as_: As, world: World) -> None:
        rosa = added(as_("mod"))
        member = user(rosa)
        assert member.is_visible
        assert (member.number, member.email, member.password_hash) == (77, None, "")
        assert db.session.scalars(select(OutboxMail)).all() == []
        assert recorded("member-added") == [(world.mod, rosa, "")]
        card = as_("alice").get("/members?q=rosa").text
        assert "Rosa Prieto" in card
        assert "Reached through the coordinators" in card
        page = as_("alice").get(f"/members/{rosa}").text
        assert "Reached through the coordinators" in page
        assert "600 123 456" not in page
        assert "Call in the evening" not in page
        assert operations.authenticate("", "") is None

    def test_the_telephone_where_members_may_see_it(self, as_: As, world: World, client: CheckedClient) -> None:
        rosa = added(as_("mod"), phone_visibility="members")
        page = as_("alice").get(f"/members/{rosa}").text
        assert "+34 600 123 456" in page
        assert "Reached through" not in page
        assert "Reached through" not in as_("alice").get("/members?q=rosa").text
        change(CommunitySettings, THE_ONE, public_directory=True)
        assert "600 123" not in client.get(f"/members/{rosa}").text

    def test_the_proposed_number_is_the_next_one_by_then(self, as_: As, world: World) -> None:
        held = Seen(as_("mod").get("/admin/members/new").text).held
        proposed = held["number"][0]
        sent = {"number": proposed, "proposed": held["proposed"][0]}
        first, second = (user(added(as_(who), **sent)).number for who in ("mod", "admin"))
        assert (first, second) == (int(proposed), int(proposed) + 1)

    def test_a_chosen_number_is_never_given_again(self, as_: As, world: World) -> None:
        added(as_("mod"), number="300")
        assert user(add_member("Next")).number == 301
        page = as_("mod").post("/admin/members/new", data={**ROSA, "number": "300"})
        assert page.status_code == 422
        assert Seen(page.text).tells_at("number")
        assert "belongs to another member" in page.text

    @pytest.mark.parametrize(
        ("field", "value"),
        [("name", ""), ("name", "Administrator"), ("name", "x" * 61), ("number", "0"), ("number", "-4"),
         ("number", "x"), ("number", "9" * 30), ("number", ""), ("phone", "call me"), ("phone", "1"),
         ("phone", "1" * 60), ("phone_visibility", "everybody"), ("languages", "xx"), ("bio", "x" * 1001),
         ("coordinators_note", "x" * 2001), ("location", "x" * 81), ("pronouns", "nul\x00")],
    )  # fmt: skip
    def test_bad_input_is_told_and_nothing_is_lost(self, as_: As, world: World, field: str, value: str) -> None:
        answer = as_("mod").post("/admin/members/new", data={**ROSA, field: value})
        assert answer.status_code == 422
        page = Seen(answer.text)
        assert page.tells_at(field)
        assert all(page.holds(name, typed) for name, typed in ROSA.items() if name not in {field, "languages"})
        assert db.session.scalar(select(User.id).where(User.number == 77)) is None

    def test_skills_without_a_script(self, as_: As, world: World) -> None:
        browser = as_("mod")
        rosa = added(browser)
        found = browser.get(f"/admin/members/{rosa}/skills?kind=want&q=chess")
        assert Seen(found.text).held["skill"] == [str(skill_id("Chess"))]
        sent = {"kind": "want", "q": "chess", "skill": str(skill_id("Chess")), "level": "1", "note": "slowly"}
        assert browser.post(f"/admin/members/{rosa}/skills", data=sent).status_code == 303
        proposal = {"kind": "offer", "q": "Kite building", "skill": "new", "level": "4"}
        assert browser.post(f"/admin/members/{rosa}/skills", data=proposal).status_code == 303
        page = as_("alice").get(f"/members/{rosa}").text
        assert "Chess" in page
        assert "Kite building" in page
        page = as_("carol").get("/matches/one-way?direction=learn").text  # Carol offers it
        assert "Rosa Prieto" in page
        assert "Reached through the coordinators" in page
        gone = {"kind": "want", "skill": str(skill_id("Chess"))}
        assert browser.post(f"/admin/members/{rosa}/skills/removal", data=gone).status_code == 303
        assert db.session.get(UserSkill, (rosa, "want", skill_id("Chess"))) is None

    @pytest.mark.parametrize(
        "sent", [{}, {"skill": "999999"}, {"skill": "x"}, {"skill": "new", "q": "x" * 60}, {"level": "9"}]
    )
    def test_no_other_skill(self, as_: As, world: World, sent: dict[str, str]) -> None:
        rosa = added(as_("mod"))
        answer = as_("mod").post(
            f"/admin/members/{rosa}/skills", data={"kind": "offer", "q": "che", "level": "3", **sent}
        )
        assert answer.status_code == 422
        assert db.session.scalars(select(UserSkill).where(UserSkill.user_id == rosa)).all() == []


class TestCare:
    def test_editing_is_recorded_by_field(self, as_: As, world: World) -> None:
        sent = {**ROSA, "name": "Alice Adeyemi", "number": str(user(world.alice).number), "phone": "555 1234"}
        assert as_("mod").post(f"/admin/members/{world.alice}/record", data=sent).status_code == 303
        member = user(world.alice)
        assert (member.phone, member.location, member.place_key) == ("555 1234", "Weir Side", "weir side")
        assert member.email == "alice@example.org"
        [(actor, subject, detail)] = recorded("member-edited")
        assert (actor, subject) == (world.mod, world.alice)
        assert "phone" in detail
        assert "555" not in detail

    def test_nothing_but_what_the_form_has(self, as_: As, world: World) -> None:
        before = user(world.alice)
        kept = (before.email, before.password_hash, before.role, before.is_active)
        smuggled = {"email": "mod@example.net", "email_key": "mod@example.net", "password_hash": "x", "role": "admin"}
        as_("mod").post(f"/admin/members/{world.alice}/record", data={**ROSA, **smuggled, "is_active": "", "id": "1"})
        after = user(world.alice)
        assert (after.email, after.password_hash, after.role, after.is_active) == kept

    def test_pause_and_back(self, as_: As, world: World) -> None:
        as_("mod").post(f"/admin/members/{world.bob}/pause")
        assert user(world.bob).paused_at is not None
        assert "Bob Brandt" not in as_("alice").get("/members?q=bob").text
        as_("mod").post(f"/admin/members/{world.bob}/resumption")
        assert user(world.bob).paused_at is None
        assert recorded("member-paused") == recorded("member-resumed") == [(world.mod, world.bob, "")]

    def test_switching_off_with_a_reason_and_on_again(self, as_: As, world: World) -> None:
        path = f"/admin/members/{world.bob}/disabling"
        assert as_("mod").post(path, data={"reason": "  "}).status_code == 422
        assert as_("mod").post(path, data={"reason": "Moved away."}).status_code == 303
        assert as_("bob").get("/settings").status_code == 303
        assert recorded("disabled") == [(world.mod, world.bob, "Moved away.")]
        assert as_("mod").post(f"/admin/members/{world.bob}/enabling").status_code == 303
        assert recorded("enabled") == [(world.mod, world.bob, "")]
        assert user(world.bob).is_visible

    def test_not_oneself_and_not_the_last_administrator(self, as_: As, world: World) -> None:
        for who in ("mod", "admin"):
            path = f"/admin/members/{getattr(world, who)}/disabling"
            assert as_(who).post(path, data={"reason": "Tired."}).status_code == 403
        other = add_member("Another Admin")
        change(User, other, role="admin", email="o@example.org", email_key="o@example.org", is_verified=True)
        operations.disable(user(other))
        db.session.commit()
        with pytest.raises(Exception, match="only administrator"):
            operations.disable(user(world.admin), world.mod, "No.")

    def test_moderators_do_not_switch_each_other_off(self, as_: As, world: World) -> None:
        change(User, world.bob, role="moderator")
        path, reason = f"/admin/members/{world.bob}", {"reason": "A quarrel."}
        assert as_("mod").post(f"{path}/disabling", data=reason).status_code == 403
        assert "disabling" not in as_("mod").get(path).text
        assert as_("admin").post(f"{path}/disabling", data=reason).status_code == 303
        assert as_("mod").post(f"{path}/enabling").status_code == 403

    def test_letting_in_a_newcomer(self, as_: As, world: World) -> None:
        wanda = add_waiting()
        assert "Let in" in as_("mod").get(f"/admin/members/{wanda}").text
        assert as_("mod").post(f"/admin/members/{wanda}/approval").status_code == 303
        assert user(wanda).is_visible
        assert "Let in" not in as_("mod").get(f"/admin/members/{wanda}").text

    def test_moderators_see_no_buttons_on_administrators(self, as_: As, world: World) -> None:
        page = as_("mod").get(f"/admin/members/{world.admin}").text
        assert "Only administrators can change it" in page
        assert not re.search(rf"/admin/members/{world.admin}/\w", page)

    def test_what_coordinators_see(self, as_: As, world: World) -> None:
        invitation = operations.make_link(world.mod, operations.Link("Fair", 5, 14))
        operations.inviting.use(invitation.id, world.bob)
        db.session.commit()
        change(User, world.bob, phone="555 111", coordinators_note="<b>Deaf</b>")
        page = as_("mod").get(f"/admin/members/{world.bob}").text
        for shown in ("bob@example.org", "555 111", "&lt;b&gt;Deaf&lt;/b&gt;", "Mona Dahl", "Spanish", "Last seen"):
            assert shown in page, shown
        assert "scrypt" not in page

    def test_who_has_left_is_not_there(self, as_: As, world: World) -> None:
        operations.empty(world.bob)
        db.session.commit()
        assert as_("mod").get(f"/admin/members/{world.bob}").status_code == 404
        assert "Former member" not in as_("mod").get("/admin/members").text


class TestNote:
    def test_coordinators_only_but_the_member_can_take_it_away(self, as_: As, world: World) -> None:
        change(User, world.bob, coordinators_note="xylophone", phone="555 999")
        for path in (f"/members/{world.bob}", "/members?q=bob", "/matches", "/matches/one-way", "/"):
            page = as_("alice").get(path).text
            assert "xylophone" not in page
            assert "555 999" not in page
        assert "Bob Brandt" not in as_("alice").get("/members?q=xylophone").text
        assert "xylophone" not in as_("bob").get(f"/members/{world.bob}").text
        archive = zipfile.ZipFile(io.BytesIO(as_("bob").get("/settings/export").data))
        profile = json.loads(archive.read("accounts.json"))["profile"]
        assert profile["coordinators_note"] == "xylophone"
        assert profile["phone"] == "555 999"
        page = as_("mod").get(f"/admin/members/{world.bob}/record").text
        assert "the data that the member can download" in page


class TestOwnSettings:
    def test_telephone_and_who_sees_it(self, as_: As, world: World) -> None:
        told = {"name": "Alice Adeyemi", "phone": "555 20 30", "phone_visibility": "members"}
        assert as_("alice").post("/settings/profile", data=told).status_code == 303
        assert "555 20 30" in as_("bob").get(f"/members/{world.alice}").text
        as_("alice").post("/settings/profile", data={**told, "phone_visibility": "coordinators"})
        assert "555 20 30" not in as_("bob").get(f"/members/{world.alice}").text
        assert "555 20 30" in as_("alice").get(f"/members/{world.alice}").text
        assert "555 20 30" in as_("mod").get(f"/members/{world.alice}").text
        for wrong in ({"phone": "ring the bell"}, {"phone_visibility": "world"}):
            answer = as_("alice").post("/settings/profile", data={**told, **wrong})
            assert answer.status_code == 422
            assert Seen(answer.text).tells_at(next(iter(wrong)))

    def test_the_number_is_ones_own_business(self, as_: As, world: World) -> None:
        number = user(world.alice).number
        assert f"Your member number: {number}" in as_("alice").get(f"/members/{world.alice}").text
        assert "member number" not in as_("bob").get(f"/members/{world.alice}").text

    def test_standing_in_print(self, as_: As, world: World) -> None:
        assert "I agree to stand in the printed directory" in as_("alice").get("/settings/privacy").text
        as_("alice").post("/settings/privacy/print", data={"in_print": "y"})
        assert user(world.alice).in_print is True
        as_("alice").post("/settings/privacy", data={"paused": "y"})
        assert user(world.alice).in_print is True
        as_("alice").post("/settings/privacy/print", data={})
        assert user(world.alice).in_print is False


class TestSignInLater:
    def offered(self, browser: CheckedClient, email: str = "rosa@example.org") -> int:
        rosa = added(browser)
        assert browser.post(f"/admin/members/{rosa}/sign-in", data={"email": email}).status_code == 303
        return rosa

    def test_the_whole_way(self, as_: As, world: World, client: CheckedClient) -> None:
        rosa = self.offered(as_("mod"))
        assert user(rosa).is_visible  # nothing changes until the address is proven
        assert user(rosa).email is None
        assert "A mail to rosa@example.org waits" in as_("mod").get(f"/admin/members/{rosa}").text
        mail = received("claim_account")[-1]
        assert mail.to == "rosa@example.org"
        assert "Hello Rosa Prieto" in mail.text
        way = link("claim_account")
        assert "Welcome, Rosa Prieto" in client.get(way).text
        assert client.post(way, data={"password": "short"}).status_code == 422
        assert client.post(way, data={"password": GOOD_PASSWORD}).location == "/settings/profile"
        assert client.get("/settings/profile").status_code == 200
        member = user(rosa)
        assert (member.email, member.is_verified, member.is_visible) == ("rosa@example.org", True, True)
        assert operations.authenticate("rosa@example.org", GOOD_PASSWORD) is not None
        assert client.get(way).status_code == 410
        assert client.post(way, data={"password": "another good one"}).status_code == 410
        assert as_("mod").get(f"/admin/members/{rosa}/skills").status_code == 403
        assert as_("mod").post(f"/admin/members/{rosa}/sign-in", data={"email": "a@example.org"}).status_code == 403
        assert [row[:2] for row in recorded("sign-in-offered")] == [(world.mod, rosa)]

    def test_it_runs_out(self, as_: As, world: World, client: CheckedClient) -> None:
        self.offered(as_("mod"))
        way = link("claim_account")
        with time_machine.travel(now() + timedelta(days=14, minutes=1), tick=False):
            assert client.get(way).status_code == 410
            assert client.post(way, data={"password": GOOD_PASSWORD}).status_code == 410
            assert received("claim_account") == []

    def test_a_newer_mail_replaces_it_and_it_can_be_withdrawn(
        self, as_: As, world: World, client: CheckedClient
    ) -> None:
        rosa = self.offered(as_("mod"))
        first = link("claim_account")
        as_("mod").post(f"/admin/members/{rosa}/sign-in", data={"email": "rosa.p@example.org"})
        second = link("claim_account")
        assert client.get(first).status_code == 410
        assert client.get(second).status_code == 200
        assert as_("mod").post(f"/admin/members/{rosa}/sign-in/withdrawal").status_code == 303
        assert client.get(second).status_code == 410
        assert as_("mod").post(f"/admin/members/{rosa}/sign-in/withdrawal").status_code == 409

    @pytest.mark.parametrize("email", ["alice@example.org", "ALICE@example.org", "plain", "", "a@b\r\nBcc: c@d.org"])
    def test_no_address_of_others(self, as_: As, world: World, email: str) -> None:
        rosa = added(as_("mod"))
        answer = as_("mod").post(f"/admin/members/{rosa}/sign-in", data={"email": email})
        assert answer.status_code == 422
        assert Seen(answer.text).tells_at("email")
        assert received() == []

    def test_an_address_that_became_somebody_elses(self, as_: As, world: World, client: CheckedClient) -> None:
        rosa = self.offered(as_("mod"))
        way = link("claim_account")
        change(User, world.carol, email="rosa@example.org", email_key="rosa@example.org")
        answer = client.post(way, data={"password": GOOD_PASSWORD})
        assert answer.status_code == 422
        assert "another account by now" in answer.text
        assert user(rosa).email is None

    def test_a_sign_up_that_nobody_confirmed_gives_way(self, as_: As, world: World, client: CheckedClient) -> None:
        rosa = self.offered(as_("mod"))
        way = link("claim_account")
        squatter = {"name": "Not Rosa", "email": "rosa@example.org", "password": GOOD_PASSWORD, "timezone": "UTC"}
        as_("").post("/sign-up", data=squatter)
        assert client.post(way, data={"password": GOOD_PASSWORD}).status_code == 303
        assert user(rosa).email == "rosa@example.org"

    def test_not_while_switched_off(self, as_: As, world: World, client: CheckedClient) -> None:
        rosa = self.offered(as_("mod"))
        way = link("claim_account")
        as_("mod").post(f"/admin/members/{rosa}/disabling", data={"reason": "Double."})
        assert client.get(way).status_code == 410

    def test_the_link_of_another_purpose_opens_nothing(self, as_: As, world: World, client: CheckedClient) -> None:
        rosa = self.offered(as_("mod"))
        token = link("claim_account").rpartition("/")[2]
        for path in ("/email-change/", "/reset-password/", "/verify-email/", "/join/"):
            assert client.get(path + token).status_code == 410, path
        assert db.session.scalars(select(EmailChange.user_id)).one() == rosa


class TestMergingPages:
    def test_without_a_script(self, as_: As, world: World) -> None:
        browser, wanda = as_("mod"), add_waiting()
        rosa = added(browser, name="Wanda W.")
        found = browser.get(f"/admin/members/{rosa}/merge?q=wanda").text
        assert f"?other={wanda}" in found
        assert f"?other={rosa}" not in found
        preview = browser.get(f"/admin/members/{rosa}/merge?other={wanda}").text
        assert set(Seen(preview).held) >= {"name", "number", "location", "bio", "other"}
        assert "email" not in Seen(preview).held  # only one of them has an address
        sent = {"other": wanda, "name": "theirs", "number": "mine", "bio": "theirs", "location": "mine"}
        assert browser.post(f"/admin/members/{rosa}/merge", data=sent).location == f"/admin/members/{rosa}"
        kept = user(rosa)
        assert (kept.name, kept.number, kept.email) == ("Wanda Waits", 77, "wanda@example.org")
        page = browser.get(f"/admin/members/{rosa}").text
        assert "can be taken apart until" in page
        way = re.findall(rf"/admin/members/{rosa}/merges/\d+/parting", page)[0]
        assert as_("alice").post(way).status_code == 404
        assert as_("mod").post(way.replace(f"/{rosa}/", f"/{world.bob}/")).status_code == 404
        assert browser.post(way).location == f"/admin/members/{wanda}"
        assert user(rosa).name == "Wanda W."
        assert browser.post(way).status_code == 409
        assert {row[:2] for row in recorded("members-merged")} == {(world.mod, rosa), (world.mod, wanda)}

    def test_who_may_not(self, as_: As, world: World) -> None:
        rosa = added(as_("mod"))
        refused = [
            ("mod", rosa, world.mod), ("mod", world.mod, rosa), ("mod", rosa, world.admin), ("mod", world.admin, rosa),
            ("mod", world.alice, world.bob), ("admin", world.admin, rosa), ("admin", rosa, world.admin),
        ]  # fmt: skip
        for who, kept, other in refused:
            answer = as_(who).post(f"/admin/members/{kept}/merge", data={"other": str(other)})
            assert answer.status_code == 403, (who, kept, other)
        for other in ("", "x", "999999", "9" * 30, "-1"):
            assert as_("mod").post(f"/admin/members/{rosa}/merge", data={"other": other}).status_code == 404
            assert as_("mod").get(f"/admin/members/{rosa}/merge?other={other}").status_code == 200
        assert as_("mod").post(f"/admin/members/{rosa}/merge", data={"other": str(rosa)}).status_code == 422
        page = as_("mod").get(f"/admin/members/{world.alice}/merge?other={world.bob}")
        assert "Make them one member" not in page.text

    def test_a_refusal_is_told_on_the_page(self, as_: As, world: World) -> None:
        rosa = added(as_("mod"))
        change(User, world.bob, is_active=False)
        answer = as_("mod").post(f"/admin/members/{rosa}/merge", data={"other": str(world.bob)})
        assert answer.status_code == 422
        assert "Switch the account on first" in answer.text


def ids_on(page: str) -> set[int]:
    return {int(found) for found in re.findall(r'queue-row" href="/admin/members/(\d+)"', page)}


def test_passwords_are_nobodys_business(app: Flask, as_: As, world: World) -> None:
    for path in (f"/admin/members/{world.bob}", f"/admin/members/{world.bob}/record", "/admin/members"):
        assert user(world.bob).password_hash not in as_("admin").get(path).text
    assert operations.authenticate("bob@example.org", PASSWORD) is not None
