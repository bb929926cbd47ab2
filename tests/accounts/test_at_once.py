"""What happens to one member at the same moment, and what outlives its own permission."""

from __future__ import annotations

import io
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, update

from app.accounts import emails, names, operations, passwords
from app.accounts.models import EmailChange, SignInAttempt, User
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.core.models import AuditEvent
from app.skills.operations import name_problem
from tests.accounts.mailbox import link, received
from tests.support.client import CheckedClient
from tests.world import PASSWORD, World


class SlowBody(io.BytesIO):
    """A body of a request whose first piece comes only after `meanwhile` has happened elsewhere."""

    def __init__(self, content: bytes, meanwhile: Callable[[], object]) -> None:
        super().__init__(content)
        self.meanwhile = [meanwhile]

    def readinto(self, buffer: Any, /) -> int:
        while self.meanwhile:
            elsewhere = threading.Thread(target=self.meanwhile.pop())
            elsewhere.start()
            elsewhere.join()
        return super().readinto(buffer)


def slowly(client: CheckedClient, path: str, data: dict[str, str], meanwhile: Callable[[], object]) -> int:
    body = urlencode(data).encode()
    sent: dict[str, Any] = {"input_stream": SlowBody(body, meanwhile), "content_length": len(body)}
    return client.post(path, content_type="application/x-www-form-urlencoded", **sent).status_code


def at_once(*calls: Callable[[], Any]) -> Counter[Any]:
    start, answers = threading.Barrier(len(calls)), []

    def run(call: Callable[[], Any]) -> None:
        start.wait()
        answers.append(call().status_code)

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(answers)


def alice(world: World) -> User:
    db.session.rollback()
    return db.session.get_one(User, world.alice)


def audited(action: str) -> int:
    return db.session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)) or 0


@pytest.mark.parametrize("ending", [operations.empty, operations.end_all_sessions])
def test_a_request_does_not_outlive_its_session(as_, app: Flask, world: World, ending: Callable[[int], Any]) -> None:
    def end() -> None:
        with app.app_context():
            ending(world.alice)
            db.session.commit()

    sent = {"name": "Zombie", "bio": "written too late"}
    assert slowly(as_("alice"), "/settings/profile", sent, end) == 401
    assert alice(world).name != "Zombie"
    assert alice(world).bio != "written too late"


def test_one_profile_saved_many_times_at_once(as_, world: World) -> None:
    sent = {"name": "Alice Adeyemi", "languages": ["en", "de", "fr"]}
    assert at_once(*[lambda: as_("alice").post("/settings/profile", data=sent)] * 6) == {303: 6}


def test_both_sides_agree_at_once(as_, app: Flask, world: World) -> None:
    as_("alice").post("/settings/account/email", data={"email": "a@new.example.org", "current_password": PASSWORD})
    paths = [link("email_change_old"), link("email_change_new")]
    assert at_once(*(lambda path=path: app.test_client().post(path) for path in paths)) == {200: 2}
    assert alice(world).email == "a@new.example.org"


def test_agreeing_and_calling_off_at_once(as_, app: Flask, world: World) -> None:
    as_("alice").post("/settings/account/email", data={"email": "a@new.example.org", "current_password": PASSWORD})
    path = link("email_change_old")
    cancel = as_("alice")
    answers = at_once(lambda: app.test_client().post(path), lambda: cancel.post("/settings/account/email/cancellation"))
    assert set(answers) <= {200, 303, 410}
    assert db.session.scalar(select(EmailChange)) is None


def test_closing_many_times_is_closing_once(as_, world: World) -> None:
    sent = {"sure": "y", "current_password": PASSWORD}
    answers = at_once(*[lambda: as_("alice").post("/settings/account/closing", data=sent)] * 4)
    assert answers[303] == 1
    assert set(answers) <= {303, 401, 422}
    assert len(received("account_closing")) == audited("account-closed") == 1


def test_a_link_confirms_once(world: World) -> None:
    user = alice(world)
    assert not operations.verify(user)
    assert audited("email-verified") == 0


def test_a_refused_password_at_sign_up_is_counted_but_costs_no_mail(client: CheckedClient, world: World) -> None:
    sent = {"name": "Rosa", "email": "rosa@example.org", "password": "password1", "timezone": "UTC"}
    assert client.post("/sign-up", data=sent).status_code == 422
    assert list(db.session.scalars(select(SignInAttempt.kind))) == ["sign-up address"]
    assert passwords.JUDGED <= 32


def test_strangers_at_the_gate_do_not_lock_the_settings(as_, client: CheckedClient, world: World) -> None:
    for _try in range(10):
        client.post("/sign-in", data={"email": "alice@example.org", "password": "a wrong guess"})
    sent = {"current_password": PASSWORD, "password": "velvet otter umbrella"}
    assert as_("alice").post("/settings/account/password", data=sent).status_code == 303


def sign_up(client: CheckedClient, email: str) -> None:
    sent = {"name": "Rosa", "email": email, "password": "velvet otter umbrella", "timezone": "UTC"}
    assert client.post("/sign-up", data=sent).status_code == 303


def test_a_sign_up_that_nobody_confirms_ends(client: CheckedClient, world: World) -> None:
    sign_up(client, "rosa@example.org")
    assert operations.empty_closed() == 0
    with time_machine.travel(now() + timedelta(days=15)):
        assert operations.empty_closed() == 1
    assert db.session.scalar(select(User).where(User.email_key == "rosa@example.org")) is None


def test_an_unconfirmed_sign_up_does_not_hold_an_address(as_, client: CheckedClient, world: World) -> None:
    sign_up(client, "a@new.example.org")
    as_("alice").post("/settings/account/email", data={"email": "a@new.example.org", "current_password": PASSWORD})
    for path in (link("email_change_old"), link("email_change_new")):
        assert client.post(path).status_code == 200
    assert alice(world).email == "a@new.example.org"


def test_the_last_administrator_is_not_erased_by_accident(app: Flask, world: World) -> None:
    db.session.rollback()
    refused = app.test_cli_runner().invoke(args=["users", "erase", "admin@example.org", "--yes"])
    assert refused.exit_code == 1
    assert "only administrator" in refused.output
    db.session.rollback()
    done = app.test_cli_runner().invoke(args=["users", "erase", "admin@example.org", "--yes", "--last-admin"])
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("typed", "domain"), [("owner@faß.de", "xn--fa-hia.de"), ("owner@ςας.gr", "xn--mxa7ab.gr")]
)  # fmt: skip
def test_mail_goes_to_the_domain_that_was_compared(world: World, typed: str, domain: str) -> None:
    stored = update(User).where(User.id == world.alice)
    db.session.execute(stored.values(email=emails.normal(typed), email_key=emails.key(typed)))
    recipient = operations.recipient(world.alice)
    assert recipient is not None
    assert recipient.address == emails.key(typed) == f"owner@{domain}"


@pytest.mark.parametrize(
    "name",
    ["\u3164", "\u115f\u1160", "Alice\u3164Moreau", "a\uffa0b", "A\u034fdmin", "Admin\ufe0f", "Ana\u17b4",
     "Admin\U000e0100", "Ana\u180b", "x\u0301\u0302\u0303", "www.evil.com", "evil.com/free-money", "Ana/Bo",
     "Ana evil.co"],
)  # fmt: skip
def test_names_that_hide_or_lead_away_are_refused(app: Flask, name: str) -> None:
    with pytest.raises(DomainError):
        names.require_good(name)


@pytest.mark.parametrize("name", ["J. R. Smith", "St. John", "J.R. Smith", "Nguyễn Thị Ệ", "ကျွန်ုပ်"])
def test_names_with_dots_and_marks_pass(app: Flask, name: str) -> None:
    names.require_good(name)


@pytest.mark.parametrize("name", ["Che\u3164ss", "\u2800Chess", "Ch\u034fess", "Ch\ufe0fess", "Che\u0301\u0301\u0301"])
def test_skills_with_hidden_signs_are_refused(app: Flask, name: str) -> None:
    assert name_problem(name)
    assert not name_problem("Node.js")
