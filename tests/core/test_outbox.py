"""Mail: promised with its cause, sent at least once, never lost while the server is away (P17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from flask import Flask
from sqlalchemy import delete, func, select

from app.core import outbox
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from tests import postgres
from tests.world import World

Post = Callable[..., None]


class Inbox(Message):
    def __init__(self) -> None:
        super().__init__(message_class=EmailMessage)
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    """A real SMTP server to which the application sends for the time of a test."""
    received = Inbox()
    server = Controller(received, hostname="127.0.0.1", port=postgres._free_port())
    server.start()
    port = server.server.sockets[0].getsockname()[1] if server.server else 0
    with sending_to(app, port):
        yield received
    server.stop()


class sending_to:  # noqa: N801 reads as a sentence
    def __init__(self, app: Flask, port: int) -> None:
        self.app, self.before = app, {key: app.config[key] for key in app.config if key.startswith("MAIL_")}
        app.config.update(MAIL_BACKEND="smtp", MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_USE_TLS=False)
        self._apply(testing=False)

    def _apply(self, testing: bool) -> None:
        before, self.app.testing = self.app.testing, testing
        outbox.mailman.init_app(self.app)
        self.app.testing = before

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None:
        self.app.config.update(self.before)
        self._apply(testing=True)


def promise(world: World, key: str = "once") -> None:
    outbox.enqueue("password_changed", world.alice, key)
    db.session.commit()


def waiting() -> int:
    return db.session.scalar(select(func.count()).select_from(OutboxMail).where(OutboxMail.state == "waiting")) or 0


def test_a_mail_arrives_as_text_and_html(world: World, inbox: Inbox) -> None:
    promise(world)
    assert outbox.send_due() == 1
    (mail,) = inbox.mails
    assert mail["To"] == "alice@example.org"
    assert mail["Subject"]
    assert {part.get_content_type() for part in mail.walk()} >= {"text/plain", "text/html"}


def test_a_sent_mail_is_not_sent_again(world: World, inbox: Inbox) -> None:
    promise(world)
    outbox.send_due()
    outbox.send_due()
    assert len(inbox.mails) == 1


def test_the_same_cause_promises_one_mail(world: World, inbox: Inbox) -> None:
    promise(world)
    promise(world)
    outbox.send_due()
    assert len(inbox.mails) == 1


def test_a_rolled_back_cause_promises_nothing(world: World) -> None:
    outbox.enqueue("password_changed", world.alice, "never")
    db.session.rollback()
    assert waiting() == 0


def test_a_dead_server_loses_nothing(app: Flask, world: World) -> None:
    promise(world)
    with sending_to(app, port=1):
        assert outbox.send_due() == 0
    mail = db.session.scalars(select(OutboxMail)).one()
    assert (mail.state, mail.attempts) == ("waiting", 1)
    assert mail.next_try_at > now()
    assert "ConnectionRefused" in mail.last_error


def test_it_is_sent_once_the_server_is_back(app: Flask, world: World, inbox: Inbox) -> None:
    promise(world)
    port = app.config["MAIL_PORT"]
    with sending_to(app, port=1):
        outbox.send_due()
    with sending_to(app, port), time_machine.travel(now() + timedelta(minutes=2), tick=True):
        assert outbox.send_due() == 1
    assert len(inbox.mails) == 1


def test_it_gives_up_visibly_after_many_tries(app: Flask, world: World) -> None:
    promise(world)
    moment = now()
    with sending_to(app, port=1):
        for _ in range(outbox.MOST_ATTEMPTS):
            moment += outbox.LONGEST_PAUSE + timedelta(minutes=1)
            with time_machine.travel(moment, tick=True):
                outbox.send_due()
    assert db.session.scalars(select(OutboxMail.state)).one() == "failed"


def test_production_without_a_mail_server_keeps_its_mail(app: Flask, world: World) -> None:
    promise(world)
    app.config["DEVELOPMENT"] = False
    try:
        assert outbox.send_due() == 0
    finally:
        app.config["DEVELOPMENT"] = True
    assert waiting() == 1


def test_a_mail_that_somebody_is_sending_is_left_alone(world: World, inbox: Inbox) -> None:
    promise(world)
    outbox._lease()
    assert outbox.send_due() == 0


def test_a_lease_of_a_dead_process_runs_out(world: World, inbox: Inbox) -> None:
    promise(world)
    outbox._lease()
    with time_machine.travel(now() + outbox.LEASE + timedelta(seconds=1), tick=True):
        assert outbox.send_due() == 1


def test_an_unknown_kind_is_a_mistake_of_ours(world: World) -> None:
    with pytest.raises(KeyError):
        outbox.enqueue("no-such-kind", world.alice, "x")


def test_a_mail_that_cannot_be_sent_does_not_hold_up_the_others(world: World, inbox: Inbox) -> None:
    outbox.enqueue("password_changed", world.bob, "poison", address="p@" + "ß" * 70 + ".de")
    promise(world)
    assert outbox.send_due() == 1
    poison = db.session.scalars(select(OutboxMail).where(OutboxMail.unique_key == "poison")).one()
    assert (poison.state, poison.attempts) == ("waiting", 1)


def test_a_domain_is_addressed_as_its_owner_registered_it(world: World, inbox: Inbox) -> None:
    """IDNA 2008: faß.de is not fass.de, whose owner must not get this mail."""
    outbox.enqueue("password_changed", world.alice, "idn", address="owner@faß.de")
    db.session.commit()
    outbox.send_due()
    (mail,) = inbox.mails
    assert mail["To"] == "owner@xn--fa-hia.de"


def test_a_mail_whose_row_went_meanwhile_is_no_fault(world: World, inbox: Inbox) -> None:
    promise(world)
    ids = outbox._lease()
    db.session.execute(delete(OutboxMail))
    db.session.commit()
    assert [outbox._send(mail_id) for mail_id in ids] == [False]


def test_old_settled_mail_is_purged_and_failed_mail_stays(world: World) -> None:
    promise(world, "sent")
    promise(world, "failed")
    for key in ("sent", "failed"):
        mail = db.session.scalars(select(OutboxMail).where(OutboxMail.unique_key == key)).one()
        mail.state = key
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=31), tick=True):
        assert outbox.purge() == 1
    assert db.session.scalars(select(OutboxMail.unique_key)).all() == ["failed"]
