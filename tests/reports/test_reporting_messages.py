"""A message is reported with what it said: to its chat the moderators stay strangers."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from sqlalchemy import select

from app.accounts.models import Block
from app.chats import operations
from app.core.db import db
from app.reports.models import Report
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]


def written(sender: int, receiver: int, body: str, token: str = "token") -> tuple[int, int]:  # noqa: S107
    """The ids of the chat and of the message."""
    chat_id = operations.open_between(sender, receiver)
    message = operations.send(sender, chat_id, body, token)
    db.session.commit()
    return chat_id, message.id


def test_it_is_kept_as_it_was(app: Flask, as_: As, world: World) -> None:
    chat_id, message_id = written(world.bob, world.alice, "Buy <b>my</b> course!")
    address = f"/chats/{chat_id}/messages/{message_id}/report"
    alice = as_("alice")
    assert "Buy &lt;b&gt;my&lt;/b&gt; course!" in alice.get(address).text
    assert address in alice.get(f"/chats/{chat_id}").text
    assert address not in as_("bob").get(f"/chats/{chat_id}").text
    answer = alice.post(address, data={"reason": "spam", "words": "Third time.", "block": "y"})
    assert (answer.status_code, answer.location) == (303, "/settings/privacy/reports")
    operations.delete(world.bob, message_id)
    db.session.commit()
    (report,) = db.session.scalars(select(Report))
    assert (report.subject_kind, report.subject_id, report.reported_id) == ("message", message_id, world.bob)
    assert dict(report.snapshot) == {"name": "Bob Brandt", "message": "Buy <b>my</b> course!"}
    assert db.session.get(Block, (world.alice, world.bob))
    page = as_("mod").get(f"/admin/reports/{report.id}").text
    assert "Buy &lt;b&gt;my&lt;/b&gt; course!" in page
    assert as_("mod").get(f"/chats/{chat_id}").status_code == 404


def test_only_what_somebody_wrote_to_me(app: Flask, as_: As, world: World) -> None:
    chat_id, message_id = written(world.bob, world.alice, "Hello")
    site = operations.post_system_line(chat_id, "joined", {})
    db.session.commit()
    address = f"/chats/{chat_id}/messages/{{}}/report"
    assert as_("bob").get(address.format(message_id)).status_code == 403
    assert as_("carol").get(address.format(message_id)).status_code == 404
    assert as_("alice").get(address.format(site.id)).status_code == 404
    operations.delete(world.bob, message_id)
    db.session.commit()
    assert as_("alice").get(address.format(message_id)).status_code == 404


def test_two_messages_are_two_reports(app: Flask, as_: As, world: World) -> None:
    alice = as_("alice")
    for token in ("one", "two"):
        chat_id, message_id = written(world.bob, world.alice, token, token)
        alice.post(f"/chats/{chat_id}/messages/{message_id}/report", data={"reason": "harassment"})
        alice.post(f"/chats/{chat_id}/messages/{message_id}/report", data={"reason": "harassment"})
    assert [dict(report.snapshot)["message"] for report in db.session.scalars(select(Report))] == ["one", "two"]
