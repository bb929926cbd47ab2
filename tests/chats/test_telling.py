"""Whom a message is told, and that a deleted one is nowhere told of any more: notices, waiting mail, search."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask

from app.accounts.models import Block
from app.chats import operations
from app.core import outbox
from app.core.clock import now
from app.core.db import db
from app.notices import operations as notices
from tests.chats.test_sending import chat_of, say
from tests.notices.telling import mails, told, wish
from tests.support.client import CheckedClient
from tests.support.inbox import Inbox, inbox, text_of
from tests.world import World

__all__ = ["inbox"]
As = Callable[[str], CheckedClient]
SOON, LATER = timedelta(minutes=2), timedelta(minutes=6)


def send_mail(after: timedelta = LATER) -> int:
    with time_machine.travel(now() + after, tick=True):
        return outbox.send_due()


@pytest.fixture
def deleted(world: World) -> int:
    """A chat in which Alice wrote two lines, one of which she has deleted."""
    chat_id = chat_of(world)
    secret = say(world.alice, chat_id, "My secret")
    say(world.alice, chat_id, "What I meant")
    operations.delete(world.alice, secret.id)
    db.session.commit()
    return chat_id


def test_a_deleted_message_is_in_no_notice(as_: As, deleted: int, world: World) -> None:
    page = as_("bob").get("/notices").text
    assert "What I meant" in page
    assert "My secret" not in page
    assert [notice.params["excerpt"] for notice in told(world.bob)] == ["What I meant"]


def test_a_deleted_message_is_in_no_waiting_mail(deleted: int, world: World, inbox: Inbox) -> None:
    assert send_mail() == 1, "what else is unread keeps its mail"
    (mail,) = inbox.mails
    assert "What I meant" in text_of(mail)
    assert "My secret" not in mail.as_string()


def test_a_deleted_message_is_in_no_daily_mail(world: World, inbox: Inbox) -> None:
    wish(world.bob, "message", "digest")
    chat_id = chat_of(world)
    secret = say(world.alice, chat_id, "My secret")
    say(world.alice, chat_id, "What I meant")
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        assert notices.send_daily() == 1
        operations.delete(world.alice, secret.id)  # the mail is promised and has not left
        db.session.commit()
        assert outbox.send_due() == 1
    assert "What I meant" in text_of(inbox.mails[0])
    assert "My secret" not in inbox.mails[0].as_string()


def test_the_only_message_deleted_is_no_mail(world: World, inbox: Inbox) -> None:
    secret = say(world.alice, chat_of(world), "My secret")
    operations.delete(world.alice, secret.id)
    db.session.commit()
    assert (send_mail(), mails(), inbox.mails) == (0, 0, [])


def test_a_deleted_message_is_not_found(as_: As, deleted: int, world: World) -> None:
    for name in ("alice", "bob"):
        page = as_(name)
        assert f"/chats/{deleted}?at=2" in page.get("/chats?q=meant").text
        found = page.get("/chats?q=secret").text
        assert "Nothing found" in found
        assert "My secret" not in found


def test_a_deleted_message_is_in_no_list_and_no_copy_of_ones_data(as_: As, world: World) -> None:
    chat_id = chat_of(world)
    secret = say(world.alice, chat_id, "My secret")
    operations.delete(world.alice, secret.id)
    db.session.commit()
    for name in ("alice", "bob"):
        for path in ("/chats", f"/chats/{chat_id}", f"/chats/{chat_id}/lines?after=0&change=0"):
            assert "My secret" not in as_(name).get(path).text


def test_a_changed_message_is_mailed_as_it_is_now(world: World, inbox: Inbox) -> None:
    message = say(world.alice, chat_of(world), "My secret")
    operations.edit(world.alice, message.id, "What I meant")
    db.session.commit()
    assert send_mail() == 1
    assert "What I meant" in text_of(inbox.mails[0])
    assert "My secret" not in inbox.mails[0].as_string()


@pytest.mark.parametrize("channel", ["mail", "digest"])
@pytest.mark.parametrize("who", ["bob", "alice"])
def test_nothing_is_mailed_from_whom_a_block_separates(world: World, inbox: Inbox, channel: str, who: str) -> None:
    wish(world.bob, "message", channel)
    say(world.alice, chat_of(world), "One more thing")
    pair = (world.bob, world.alice) if who == "bob" else (world.alice, world.bob)
    db.session.add(Block(blocker_id=pair[0], blocked_id=pair[1]))
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        notices.send_daily()
        outbox.send_due()
    assert (mails(), inbox.mails) == (0, [])


def test_nobody_is_told_of_what_they_wrote_themselves(as_: As, world: World) -> None:
    say(world.alice, chat_of(world), "Hello")
    assert told(world.alice) == []
    assert "unread" not in as_("alice").get("/notices/bell").text
    assert "1 unread" in as_("bob").get("/notices/bell").text


def test_the_chat_on_the_screen_tells_nothing(app: Flask, as_: As, world: World, inbox: Inbox) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    bob = as_("bob")
    bob.get(f"/chats/{chat_id}")
    say(world.alice, chat_id, "Are you there?")
    assert "unread" not in bob.get("/notices/bell").text
    assert bob.post(f"/chats/{chat_id}/read", data={"seq": "2", "looking": "y"}).status_code == 204
    assert send_mail() == 0
    with time_machine.travel(now() + LATER, tick=True):
        assert "unread" not in bob.get("/notices/bell").text
    assert inbox.mails == []


def test_the_page_that_shows_it_does_not_count_it_any_more(as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    say(world.carol, operations.open_between(world.carol, world.bob), "Hello")
    bob = as_("bob")
    assert "2 unread" in bob.get("/chats").text
    assert "1 unread" in bob.get(f"/chats/{chat_id}").text
    assert "1 unread" in bob.get("/chats").text


def test_a_screen_that_was_left_tells_again(as_: As, world: World) -> None:
    chat_id = chat_of(world)
    bob = as_("bob")
    bob.get(f"/chats/{chat_id}")
    bob.post(f"/chats/{chat_id}/read", data={"seq": "0"})
    say(world.alice, chat_id, "Are you there?")
    assert "1 unread" in bob.get("/notices/bell").text


def test_another_chat_than_the_one_on_the_screen_is_told(as_: As, world: World) -> None:
    bob = as_("bob")
    bob.get(f"/chats/{chat_of(world)}")
    say(world.carol, operations.open_between(world.carol, world.bob), "Hello")
    assert "1 unread" in bob.get("/notices/bell").text


def test_a_burst_is_one_mail_for_each_chat(world: World, inbox: Inbox) -> None:
    chat_id = chat_of(world)
    for body in ("One", "Two", "Three"):
        say(world.alice, chat_id, body)
    say(world.carol, operations.open_between(world.carol, world.bob), "From Carol")
    assert send_mail(SOON) == 0, "there is time to read it here first"
    assert send_mail() == 2
    assert send_mail(LATER * 3) == 0
    texts = sorted(text_of(mail) for mail in inbox.mails)
    assert sum("From Carol" in text for text in texts) == 1
    assert [all(body in text for body in ("One", "Two", "Three")) for text in texts].count(True) == 1


def test_what_was_read_in_time_is_not_mailed_and_the_next_burst_is(as_: As, world: World, inbox: Inbox) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "One")
    bob = as_("bob")
    bob.get(f"/chats/{chat_id}")
    bob.post(f"/chats/{chat_id}/read", data={"seq": "1"})  # and leaves
    assert send_mail() == 0
    say(world.alice, chat_id, "Two")
    assert send_mail() == 1
    assert "Two" in text_of(inbox.mails[0])
    assert "One" not in text_of(inbox.mails[0])
