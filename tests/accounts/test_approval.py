"""Newcomers who wait for a coordinator: what they may do, who sees them (nobody), and the coordinators' answer."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import operations
from app.accounts.models import User
from app.community.models import THE_ONE, CommunitySettings
from app.core import files
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict
from app.skills import queries as skill_queries
from tests.accounts.mailbox import link, received
from tests.accounts.test_invitations import GOOD, at_once
from tests.directory.people import change
from tests.support.admissions import WAITING, add_waiting, set_joining
from tests.support.client import CheckedClient
from tests.world import World

# Wanda of tests.support.admissions offers Spanish and wants Python, as Bob does: Alice would meet her everywhere.
EVERY_LIST = (
    "/", "/members", "/members?q=wanda", "/members?skill=spanish", "/members?language=eo", "/matches",
    "/matches/one-way", "/skills", "/skills/spanish", "/skills/python", "/skills/suggestions?kind=offer&q=span",
    "/settings/skills", "/settings/privacy", "/settings/export", "/welcome",
)  # fmt: skip


def looked_at(browser: CheckedClient, path: str) -> bytes:
    """The page without what changes from one request to the next, or an archive's content."""
    answer = browser.get(path)
    assert answer.status_code == 200
    if answer.mimetype == "application/zip":
        archive = zipfile.ZipFile(io.BytesIO(answer.data))
        return b"".join(archive.read(name) for name in sorted(archive.namelist()) if name != "about.json")
    tokens, times, since = rb"[\w-]{20,}\.[\w-]{6}\.[\w-]{20,}", rb"<time.*?</time>", rb"since=[\d.]+"
    return re.sub(rb"%s|%s|%s" % (tokens, times, since), b"", answer.data)


@pytest.mark.parametrize("path", EVERY_LIST)
def test_nobody_sees_who_waits(as_: Any, world: World, path: str) -> None:
    """Not even by a number that counts one more: the page is the same, byte for byte, until somebody says yes."""
    before = looked_at(as_("alice"), path)
    wanda = add_waiting()
    assert looked_at(as_("alice"), path) == before
    assert as_("alice").get(f"/members/{wanda}").status_code == 404
    assert b"Wanda" not in before


def test_everybody_sees_who_was_let_in(as_: Any, world: World) -> None:
    """The test above means something only if these pages would show her."""
    before = {path: looked_at(as_("alice"), path) for path in EVERY_LIST}
    wanda = add_waiting()
    operations.approve(wanda, world.mod)
    db.session.commit()
    changed = {path for path in EVERY_LIST if looked_at(as_("alice"), path) != before[path]}
    quiet = {"/settings/privacy", "/settings/export", "/settings/skills", "/skills/suggestions?kind=offer&q=span"}
    assert changed >= {*EVERY_LIST} - quiet - {"/matches/one-way"}
    assert as_("alice").get(f"/members/{wanda}").status_code == 200


def test_visitors_do_not_see_who_waits(client: CheckedClient, world: World) -> None:
    change(CommunitySettings, THE_ONE, public_directory=True)
    pages = ("/", "/members", "/members?skill=spanish")
    before = [looked_at(client, path) for path in pages]
    wanda = add_waiting()
    assert [looked_at(client, path) for path in pages] == before
    assert client.get(f"/members/{wanda}").status_code == 404


def test_neither_picture_nor_block_betrays(as_: Any, world: World, uploads: Any) -> None:
    wanda = add_waiting()
    picture = files.store(b"RIFF picture", owner_id=wanda, name="picture.webp", media_type="image/webp")
    db.session.commit()
    number = picture.id
    change(User, wanda, picture_id=number)
    assert as_("alice").get(f"/members/{wanda}/picture/{number}").status_code == 404
    assert as_("alice").post(f"/members/{wanda}/block").status_code == 404
    assert as_(WAITING).get(f"/members/{wanda}/picture/{number}").status_code == 200


def test_counts_leave_out_who_waits(app: Flask, world: World) -> None:
    def counts() -> tuple[Any, ...]:
        popular = {row.slug: row.offers for row in db.session.execute(skill_queries.popular(50))}
        starters = [row.name for row in db.session.execute(skill_queries.starters(12))]
        alice = db.session.get_one(User, world.alice)
        suggested = db.session.execute(skill_queries.suggestions(alice, "spanish", "offer")).first()
        assert suggested is not None
        return popular, starters, suggested.members

    before = counts()
    add_waiting()
    assert counts() == before


class TestWaiting:
    def test_the_whole_way(self, client: CheckedClient, as_: Any, world: World) -> None:
        set_joining("approval")
        assert "coordinator" in client.get("/sign-up").text
        client.post("/sign-up", data=GOOD)
        assert "pia@example.org" not in as_("mod").get("/admin/approvals").text
        assert client.post(link("verify_email")).location == "/settings/skills?welcome=1"
        assert client.get("/settings/skills?welcome=1").status_code == 200
        assert client.get("/").location == "/waiting"
        assert "A coordinator will let you in" in client.get("/waiting").text
        queue = as_("mod").get("/admin/approvals").text
        number = int(re.findall(r"/admin/approvals/(\d+)/approval", queue)[0])
        assert "pia@example.org" in queue
        assert as_("mod").post(f"/admin/approvals/{number}/approval").status_code == 303
        mail = received("member_approved")[-1]
        assert (mail.to, mail.subject) == ("pia@example.org", "Welcome to Guildhall")
        assert client.get("/").status_code == 200
        assert client.get("/waiting").status_code == 303
        assert "Pia Sommer" in as_("alice").get("/").text

    @pytest.mark.parametrize(
        "path", ["/", "/members", "/matches", "/matches/one-way", "/skills", "/skills/python", "/welcome"]
    )
    def test_the_community_is_closed_yet(self, as_: Any, world: World, path: str) -> None:
        add_waiting()
        answer = as_(WAITING).get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/waiting")

    def test_other_members_are_closed_too(self, as_: Any, world: World) -> None:
        add_waiting()
        assert as_(WAITING).get(f"/members/{world.alice}").status_code == 303
        assert as_(WAITING).get(f"/members/{world.alice}/picture/1").status_code == 303
        assert as_(WAITING).post(f"/members/{world.alice}/block").status_code == 403

    @pytest.mark.parametrize(
        "path",
        ["/settings", "/settings/profile", "/settings/skills", "/settings/availability", "/settings/account",
         "/settings/account/closing", "/settings/sessions", "/settings/export", "/settings/privacy", "/waiting",
         "/skills/suggestions?kind=offer&q=py", "/terms"],
    )  # fmt: skip
    def test_ones_own_things_are_open(self, as_: Any, world: World, path: str) -> None:
        add_waiting()
        assert as_(WAITING).get(path).status_code == 200

    def test_own_page_and_navigation(self, as_: Any, world: World) -> None:
        wanda = add_waiting()
        page = as_(WAITING).get(f"/members/{wanda}")
        assert page.status_code == 200
        for closed in ('href="/members"', 'href="/matches"', 'href="/skills"'):
            assert closed not in as_(WAITING).get("/waiting").text, closed
        assert 'href="/settings/profile"' in as_(WAITING).get("/waiting").text

    def test_skills_can_be_added_and_one_can_leave(self, as_: Any, world: World) -> None:
        add_waiting()
        form = {"kind": "offer", "q": "guitar", "level": "3"}
        assert as_(WAITING).post("/settings/skills/entries", data=form).status_code == 303
        assert as_(WAITING).post("/sign-out").status_code == 303

    def test_coordinators_pages_stay_closed_even_with_the_role(self, as_: Any, world: World) -> None:
        change(User, add_waiting(), role="moderator")
        assert as_(WAITING).get("/admin/approvals").status_code == 303

    def test_a_second_sign_up_does_not_keep_the_yes_of_before(self, client: CheckedClient, world: World) -> None:
        client.post("/sign-up", data=GOOD)
        set_joining("approval")
        client.post("/sign-up", data=GOOD)
        assert db.session.scalars(select(User.approved_at).where(User.email_key == GOOD["email"])).one() is None


class TestAnswer:
    def test_refusing_empties_and_tells_why(self, as_: Any, world: World) -> None:
        wanda = add_waiting()
        answer = as_("mod").post(
            f"/admin/approvals/{wanda}/refusal", data={"reason": "We are <b>full</b>.\nSorry & bye"}
        )
        assert answer.status_code == 303
        mail = received("member_refused")[-1]
        assert mail.to == "wanda@example.org"
        assert "Wanda Waits" in mail.text
        assert "We are <b>full</b>.\nSorry & bye" in mail.text
        assert "&lt;b&gt;full&lt;/b&gt;" in mail.html
        user = db.session.get_one(User, wanda)
        assert (user.email, user.name, user.is_active) == (None, "Former member", False)
        assert user.emptied_at is not None
        assert as_(WAITING).get("/settings").status_code == 303
        assert "Wanda" not in as_("mod").get("/admin/approvals").text

    def test_a_reason_is_needed(self, as_: Any, world: World) -> None:
        wanda = add_waiting()
        page = as_("mod").post(f"/admin/approvals/{wanda}/refusal", data={"reason": "  "})
        assert page.status_code == 422
        assert "is sent to the newcomer" in page.text
        assert db.session.get_one(User, wanda).emptied_at is None

    def test_the_refused_may_come_again(self, client: CheckedClient, world: World) -> None:
        operations.refuse(add_waiting(), world.mod, "Not yet.")
        db.session.commit()
        again = {**GOOD, "email": "wanda@example.org"}
        assert client.post("/sign-up", data=again).location == "/check-mail"
        assert received("verify_email")[-1].to == "wanda@example.org"

    def test_the_queue_shows_what_was_told_and_nothing_as_code(self, as_: Any, world: World) -> None:
        wanda = add_waiting()
        change(User, wanda, bio="<script>alert(1)</script>")
        page = as_("mod").get("/admin/approvals").text
        assert "&lt;script&gt;alert(1)" in page
        for shown in ("Wanda Waits", "wanda@example.org", "Riverton", "Spanish", "Python"):
            assert shown in page

    def test_coordinators_see_how_many_wait(self, as_: Any, world: World) -> None:
        add_waiting()
        assert re.search(r'href="/admin/approvals".*?class="count[^"]*">1<', as_("mod").get("/admin").text, re.DOTALL)
        assert 'href="/admin' not in as_("alice").get("/").text

    @pytest.mark.parametrize(
        "column", [{"is_verified": False}, {"closed_at": now()}, {"is_active": False}, {"approved_at": now()}]
    )
    def test_only_who_waits_can_be_answered(self, as_: Any, world: World, column: dict[str, Any]) -> None:
        wanda = add_waiting()
        change(User, wanda, **column)
        assert "Wanda" not in as_("mod").get("/admin/approvals").text
        assert as_("mod").post(f"/admin/approvals/{wanda}/approval").status_code == 409
        assert as_("mod").post(f"/admin/approvals/{wanda}/refusal", data={"reason": "No."}).status_code == 409

    @pytest.mark.parametrize("verbs", [("approve", "refuse"), ("approve", "approve"), ("refuse", "refuse")])
    def test_of_two_coordinators_one_decides(self, app: Flask, world: World, verbs: tuple[str, str]) -> None:
        wanda = add_waiting()
        db.session.remove()

        def answer(n: int) -> str:
            with app.app_context():
                try:
                    if verbs[n % 2] == "approve":
                        operations.approve(wanda, world.mod)
                    else:
                        operations.refuse(wanda, world.admin, "No.")
                    db.session.commit()
                except Conflict:
                    db.session.rollback()
                    return "late"
            return verbs[n % 2]

        answers = at_once(6, answer)
        assert answers.count("late") == 5
        user = db.session.get_one(User, wanda)
        approved = "approve" in answers
        assert (user.approved_at is not None, user.emptied_at is not None) == (approved, not approved)
        assert len(received("member_approved")) == (1 if approved else 0)
        assert len(received("member_refused")) == (0 if approved else 1)


def test_pages_of_many_newcomers(as_: Any, world: World) -> None:
    for n in range(14):
        add_waiting(f"Newcomer {chr(65 + n)}", f"newcomer{n}")
    first = as_("mod").get("/admin/approvals").text
    assert "Newcomer A" in first
    assert "Newcomer N" not in first
    further = re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")
    assert "Newcomer N" in as_("mod").get(further).text


class TestArrival:
    def test_shows_who_fits_with_reasons(self, as_: Any, world: World) -> None:
        page = as_("alice").get("/welcome").text
        assert "Bob Brandt" in page
        assert "Offers Spanish, which you want" in page
        assert page.count('class="person"') == 3

    def test_neighbours_come_first_where_nobody_fits(self, as_: Any, world: World) -> None:
        page = as_("mod").get("/welcome").text
        assert "Lives in Riverton, as you do" in page
        assert "Carol" not in page

    def test_the_first_of_all_is_alone(self, as_: Any, world: World) -> None:
        for other in ("bob", "carol", "mod", "admin"):
            change(User, getattr(world, other), is_active=False)
        assert "You are the first" in as_("alice").get("/welcome").text

    def test_blocked_members_are_not_met(self, as_: Any, world: World) -> None:
        operations.block(world.bob, world.alice)
        db.session.commit()
        assert "Bob Brandt" not in as_("alice").get("/welcome").text
