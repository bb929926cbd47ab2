"""Mail about notices: one per burst, only while it is unread, and one click stops it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import User
from app.core import outbox
from app.core.clock import now
from app.core.db import db
from app.core.models import OutboxMail
from app.notices import tokens
from app.notices.kinds import ANNOUNCEMENT, NEWS
from app.notices.models import EVERY_KIND
from app.notices.operations import all_channels_of, choose, read
from tests.notices.telling import ASKED, SAID, at_once, mails, say, wish
from tests.support.client import CheckedClient
from tests.support.inbox import Inbox, inbox, sending_to, text_of
from tests.support.notices import announce
from tests.world import World

__all__ = ["inbox"]
pytestmark = pytest.mark.usefixtures("kinds")
As = Callable[[str], CheckedClient]
LATER = timedelta(minutes=3)


def send_later(after: timedelta = LATER) -> int:
    with time_machine.travel(now() + after, tick=True):
        return outbox.send_due()


def path_of(header: str) -> str:
    return urlsplit(header.strip().strip("<>")).path


def test_many_lines_are_one_mail(world: World, inbox: Inbox) -> None:
    for key in ("m1", "m2", "m3"):
        say(world.alice, key)
    assert outbox.send_due() == 0, "who reads it here at once needs no mail"
    assert send_later() == 1
    (mail,) = inbox.mails
    assert mail["To"] == "alice@example.org"
    assert mail["Subject"] == "3 unread notices"
    assert "Bob wrote to you" in text_of(mail)


def test_what_was_read_here_is_not_mailed(world: World, inbox: Inbox) -> None:
    say(world.alice, "m1")
    read(world.alice, "chat-7")
    db.session.commit()
    assert send_later() == 0
    assert (mails(), mails(state="cancelled")) == (0, 1)


def test_only_what_is_unread_stands_in_it(world: World, inbox: Inbox) -> None:
    say(world.alice, "m1")
    read(world.alice, "m1")
    say(world.alice, "m2")
    assert send_later() == 1
    assert inbox.mails[0]["Subject"] == "Bob wrote to you"


def test_who_has_changed_their_mind_is_not_mailed(world: World, inbox: Inbox) -> None:
    say(world.alice, "m1")
    wish(world.alice, SAID, "in_app")
    assert send_later() == 0


def test_two_ticks_at_once_send_each_mail_once(app: Flask, world: World, inbox: Inbox) -> None:
    for n in range(12):
        say(world.alice, f"m{n}", chat_id=n)
    with time_machine.travel(now() + LATER, tick=True):
        at_once(app, outbox.send_due, outbox.send_due)
    assert len(inbox.mails) == 12


def test_a_dead_server_loses_nothing_and_each_arrives_once(app: Flask, as_: As, world: World, inbox: Inbox) -> None:
    port = app.config["MAIL_PORT"]
    for n in range(3):
        say(world.alice, f"m{n}", chat_id=n)
    with sending_to(app, port=1):
        assert send_later() == 0
        assert as_("alice").get("/notices").status_code == 200
    assert mails() == 3
    with sending_to(app, port):
        assert send_later(timedelta(minutes=10)) == 3
        assert send_later(timedelta(minutes=20)) == 0
    assert len(inbox.mails) == 3


def test_the_link_opens_it_and_marks_it_read(as_: As, world: World, inbox: Inbox) -> None:
    say(world.alice, "m1")
    send_later()
    text = text_of(inbox.mails[0])
    path = re.findall(r"https?://[^/\s]+(/notices/\d+)", text)[-1]
    answer = as_("alice").get(path)
    assert (answer.status_code, answer.location) == (303, "/members/7")
    assert as_("bob").get(path).status_code == 404
    assert "unread" not in as_("alice").get("/notices/bell").text


def test_a_mail_program_stops_it_with_one_click(app: Flask, world: World, inbox: Inbox) -> None:
    """RFC 8058: a POST without cookies, without a token of a form, and no redirect for an answer."""
    say(world.alice, "m1")
    send_later()
    (mail,) = inbox.mails
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = path_of(mail["List-Unsubscribe"])
    app.config["WTF_CSRF_ENABLED"] = True
    stranger = app.test_client()
    assert stranger.get(address).status_code == 200
    assert all_channels_of(world.alice)[SAID] == "mail", "looking at it stops nothing"
    assert stranger.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert stranger.post(address, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert all_channels_of(world.alice)[SAID] == "in_app"
    assert all_channels_of(world.alice)[ANNOUNCEMENT] == "mail"


def test_all_mail_can_be_stopped(client: CheckedClient, world: World) -> None:
    wish(world.alice, ASKED, "mail")
    assert client.post(f"/unsubscribe/{tokens.sign(world.alice, EVERY_KIND)}").status_code == 200
    channels = all_channels_of(world.alice)
    assert channels[NEWS] == "off"
    assert set(channels.values()) <= {"in_app", "off"}
    choose(world.alice, {SAID: "mail"})
    assert all_channels_of(world.alice)[SAID] == "mail"


def test_the_digest_alone_can_be_stopped(client: CheckedClient, world: World) -> None:
    wish(world.alice, SAID, "digest")
    client.post(f"/unsubscribe/{tokens.sign(world.alice, 'digest')}")
    channels = all_channels_of(world.alice)
    assert (channels[SAID], channels[ASKED], channels[ANNOUNCEMENT]) == ("in_app", "in_app", "mail")


@pytest.mark.parametrize("change", [str.swapcase, lambda token: token[4:], lambda token: token[: token.index(".")]])
def test_a_forged_address_stops_nothing(client: CheckedClient, world: World, change: Callable[[str], str]) -> None:
    forged = change(tokens.sign(world.alice, SAID))
    assert client.post(f"/unsubscribe/{forged}").status_code == 410
    assert all_channels_of(world.alice)[SAID] == "mail"


def test_nobody_is_stopped_who_is_no_more(client: CheckedClient, world: World) -> None:
    assert client.post(f"/unsubscribe/{tokens.sign(99999, SAID)}").status_code == 200


def test_every_mail_about_notices_can_be_stopped(world: World) -> None:
    announce(world.mod)
    say(world.alice, "m1")
    for mail in db.session.scalars(select(OutboxMail)).all():
        rendered = outbox.render(mail)
        assert rendered is not None
        assert "List-Unsubscribe" in rendered.headers
        assert "/unsubscribe/" in rendered.text
        assert "/unsubscribe/" in rendered.html


def test_an_announcement_comes_in_full(world: World, inbox: Inbox) -> None:
    announce(world.mod)
    assert outbox.send_due() == 3  # alice, bob and the administrator live in Riverton
    assert {mail["Subject"] for mail in inbox.mails} == {"From the coordinators: Summer gathering on Saturday"}


def test_a_receiver_who_speaks_spanish_is_written_to_in_spanish(world: World, inbox: Inbox) -> None:
    db.session.execute(update(User).where(User.id == world.bob).values(locale="es"))
    announce(world.mod)
    outbox.send_due()
    (mail,) = [mail for mail in inbox.mails if mail["To"] == "bob@example.org"]
    assert "en nombre de la coordinación" in text_of(mail)
    assert "Hola, Bob Brandt:" in text_of(mail)
    assert "No recibir más este correo" in text_of(mail)
