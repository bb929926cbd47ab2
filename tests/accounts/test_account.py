"""The account itself: sessions, password, address, language, break, closing, blocking."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts import operations, queries
from app.accounts.models import AvailabilitySlot, Block, EmailChange, User, UserLanguage, UserSession
from app.accounts.viewer import Stranger
from app.core.clock import now
from app.core.db import db
from app.core.models import AuditEvent, OutboxMail
from tests.accounts.mailbox import link, received
from tests.conftest import new_client
from tests.support.client import CheckedClient
from tests.world import PASSWORD, World

NEW = "velvet otter umbrella"


def sign_in(app: Flask, name: str = "alice") -> CheckedClient:
    browser = new_client(app)
    browser.post("/sign-in", data={"email": f"{name}@example.org", "password": PASSWORD})
    return browser


def user(user_id: int) -> User:
    db.session.rollback()
    return db.session.get_one(User, user_id)


def audited(user_id: int) -> list[str]:
    db.session.rollback()
    mine = select(AuditEvent.action).where(AuditEvent.subject_id == user_id).order_by(AuditEvent.id)
    return list(db.session.scalars(mine))


def test_sessions_are_listed_with_this_one_marked(as_, app: Flask, world: World) -> None:
    sign_in(app)
    page = as_("alice").get("/settings/sessions").text
    assert page.count("Last used") == 2
    assert page.count("This one") == 1


def test_a_session_tells_where_it_was_used_last(as_, world: World) -> None:
    with time_machine.travel(now() + timedelta(minutes=6)):
        as_("alice").get("/settings", environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
        assert "from 203.0.113.9" in as_("alice").get("/settings/sessions").text


def test_one_session_can_be_ended(as_, app: Flask, world: World) -> None:
    other = sign_in(app)
    newest = db.session.scalar(select(func.max(UserSession.id)))
    assert as_("alice").post(f"/settings/sessions/{newest}/end").status_code == 303
    assert other.get("/settings").status_code == 303
    assert as_("alice").get("/settings").status_code == 200


def test_ending_this_one_is_signing_out(as_, world: World) -> None:
    alice = as_("alice")
    mine = db.session.scalar(select(UserSession.id).where(UserSession.user_id == world.alice))
    assert alice.post(f"/settings/sessions/{mine}/end").location == "/sign-in"
    assert alice.get("/settings").status_code == 303


def test_a_strangers_session_is_not_there(as_, world: World) -> None:
    theirs = db.session.scalar(select(UserSession.id).where(UserSession.user_id == world.bob))
    assert as_("alice").post(f"/settings/sessions/{theirs}/end").status_code == 404
    assert as_("admin").post(f"/settings/sessions/{theirs}/end").status_code == 404
    assert as_("bob").get("/settings").status_code == 200


def test_everywhere_else_leaves_this_one(as_, app: Flask, world: World) -> None:
    others = [sign_in(app), sign_in(app)]
    assert as_("alice").post("/settings/sessions/others/end").status_code == 303
    assert [other.get("/settings").status_code for other in others] == [303, 303]
    assert as_("alice").get("/settings").status_code == 200


def test_everywhere_is_everywhere_but_only_mine(as_, app: Flask, world: World) -> None:
    other, alice = sign_in(app), as_("alice")
    alice.post("/settings/sessions/all/end")
    assert [browser.get("/settings").status_code for browser in (other, alice)] == [303, 303]
    assert as_("bob").get("/settings").status_code == 200


def test_idle_sessions_end_by_themselves_and_are_swept(as_, world: World) -> None:
    with time_machine.travel(now() + timedelta(days=15)):
        assert as_("alice").get("/settings").status_code == 303
        assert operations.purge_expired() == 5
    assert db.session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_an_administrators_session_is_shorter(app: Flask, world: World) -> None:
    admin = sign_in(app, "admin")
    newest = db.session.scalars(select(UserSession).order_by(UserSession.id.desc())).first()
    assert newest is not None
    assert newest.expires_at < now() + timedelta(days=15)
    with time_machine.travel(now() + timedelta(hours=25)):
        assert admin.get("/settings").status_code == 303


def test_a_new_password_ends_the_other_sessions(as_, app: Flask, world: World) -> None:
    other = sign_in(app)
    sent = {"current_password": PASSWORD, "password": NEW}
    assert as_("alice").post("/settings/account/password", data=sent).status_code == 303
    assert other.get("/settings").status_code == 303
    assert as_("alice").get("/settings").status_code == 200
    assert received("password_changed")
    assert new_client(app).post("/sign-in", data={"email": "alice@example.org", "password": NEW}).status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "message"),
    [
        ("not it", NEW, "That is not your password"),
        ("", NEW, "Type your password"),
        (PASSWORD, "short", "At least 8"),
        (PASSWORD, "", "Choose a password"),
        (PASSWORD, "Alice Adeyemi", "among the first"),
        (PASSWORD, "x" * 201, "At most 200"),
    ],
)
def test_a_refused_password_changes_nothing(as_, world: World, current: str, new: str, message: str) -> None:
    before = user(world.alice).password_hash
    answer = as_("alice").post("/settings/account/password", data={"current_password": current, "password": new})
    assert answer.status_code == 422
    assert message in answer.text
    assert user(world.alice).password_hash == before


def test_guessing_the_password_inside_is_limited_too(as_, world: World) -> None:
    sent = {"current_password": "a guess", "password": NEW}
    codes = [as_("alice").post("/settings/account/password", data=sent).status_code for _try in range(11)]
    assert codes == [422] * 10 + [429]


def test_a_new_address_counts_when_both_sides_have_agreed(as_, client: CheckedClient, world: World) -> None:
    sent = {"email": "alice@new.example.org", "current_password": PASSWORD}
    assert as_("alice").post("/settings/account/email", data=sent).status_code == 303
    old, new = received("email_change_old")[-1], received("email_change_new")[-1]
    assert (old.to, new.to) == ("alice@example.org", "alice@new.example.org")
    paths = [link("email_change_new"), link("email_change_old")]
    assert client.get(paths[0]).status_code == 200
    assert "Halfway" in client.post(paths[0]).text
    assert user(world.alice).email == "alice@example.org"
    assert "counts" in client.post(paths[1]).text
    assert user(world.alice).email == "alice@new.example.org"
    assert client.post(paths[0]).status_code == 410
    assert audited(world.alice)[-1] == "email-changed"


def test_opening_the_links_changes_nothing(as_, client: CheckedClient, world: World) -> None:
    as_("alice").post("/settings/account/email", data={"email": "a@new.example.org", "current_password": PASSWORD})
    for kind in ("email_change_old", "email_change_new"):
        client.get(link(kind))
    change = db.session.scalars(select(EmailChange)).one()
    assert (change.old_confirmed_at, change.new_confirmed_at) == (None, None)


def test_one_side_cannot_agree_for_the_other(as_, client: CheckedClient, world: World) -> None:
    as_("alice").post("/settings/account/email", data={"email": "a@new.example.org", "current_password": PASSWORD})
    path = link("email_change_new")
    client.post(path)
    client.post(path)
    assert user(world.alice).email == "alice@example.org"


def test_a_taken_address_is_asked_for_in_vain_and_in_silence(as_, world: World) -> None:
    sent = {"email": "bob@example.org", "current_password": PASSWORD}
    assert as_("alice").post("/settings/account/email", data=sent).status_code == 303
    assert received("email_change_new") == []
    assert received("already_member")[-1].to == "bob@example.org"


def test_an_address_taken_in_the_meantime_is_a_conflict(as_, client: CheckedClient, world: World) -> None:
    as_("alice").post("/settings/account/email", data={"email": "a@new.example.org", "current_password": PASSWORD})
    paths = [link("email_change_old"), link("email_change_new")]
    taken = update(User).where(User.id == world.carol).values(email="a@new.example.org", email_key="a@new.example.org")
    db.session.execute(taken)
    db.session.commit()
    client.post(paths[0])
    assert client.post(paths[1]).status_code == 409
    assert user(world.alice).email == "alice@example.org"


def test_a_change_can_be_called_off(as_, client: CheckedClient, world: World) -> None:
    as_("alice").post("/settings/account/email", data={"email": "a@new.example.org", "current_password": PASSWORD})
    path = link("email_change_new")
    assert "is on its way" in as_("alice").get("/settings/account").text
    as_("alice").post("/settings/account/email/cancellation")
    assert client.post(path).status_code == 410
    assert received("email_change") == []


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("nonsense", PASSWORD, "not an e-mail address"),
        ("", PASSWORD, "Type an e-mail address"),
        ("ALICE@example.org", PASSWORD, "your address already"),
        ("a@new.example.org", "not it", "not your password"),
        ("a\x00@new.example.org", PASSWORD, "cannot be stored"),
    ],
)
def test_a_refused_address_says_why(as_, world: World, email: str, password: str, message: str) -> None:
    answer = as_("alice").post("/settings/account/email", data={"email": email, "current_password": password})
    assert answer.status_code == 422
    assert message in answer.text
    assert db.session.scalar(select(EmailChange)) is None


def test_the_language_is_one_of_the_sites(as_, world: World) -> None:
    assert as_("alice").post("/settings/account", data={"locale": "en"}).status_code == 303
    assert as_("alice").post("/settings/account", data={"locale": "xx"}).status_code == 422
    assert user(world.alice).locale == "en"


def test_a_break_begins_and_ends(as_, world: World) -> None:
    as_("alice").post("/settings/privacy", data={"paused": "y"})
    began = user(world.alice).paused_at
    as_("alice").post("/settings/privacy", data={"paused": "y"})
    assert began is not None
    assert user(world.alice).paused_at == began
    as_("alice").post("/settings/privacy", data={"other": "x"})
    assert user(world.alice).paused_at is None


def test_blocking_hides_both_from_each_other(as_, world: World) -> None:
    for _again in range(2):
        assert as_("alice").post(f"/members/{world.bob}/block").status_code == 303
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Block)) == 1
    for viewer, other in ((world.alice, world.bob), (world.bob, world.alice)):
        looking = Stranger()
        looking.id = viewer
        assert db.session.scalar(queries.member_for(looking, other)) is None
    assert "Bob Brandt" in as_("alice").get("/settings/privacy").text
    for _again in range(2):
        assert as_("alice").post(f"/members/{world.bob}/unblock").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Block)) == 0


def test_the_blocked_one_cannot_tell_and_cannot_undo(as_, world: World) -> None:
    as_("alice").post(f"/members/{world.bob}/block")
    assert as_("bob").post(f"/members/{world.alice}/unblock").status_code == 404
    assert as_("bob").post(f"/members/{world.alice}/block").status_code == 404


def test_nobody_blocks_himself_or_somebody_who_is_not_there(as_, world: World) -> None:
    assert as_("alice").post(f"/members/{world.alice}/block").status_code == 403
    assert as_("alice").post("/members/999/block").status_code == 404
    assert as_("alice").post("/members/99999999999999999999/block").status_code == 404


def close(as_, name: str = "alice") -> None:
    assert (
        as_(name).post("/settings/account/closing", data={"sure": "y", "current_password": PASSWORD}).status_code == 303
    )


def test_closing_signs_out_and_hides(as_, world: World) -> None:
    close(as_)
    assert as_("alice").get("/settings").status_code == 303
    assert not user(world.alice).is_visible
    assert "come back" in received("account_closing")[-1].text


@pytest.mark.parametrize(
    "sent", [{}, {"sure": "y"}, {"current_password": PASSWORD}, {"sure": "y", "current_password": "not it"}]
)
def test_closing_takes_a_tick_and_the_password(as_, world: World, sent: dict[str, str]) -> None:
    assert as_("alice").post("/settings/account/closing", data=sent).status_code == 422
    assert user(world.alice).closed_at is None


def test_the_only_administrator_cannot_leave(as_, world: World) -> None:
    sent = {"sure": "y", "current_password": PASSWORD}
    answer = as_("admin").post("/settings/account/closing", data=sent)
    assert answer.status_code == 422
    assert "only administrator" in answer.text


def test_within_14_days_one_can_come_back(as_, client: CheckedClient, world: World) -> None:
    close(as_)
    known = {"email": "alice@example.org", "password": PASSWORD}
    asked = client.post("/sign-in", data=known)
    assert asked.status_code == 200
    assert "Reopen my account" in asked.text
    assert client.post("/sign-in", data={**known, "reopen": "y"}).status_code == 303
    assert user(world.alice).is_visible
    assert client.get("/settings").status_code == 200


def test_a_wrong_password_does_not_tell_that_an_account_is_closing(as_, client: CheckedClient, world: World) -> None:
    close(as_)
    assert "Reopen" not in client.post("/sign-in", data={"email": "alice@example.org", "password": "wrong"}).text


def test_after_14_days_the_account_is_emptied(as_, client: CheckedClient, world: World) -> None:
    as_("bob").post(f"/members/{world.alice}/block")
    close(as_)
    with time_machine.travel(now() + timedelta(days=13)):
        assert operations.empty_closed() == 0
    with time_machine.travel(now() + timedelta(days=14, minutes=1)):
        assert operations.empty_closed() == 1
        assert operations.empty_closed() == 0
    gone = user(world.alice)
    assert (gone.name, gone.email, gone.password_hash, gone.bio, gone.is_active) == (
        "Former member",
        None,
        "",
        "",
        False,
    )
    assert gone.emptied_at is not None
    for model in (UserLanguage, AvailabilitySlot, UserSession, OutboxMail):
        assert db.session.scalar(select(func.count()).where(model.user_id == world.alice)) == 0
    assert db.session.scalar(select(func.count()).select_from(Block)) == 0
    assert client.post("/sign-in", data={"email": "alice@example.org", "password": PASSWORD}).status_code == 422


def test_an_emptied_members_address_is_free_again(as_, client: CheckedClient, world: World) -> None:
    operations.empty(world.alice)
    db.session.commit()
    client.post("/sign-up", data={"name": "Alice", "email": "alice@example.org", "password": NEW})
    assert received("verify_email")[-1].to == "alice@example.org"


def test_the_export_holds_what_is_kept_and_no_hash(app: Flask, world: World) -> None:
    kept = queries.export(world.alice)
    assert kept["profile"]["email"] == "alice@example.org"
    assert kept["languages"] == ["en"]
    assert kept["availability"] == [{"weekday": 0, "starts": 1080, "ends": 1200}]
    assert len(kept["sessions"]) == 1
    assert "hash" not in str(kept)


def test_an_unconfirmed_member_is_told_and_can_ask_again(as_, world: World) -> None:
    db.session.execute(update(User).where(User.id == world.alice).values(is_verified=False))
    db.session.commit()
    assert "Send the mail again" in as_("alice").get("/settings").text
    as_("alice").post("/verify-email", data={"email": "alice@example.org"})
    assert received("verify_email")[-1].to == "alice@example.org"
