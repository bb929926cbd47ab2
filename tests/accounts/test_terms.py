"""Terms: publishing a version, agreeing to it before anything else, and joining where there are some."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts import operations
from app.accounts.invitations import TermsAcceptance
from app.accounts.models import User
from app.community import terms
from app.core.db import db
from app.core.errors import Conflict
from app.core.markdown import rendered
from app.core.models import AuditEvent
from tests.accounts.mailbox import link
from tests.accounts.test_invitations import GOOD, at_once, invited
from tests.support.admissions import WAITING, add_waiting
from tests.support.client import CheckedClient
from tests.world import PASSWORD, World


def publish(text: str = "# Be kind\n\nAlways.") -> int:
    """A new version; its id."""
    before = db.session.scalar(terms.newest())
    number = terms.publish(text, before.number if before else 0).id
    db.session.commit()
    return number


def agreed(user_id: int) -> list[int]:
    db.session.rollback()
    mine = select(TermsAcceptance.terms_version_id).where(TermsAcceptance.user_id == user_id)
    return list(db.session.scalars(mine.order_by(TermsAcceptance.terms_version_id)))


class TestMembers:
    @pytest.mark.parametrize("path", ["/", "/members?q=a", "/matches", "/settings", "/settings/profile", "/skills"])
    def test_are_asked_before_anything_else(self, as_: Any, world: World, path: str) -> None:
        publish()
        answer = as_("alice").get(path)
        assert answer.status_code == 303
        assert answer.location.startswith("/terms")

    def test_go_on_where_they_were(self, as_: Any, world: World) -> None:
        number = publish()
        alice = as_("alice")
        page = alice.get("/members?q=bob", follow_redirects=True)
        assert "<h2>Be kind</h2>" in page.text
        assert 'name="next" type="hidden" value="/members?q=bob"' in page.text
        form = {"agree": "y", "terms_id": str(number), "next": "/members?q=bob"}
        assert alice.post("/terms", data=form).location == "/members?q=bob"
        assert alice.get("/members?q=bob").status_code == 200
        assert agreed(world.alice) == [number]

    def test_what_would_change_something_is_refused(self, as_: Any, world: World) -> None:
        publish()
        assert as_("alice").post(f"/members/{world.bob}/block").status_code == 403
        assert as_("mod").post("/admin/invitations/link").status_code == 403

    @pytest.mark.parametrize("path", ["/settings/export", "/settings/account/closing", "/terms"])
    def test_the_way_out_stays_open(self, as_: Any, world: World, path: str) -> None:
        publish()
        assert as_("alice").get(path).status_code == 200

    def test_may_leave_without_agreeing(self, as_: Any, world: World) -> None:
        publish()
        assert as_("bob").post("/sign-out").location == "/"
        closed = as_("alice").post("/settings/account/closing", data={"sure": "y", "current_password": PASSWORD})
        assert closed.status_code == 303
        assert db.session.get_one(User, world.alice).closed_at is not None

    def test_a_new_version_asks_again(self, as_: Any, world: World) -> None:
        first = publish()
        operations.agree(world.alice, first)
        db.session.commit()
        assert as_("alice").get("/members").status_code == 200
        second = publish("# Be kinder")
        assert as_("alice").get("/members").status_code == 303
        old = as_("alice").post("/terms", data={"agree": "y", "terms_id": str(first)})
        assert old.status_code == 422
        assert "changed a moment ago" in old.text
        assert f'value="{second}"' in old.text
        assert as_("alice").post("/terms", data={"agree": "y", "terms_id": str(second)}).status_code == 303
        assert agreed(world.alice) == [first, second]

    @pytest.mark.parametrize("form", [{}, {"terms_id": "1"}, {"agree": "y", "terms_id": "x"}, {"agree": "y"}])
    def test_nothing_is_agreed_to_by_accident(self, as_: Any, world: World, form: dict[str, str]) -> None:
        publish()
        assert as_("alice").post("/terms", data=form).status_code == 422
        assert agreed(world.alice) == []

    def test_are_never_led_away(self, as_: Any, world: World) -> None:
        number = publish()
        form = {"agree": "y", "terms_id": str(number), "next": "//evil.example"}
        assert as_("alice").post("/terms", data=form).location == "/"

    def test_agreeing_comes_before_waiting(self, as_: Any, world: World) -> None:
        add_waiting()
        number = publish()
        assert as_(WAITING).get("/settings/profile").location.startswith("/terms")
        as_(WAITING).post("/terms", data={"agree": "y", "terms_id": str(number)})
        assert as_(WAITING).get("/").location == "/waiting"

    def test_twice_at_once_is_once(self, app: Flask, as_: Any, world: World) -> None:
        number = publish()
        form = {"agree": "y", "terms_id": str(number)}
        browsers = [as_("alice") for _n in range(4)]
        assert set(at_once(4, lambda n: browsers[n].post("/terms", data=form).status_code)) <= {303}
        assert agreed(world.alice) == [number]

    def test_the_question_costs_no_statement(self, as_: Any, world: World, statements: Any) -> None:
        with statements() as before:
            as_("alice").get("/settings/profile")
        operations.agree(world.alice, publish())
        db.session.commit()
        with statements() as after:
            as_("alice").get("/settings/profile")
        assert len(after) == len(before)


class TestJoining:
    def test_without_terms_nothing_is_asked(self, client: CheckedClient, world: World) -> None:
        assert 'name="agree"' not in client.get("/sign-up").text
        assert "No terms yet" in client.get("/terms").text

    @pytest.mark.parametrize("by_invitation", [True, False])
    def test_agreement_is_part_of_joining(self, client: CheckedClient, world: World, by_invitation: bool) -> None:
        number = publish()
        path = invited(world) if by_invitation else "/sign-up"
        assert 'name="agree"' in client.get(path).text
        assert client.post(path, data={**GOOD, "terms_id": str(number)}).status_code == 422
        assert db.session.scalar(select(User.id).where(User.email_key == GOOD["email"])) is None
        assert client.post(path, data={**GOOD, "terms_id": str(number), "agree": "y"}).status_code == 303
        user_id = db.session.scalars(select(User.id).where(User.email_key == GOOD["email"])).one()
        assert agreed(user_id) == [number]
        if not by_invitation:
            client.post(link("verify_email"))
        assert client.get("/members").status_code == 200

    def test_terms_that_changed_meanwhile_are_shown_again(self, client: CheckedClient, world: World) -> None:
        first = publish()
        second = publish("# Others")
        page = client.post("/sign-up", data={**GOOD, "terms_id": str(first), "agree": "y"})
        assert page.status_code == 422
        assert "changed a moment ago" in page.text
        assert f'name="terms_id" type="hidden" value="{second}"' in page.text

    def test_nobody_agrees_in_a_members_name(self, client: CheckedClient, world: World) -> None:
        number = publish()
        taken = {**GOOD, "email": "alice@example.org", "terms_id": str(number), "agree": "y"}
        client.post("/sign-up", data=taken)
        assert agreed(world.alice) == []

    def test_visitors_read_and_do_not_agree(self, client: CheckedClient, world: World) -> None:
        number = publish()
        page = client.get("/terms").text
        assert "<h2>Be kind</h2>" in page
        assert 'name="agree"' not in page
        assert client.post("/terms", data={"agree": "y", "terms_id": str(number)}).status_code == 401


class TestPublishing:
    def test_a_look_first_and_then_for_all(self, as_: Any, world: World) -> None:
        admin = as_("admin")
        form = {"text": "# Hello\n\n- one", "after": "0"}
        looked = admin.post("/admin/terms", data={**form, "step": "preview"})
        assert looked.status_code == 200
        assert "<h2>Hello</h2>" in looked.text
        assert db.session.scalar(terms.newest()) is None
        assert admin.post("/admin/terms", data={**form, "step": "publish"}).status_code == 303
        version = db.session.scalars(terms.newest()).one()
        assert (version.number, version.text) == (1, "# Hello\n\n- one")
        event = select(AuditEvent.actor_id).where(AuditEvent.action == "terms-published")
        assert db.session.scalars(event).one() == world.admin

    def test_says_how_many_have_agreed(self, as_: Any, world: World) -> None:
        number = publish()
        for user_id in (world.alice, world.admin):
            operations.agree(user_id, number)
        db.session.commit()
        assert "2 of 5 members have agreed" in as_("admin").get("/admin/terms").text

    @pytest.mark.parametrize("text", ["", "  ", "x" * 40_001, "# Be kind\n\nAlways."])
    def test_what_is_no_new_version(self, as_: Any, world: World, text: str) -> None:
        operations.agree(world.admin, publish())
        db.session.commit()
        page = as_("admin").post("/admin/terms", data={"text": text, "after": "1", "step": "publish"})
        assert page.status_code == 422
        assert db.session.scalar(select(func.count()).select_from(terms.TermsVersion)) == 1

    def test_of_two_at_once_one_is_first(self, app: Flask, world: World) -> None:
        def attempt(n: int) -> str:
            with app.app_context():
                try:
                    terms.publish(f"Version of {n}", 0)
                    db.session.commit()
                except Conflict:
                    db.session.rollback()
                    return "late"
            return "done"

        assert sorted(at_once(4, attempt)) == ["done", "late", "late", "late"]
        with Session(db.engine) as own:
            assert own.scalar(select(func.count()).select_from(terms.TermsVersion)) == 1


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("<script>alert(1)</script>", "<script"),
        ("<img src=x onerror=alert(1)>", "<img"),
        ("[x](javascript:alert(1))", "<a"),
        ("[x](data:text/html;base64,AAAA)", "<a"),
        ("![x](https://tracker.example/x.png)", "<img"),
        ('[x](https://ok.example "onmouseover=alert(1)")', " onmouseover"),
        ("<style>*{display:none}</style>", "<style"),
        ("`<b>`", "<b>"),
    ],
)
def test_terms_carry_no_code(text: str, never: str) -> None:
    assert never not in rendered(text)


def test_markdown_as_people_write_it() -> None:
    html = rendered("# Title\n\n**bold** [us](https://example.org)\n\n1. one\n2. two")
    assert "<h2>Title</h2>" in html
    assert "<strong>bold</strong>" in html
    assert 'href="https://example.org"' in html
    assert "<ol>" in html
