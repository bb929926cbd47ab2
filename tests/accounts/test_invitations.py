"""Invitations: personal ones, links for many, those that are over, and asking for one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.accounts import operations, throttle
from app.accounts.invitations import Invitation, InvitationRequest
from app.accounts.models import User
from app.accounts.operations.credentials import LinkGone
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.models import AuditEvent, OutboxMail
from tests.accounts.mailbox import link, received
from tests.conftest import new_client
from tests.support.admissions import link_for, set_joining, uses_of
from tests.support.client import CheckedClient
from tests.world import World

GOOD = {"name": "Pia Sommer", "email": "pia@example.org", "password": "velvet otter umbrella", "timezone": "UTC"}


def invited(world: World, email: str = "pia@example.org", note: str = "See you on Friday?") -> str:
    """The path in the mail to somebody whom the moderator invites."""
    operations.invite(world.mod, email, note, 14)
    db.session.commit()
    return link("invitation")


def member(email: str = "pia@example.org") -> User | None:
    db.session.rollback()
    return db.session.scalar(select(User).where(User.email_key == email))


def test_the_mailed_link_is_the_whole_way_in(client: CheckedClient, world: World) -> None:
    set_joining("invited")
    path = invited(world)
    page = client.get(path).text
    assert "Mona Dahl invites you to" in page
    assert "See you on Friday?" in page
    assert 'value="pia@example.org"' in page
    answer = client.post(path, data=GOOD)
    assert answer.location == "/settings/skills?welcome=1"
    user = member()
    assert user is not None
    assert (user.is_verified, user.is_visible) == (True, True)
    assert client.get("/settings/skills?welcome=1").status_code == 200
    assert "/welcome" in client.get("/settings/skills?welcome=1").text
    assert received("verify_email") == []


def test_another_address_has_to_be_confirmed(client: CheckedClient, world: World) -> None:
    path = invited(world)
    assert client.post(path, data={**GOOD, "email": "pia.s@example.org"}).location == "/check-mail"
    user = member("pia.s@example.org")
    assert user is not None
    assert not user.is_verified
    assert client.post(link("verify_email")).status_code == 303


def test_a_mailed_link_works_once(client: CheckedClient, app: Flask, world: World) -> None:
    path = invited(world)
    client.post(path, data=GOOD)
    other = new_client(app)
    gone = other.get(path)
    assert gone.status_code == 410
    assert "Ask for an invitation" in gone.text
    assert other.post(path, data={**GOOD, "email": "other@example.org"}).status_code == 410
    assert member("other@example.org") is None


def test_a_link_lets_in_many_who_confirm_their_address(client: CheckedClient, app: Flask, world: World) -> None:
    set_joining("approval")
    number, path = link_for(world.mod)
    assert client.post(path, data=GOOD).location == "/check-mail"
    user = member()
    assert user is not None
    assert user.approved_at is not None
    assert not user.is_verified
    assert uses_of(number) == 1
    assert client.post(link("verify_email")).location == "/settings/skills?welcome=1"
    assert client.get("/members").status_code == 200


def test_trying_twice_counts_once(client: CheckedClient, world: World) -> None:
    number, path = link_for(world.mod)
    for name in ("Pia Sommer", "Pia S."):
        assert client.post(path, data={**GOOD, "name": name}).status_code == 303
    assert uses_of(number) == 1


def test_nothing_tells_whether_an_address_has_an_account(client: CheckedClient, app: Flask, world: World) -> None:
    number, path = link_for(world.mod)
    new = client.post(path, data=GOOD)
    taken = new_client(app).post(path, data={**GOOD, "email": "alice@example.org"})
    assert (new.status_code, new.location) == (taken.status_code, taken.location)
    assert uses_of(number) == 2
    assert received("already_member")[-1].to == "alice@example.org"
    assert db.session.get_one(User, world.alice).name == "Alice Adeyemi"


def test_sixteen_at_once_on_a_link_for_five_make_five(app: Flask, world: World) -> None:
    number, path = link_for(world.mod, max_uses=5)
    answers = at_once(
        16,
        lambda n: new_client(app).post(path, data={**GOOD, "email": f"pia{n}@example.org"}).status_code,
    )
    assert sorted(answers) == [303] * 5 + [410] * 11
    found = select(func.count()).select_from(User).where(User.email_key.like("pia%"))
    assert db.session.scalar(found) == 5
    assert uses_of(number) == 5


@pytest.mark.parametrize("over", ["expired", "withdrawn", "unknown"])
def test_what_is_over_is_gone(client: CheckedClient, world: World, over: str) -> None:
    number, path = link_for(world.mod)
    if over == "expired":
        db.session.execute(update(Invitation).values(expires_at=now() - timedelta(seconds=1)))
    elif over == "withdrawn":
        operations.revoke(number, world.mod)
    db.session.commit()
    path = "/join/unknown" if over == "unknown" else path
    assert client.get(path).status_code == 410
    assert client.post(path, data=GOOD).status_code == 410
    assert member() is None


@pytest.mark.parametrize("own", [True, False])
def test_only_allowed_domains(client: CheckedClient, world: World, own: bool) -> None:
    set_joining("open", "" if own else "school.example")
    number, path = link_for(world.mod, domains="school.example" if own else "")
    refused = client.post(path, data=GOOD)
    assert refused.status_code == 422
    assert "school.example" in refused.text
    assert uses_of(number) == 0
    for near in ("pia@evilschool.example", "pia@school.example.org", "school.example@example.org"):
        assert client.post(path, data={**GOOD, "email": near}).status_code == 422
    assert client.post(path, data={**GOOD, "email": "pia@SCHOOL.example"}).status_code == 303


def test_a_personal_invitation_goes_to_any_domain(client: CheckedClient, world: World) -> None:
    set_joining("open", "school.example")
    assert client.post(invited(world), data=GOOD).status_code == 303


def test_the_database_knows_no_token(app: Flask, world: World) -> None:
    path = invited(world)
    token = path.removeprefix("/join/")
    for table in ("invitations", "email_outbox", "audit_events"):
        rows = db.session.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
        assert rows
        assert token not in repr(rows)


def test_a_new_invitation_replaces_the_one_of_before(client: CheckedClient, world: World) -> None:
    first = invited(world)
    second = invited(world)
    assert client.get(first).status_code == 410
    assert client.get(second).status_code == 200
    assert len(received("invitation")) == 1


def test_members_are_not_invited(app: Flask, world: World) -> None:
    with pytest.raises(DomainError, match="account with this address"):
        operations.invite(world.mod, "Alice@Example.org", "", 14)


def test_the_owner_of_an_address_takes_over_what_somebody_else_began(
    client: CheckedClient, app: Flask, world: World
) -> None:
    new_client(app).post("/sign-up", data={**GOOD, "name": "Somebody Else", "password": "thief's own password"})
    client.post(invited(world), data=GOOD)
    user = member()
    assert user is not None
    assert (user.name, user.is_verified) == ("Pia Sommer", True)
    stolen = {"email": GOOD["email"], "password": "thief's own password"}
    assert new_client(app).post("/sign-in", data=stolen).status_code == 422


def test_the_mail_speaks_plainly_of_hostile_words(app: Flask, world: World) -> None:
    invited(world, note="<b>Win</b> & {{ 7*7 }}\nhttps://evil.example")
    mail = received("invitation")[-1]
    assert mail.to == "pia@example.org"
    assert mail.subject == "Mona Dahl invites you to Guildhall"
    assert "<b>Win</b> & {{ 7*7 }}" in mail.text
    assert "&lt;b&gt;Win&lt;/b&gt; &amp; {{ 7*7 }}" in mail.html


def test_hostile_words_above_the_form(client: CheckedClient, world: World) -> None:
    path = invited(world, note="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(path).text
    assert "&lt;script&gt;" in client.get(path).text


def test_a_withdrawn_invitation_is_not_mailed(app: Flask, world: World) -> None:
    row = operations.invite(world.mod, "pia@example.org", "", 14)
    operations.revoke(row.id, world.mod)
    db.session.commit()
    assert received("invitation") == []


def test_whoever_leaves_takes_open_invitations_along(client: CheckedClient, world: World) -> None:
    _number, path = link_for(world.mod)
    operations.empty(world.mod)
    db.session.commit()
    assert client.get(path).status_code == 410


def test_a_member_has_no_use_for_the_link(as_: Any, world: World) -> None:
    assert as_("alice").get(link_for(world.mod)[1]).location == "/"


def test_addresses_of_people_who_never_came_are_not_kept(app: Flask, world: World) -> None:
    invited(world)
    operations.ask_for_invitation("Walter", "walter@example.org", "", "en")
    db.session.execute(update(Invitation).values(expires_at=now() - timedelta(days=91)))
    db.session.execute(update(InvitationRequest).values(created_at=now() - timedelta(days=91)))
    db.session.commit()
    operations.purge_expired()
    for model in (Invitation, InvitationRequest):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


class TestAsking:
    WISH = {"name": "Walter Wish", "email": "walter@example.org", "note": "Ada knows me.\n<b>!</b>"}

    def test_where_one_has_to_be_invited(self, client: CheckedClient, world: World) -> None:
        set_joining("invited")
        page = client.get("/sign-up").text
        assert "by invitation" in page
        assert 'name="password"' not in page
        assert member() is None
        assert "Ask for an invitation" in client.post("/sign-up", data=GOOD).text
        assert member() is None

    def test_reaches_the_coordinators(self, client: CheckedClient, as_: Any, world: World) -> None:
        assert client.post("/invitation-request", data=self.WISH).status_code == 200
        assert client.post("/invitation-request", data={**self.WISH, "note": "Again"}).status_code == 200
        page = as_("mod").get("/admin/invitations").text
        assert page.count("walter@example.org") == 1
        assert "Again" in page
        assert '<span class="count' in page
        assert "walter" not in as_("alice").get("/").text

    def test_an_account_answers_by_mail_only(self, client: CheckedClient, world: World) -> None:
        answer = client.post("/invitation-request", data={**self.WISH, "email": "alice@example.org"})
        assert answer.status_code == 200
        assert received("already_member")[-1].to == "alice@example.org"
        assert db.session.scalar(select(func.count()).select_from(InvitationRequest)) == 0

    def test_is_throttled(self, client: CheckedClient, world: World) -> None:
        for _n in range(throttle.ASKING_ACCOUNT.most):
            assert client.post("/invitation-request", data=self.WISH).status_code == 200
        assert client.post("/invitation-request", data=self.WISH).status_code == 429

    @pytest.mark.parametrize(
        ("field", "value"), [("name", ""), ("name", "<b>x</b>"), ("email", "walter"), ("note", "x" * 501)]
    )
    def test_says_what_is_wrong(self, client: CheckedClient, world: World, field: str, value: str) -> None:
        page = client.post("/invitation-request", data={**self.WISH, field: value})
        assert page.status_code == 422
        assert "error-summary" in page.text

    def test_granting_sends_the_invitation_in_the_language_of_the_wish(
        self, client: CheckedClient, as_: Any, world: World
    ) -> None:
        client.post("/invitation-request", data=self.WISH)
        wish = db.session.scalars(select(InvitationRequest.id)).one()
        assert as_("mod").post(f"/admin/invitation-requests/{wish}/invitation").status_code == 303
        assert received("invitation")[-1].to == "walter@example.org"
        assert as_("admin").post(f"/admin/invitation-requests/{wish}/invitation").status_code == 409
        assert as_("admin").post(f"/admin/invitation-requests/{wish}/dismissal").status_code == 409

    def test_two_coordinators_give_one_answer(self, client: CheckedClient, app: Flask, world: World) -> None:
        client.post("/invitation-request", data=self.WISH)
        wish = db.session.scalars(select(InvitationRequest.id)).one()
        db.session.rollback()

        def answer(n: int) -> str:
            with app.app_context():
                try:
                    if n % 2:
                        operations.dismiss(wish, world.mod)
                    else:
                        operations.grant(wish, world.admin, 14)
                    db.session.commit()
                except Conflict:
                    db.session.rollback()
                    return "late"
            return "done"

        assert sorted(at_once(4, answer)) == ["done", "late", "late", "late"]


class TestCoordinators:
    def test_make_a_link_with_a_code(self, as_: Any, client: CheckedClient, world: World) -> None:
        form = {"label": "<i>Fair</i>", "max_uses": "3", "days": "7", "allowed_domains": "@Example.org, school.example"}
        made = as_("mod").post("/admin/invitations/link", data=form)
        assert made.status_code == 303
        page = as_("mod").get(made.location).text
        assert "&lt;i&gt;Fair&lt;/i&gt;" in page
        row = db.session.scalars(select(Invitation)).one()
        assert (row.max_uses, row.allowed_domains) == (3, "example.org school.example")
        path = "/join/" + page.split("/join/")[1].split("<")[0]
        assert client.get(path).status_code == 200
        code = as_("mod").get(f"{made.location}/code.svg")
        assert code.mimetype == "image/svg+xml"
        assert b"<svg" in code.data
        assert b"style=" not in code.data
        assert b"script" not in code.data

    def test_of_a_mailed_one_no_link_is_shown(self, as_: Any, world: World) -> None:
        invited(world)
        row = db.session.scalars(select(Invitation.id)).one()
        for path in (f"/admin/invitations/{row}", f"/admin/invitations/{row}/code.svg"):
            assert as_("mod").get(path).status_code == 404
        assert "/join/" not in as_("mod").get("/admin/invitations").text

    def test_invite_by_mail(self, as_: Any, world: World) -> None:
        form = {"email": "pia@example.org", "note": "Hello", "days": "5"}
        assert as_("mod").post("/admin/invitations/by-mail", data=form).status_code == 303
        assert "pia@example.org" in as_("mod").get("/admin/invitations").text
        assert received("invitation")[-1].to == "pia@example.org"

    @pytest.mark.parametrize(
        ("path", "field", "value"),
        [
            ("by-mail", "email", "pia"),
            ("by-mail", "email", "alice@example.org"),
            ("by-mail", "days", "0"),
            ("by-mail", "days", "many"),
            ("by-mail", "note", "x" * 501),
            ("link", "max_uses", "501"),
            ("link", "max_uses", ""),
            ("link", "days", "9" * 40),
            ("link", "allowed_domains", "not a domain!"),
        ],
    )
    def test_the_field_says_what_is_wrong(self, as_: Any, world: World, path: str, field: str, value: str) -> None:
        good = {"email": "pia@example.org", "days": "5", "max_uses": "5", "label": "", "allowed_domains": ""}
        page = as_("mod").post(f"/admin/invitations/{path}", data={**good, field: value})
        assert page.status_code == 422
        assert "is-invalid" in page.text
        assert db.session.scalar(select(func.count()).select_from(Invitation)) == 0

    def test_withdraw(self, as_: Any, client: CheckedClient, world: World) -> None:
        number, path = link_for(world.admin)
        assert as_("mod").post(f"/admin/invitations/{number}/withdrawal").status_code == 303
        assert client.get(path).status_code == 410
        assert as_("mod").post(f"/admin/invitations/{number}/withdrawal").status_code == 409
        assert "lets nobody in" in as_("mod").get(f"/admin/invitations/{number}").text

    def test_a_changed_secret_shows_no_wrong_address(self, as_: Any, world: World) -> None:
        number, _path = link_for(world.mod)
        db.session.execute(update(Invitation).values(seed="0" * 32))
        db.session.commit()
        assert "cannot be shown again" in as_("mod").get(f"/admin/invitations/{number}").text
        assert as_("mod").get(f"/admin/invitations/{number}/code.svg").status_code == 404

    def test_what_was_done_is_on_record(self, app: Flask, world: World) -> None:
        number, _path = link_for(world.mod)
        operations.revoke(number, world.admin)
        db.session.commit()
        events = db.session.execute(select(AuditEvent.action, AuditEvent.actor_id)).all()
        assert ("invitation-made", world.mod) in events
        assert ("invitation-withdrawn", world.admin) in events


def test_a_race_for_the_last_place_undoes_the_loser(app: Flask, world: World) -> None:
    number, path = link_for(world.mod, max_uses=1)
    token = path.removeprefix("/join/")
    known = ("velvet otter umbrella", "UTC", "en")
    operations.join(operations.Newcomer("Pia", "pia1@example.org", *known), token)
    db.session.commit()
    with pytest.raises(LinkGone):
        operations.join(operations.Newcomer("Pia", "pia2@example.org", *known), token)
    db.session.rollback()
    assert member("pia2@example.org") is None
    assert db.session.scalar(select(func.count()).select_from(OutboxMail)) == 1
    assert uses_of(number) == 1


def at_once(count: int, action: Callable[[int], Any]) -> list[Any]:
    """What `action` gave to so many threads that began together."""
    barrier, results = threading.Barrier(count), []

    def run(number: int) -> None:
        barrier.wait()
        results.append(action(number))

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
