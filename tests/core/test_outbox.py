"""Mail: promised with its cause, sent at least once, never lost while the server is away (P17)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select

from app.core import outbox
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from tests.support.inbox import Inbox, inbox, sending_to
from tests.world import World

__all__ = ["inbox"]

Post = Callable[..., None]


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


def test_mail_that_somebody_waits_for_goes_before_mail_for_many(world: World, inbox: Inbox) -> None:
    for n in range(3):
        outbox.enqueue("weekly_news", world.bob, f"news {n}", {"until": now().isoformat()})
    promise(world)
    first, *rest = outbox._lease()
    assert db.session.get_one(OutboxMail, first).kind == "password_changed"
    assert len(rest) == 3


def test_headers_that_would_break_a_mail_are_refused(app: Flask, world: World, inbox: Inbox) -> None:
    mail = outbox.RenderedMail(
        "alice@example.org", "Hello", "Hello", "<p>Hello</p>", {"X-Thing": "a\nBcc: b@example.org"}
    )
    with pytest.raises(ValueError, match="newline"):
        outbox.deliver(mail)
    assert inbox.mails == []


def test_what_is_withdrawn_is_not_sent(world: World, inbox: Inbox) -> None:
    promise(world)
    assert outbox.withdraw(["once"]) == 1
    db.session.commit()
    assert outbox.send_due() == 0


def test_a_failed_mail_can_be_tried_again(app: Flask, world: World, inbox: Inbox) -> None:
    promise(world)
    mail = db.session.scalars(select(OutboxMail)).one()
    mail.state, mail.attempts = "failed", outbox.MOST_ATTEMPTS
    db.session.commit()
    assert outbox.send_due() == 0
    assert outbox.try_again() == 1
    db.session.commit()
    assert outbox.send_due() == 1
    assert outbox.try_again(mail.id) == 0


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
