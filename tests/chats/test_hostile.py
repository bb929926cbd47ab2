"""What a browser of ours never sends, and what nobody may learn: answers without a fault, and no word too many."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import operations as accounts
from app.accounts.names import FORMER
from app.chats import operations
from app.chats.models import Attachment, Message
from app.core import live
from app.core.db import db
from app.notices.models import Notice
from tests.chats.test_sending import chat_of, say
from tests.support.chats import a_file, add_chats
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
NO_NUMBERS = (str(10**20), str(2**63), "-1", "abc", "", "9" * 5000, "nan")


@pytest.mark.parametrize("number", NO_NUMBERS)
def test_a_number_that_no_line_has_is_no_fault(app: Flask, as_: As, world: World, number: str) -> None:
    ids, alice = add_chats(world), as_("alice")
    db.session.commit()
    chat = f"/chats/{ids['chat']}"
    for place in (f"{chat}?before=", f"{chat}?at=", f"{chat}/lines?after=", f"{chat}/lines?change=", "/chats?open="):
        assert alice.get(f"{place}{number}").status_code == 200
    for place, token in ((f"{chat}/messages", "new"), (f"{chat}/messages/{ids['line']}/edit", "")):
        data = {"body": "Hello", "client_token": token, "after": number, "change": number}
        assert alice.post(place, data=data, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize("token", ["\x00", "a\x00b", "\x1b[0m", "\u202eabc", "x" * 41])
def test_a_token_that_no_column_takes_is_refused(app: Flask, as_: As, world: World, token: str) -> None:
    chat_id = chat_of(world)
    for place in (f"/chats/{chat_id}/messages", f"/chats/with/{world.bob}"):
        assert as_("alice").post(place, data={"body": "Hello", "client_token": token}).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_file_where_a_token_belongs_is_none(app: Flask, as_: As, world: World) -> None:
    data: dict[str, Any] = {"body": "Hello", "client_token": (io.BytesIO(b"x"), "token.txt")}
    assert as_("alice").post(f"/chats/{chat_of(world)}/messages", data=data).status_code == 303
    assert len(db.session.scalars(select(Message.client_token)).one() or "") > 16


def test_an_old_page_with_another_file_has_not_sent_it(app: Flask, as_: As, world: World) -> None:
    place, alice = f"/chats/{chat_of(world)}/messages", as_("alice")

    def sent(content: bytes, place: str = place) -> int:
        data: dict[str, Any] = {"body": "", "client_token": "same", "files": (io.BytesIO(content), "list.txt")}
        return alice.post(place, data=data).status_code

    assert [sent(b"one"), sent(b"one"), sent(b"two")] == [303, 303, 409]
    assert db.session.scalar(select(func.count()).select_from(Attachment)) == 1
    db.session.rollback()
    other_chat = operations.open_between(world.alice, world.carol)
    db.session.commit()
    assert sent(b"one", f"/chats/{other_chat}/messages") == 409


def test_an_old_first_page_with_another_text_has_not_sent_it(app: Flask, as_: As, world: World) -> None:
    alice, place = as_("alice"), f"/chats/with/{world.bob}"
    assert alice.post(place, data={"body": "Hello", "client_token": "same"}).status_code == 303
    answer = alice.post(place, data={"body": "How are you?", "client_token": "same"})
    assert answer.status_code == 409
    assert "How are you?" in answer.text


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_nobody_sees_when_somebody_reads_whom_a_block_separates_from_them(
    app: Flask, as_: As, world: World, blocker: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    ids = {"alice": world.alice, "bob": world.bob}
    accounts.block(ids.pop(blocker), ids.popitem()[1])
    db.session.commit()
    told = told_of(monkeypatch)
    assert as_("bob").get(f"/chats/{chat_id}").status_code == 200
    as_("bob").post(f"/chats/{chat_id}/receipts", data={"shown": "y"})
    assert {user_id for user_ids, _topic in told for user_id in user_ids} == {world.bob}
    assert 'data-seen-line="0" hidden' in as_("alice").get(f"/chats/{chat_id}").text


def test_whoever_hides_what_was_seen_is_not_given_away_by_an_event(
    app: Flask, as_: As, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat_id = chat_of(world)
    operations.set_receipts(world.bob, chat_id, False)
    say(world.alice, chat_id, "Hello")
    told = told_of(monkeypatch)
    as_("bob").get(f"/chats/{chat_id}")
    assert {user_id for user_ids, _topic in told for user_id in user_ids} == {world.bob}


def test_a_kept_file_is_asked_for_again(app: Flask, as_: As, world: World) -> None:
    ids, alice = add_chats(world), as_("alice")
    db.session.commit()
    place = f"/chats/{ids['chat']}/files/{ids['file']}"
    first = alice.get(place)
    assert first.headers["Cache-Control"] == "private, no-cache"
    kept = {"If-None-Match": first.headers["ETag"]}
    assert alice.get(place, headers=kept).status_code == 304
    assert as_("carol").get(place, headers=kept).status_code == 404
    message_id = db.session.scalars(select(Attachment.message_id).where(Attachment.id == ids["file"])).one()
    operations.delete(world.alice, message_id)
    db.session.commit()
    assert alice.get(place, headers=kept).status_code == 404


def test_who_is_emptied_is_named_nowhere(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    operations.send(world.alice, chat_id, "", "with-a-file", [a_file()])
    db.session.commit()
    accounts.empty(world.alice)
    db.session.commit()
    for place in ("/notices", "/chats", f"/chats/{chat_id}"):
        page = as_("bob").get(place).text
        assert "Alice" not in page
        assert "Directions" not in page
    told = db.session.scalars(select(Notice.params).where(Notice.user_id == world.bob).order_by(Notice.id)).all()
    assert told == [{"name": FORMER, "excerpt": "Hello"}, {"name": FORMER, "excerpt": ""}]


@pytest.mark.parametrize("body", [b"[1]", b"{", json.dumps({"body": ["Hello"]}).encode(), b"null"])
def test_json_is_no_form(app: Flask, as_: As, world: World, body: bytes) -> None:
    chat_id, alice = chat_of(world), as_("alice")
    for place in ("messages", "mute"):
        answer = alice.post(f"/chats/{chat_id}/{place}", data=body, content_type="application/json")
        assert answer.status_code == 422


def told_of(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[int], str]]:
    """Whom open pages belong to that are told of something from now on, and of what."""
    told: list[tuple[list[int], str]] = []

    def publish(user_ids: Any, topic: str, seq: int = 0, **_session: Any) -> None:
        told.append((sorted(user_ids), topic))

    monkeypatch.setattr(live, "publish", publish)
    return told
