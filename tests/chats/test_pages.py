"""The pages of chats: what they show to whom, what they refuse, and how they work without a script."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, literal, select, update
from werkzeug.datastructures import FileStorage

from app.accounts import operations as accounts
from app.chats import operations, queries
from app.chats.models import Attachment, ChatMember, Message
from app.chats.operations.files import MOST_BYTES
from app.chats.operations.sending import FIRST_CONTACTS_A_DAY
from app.community.models import CommunitySettings
from app.core.db import db
from app.core.errors import DomainError
from app.core.files import path_of
from app.core.models import StoredFile
from tests.chats.test_sending import chat_of, member, say, strangers
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]
THE_MEMBER = 1  # a statement for the member comes before each page
HOSTILE = "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) {{ 7*7 }}"


def lines_in(page: str) -> list[str]:
    """The texts of the bubbles of a page or a part of one."""
    bubbles = re.findall(r'<div class="bubble[^"]*">(.*?)<span class="bubble-foot">', page, re.DOTALL)
    plain = (re.sub(r"<span class=\"visually-hidden\">.*?</span>|<[^>]+>", " ", bubble) for bubble in bubbles)
    return [" ".join(text.split()) for text in plain]


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), "teal").save(out, "JPEG")
    return out.getvalue()


def test_a_conversation_without_a_script(app: Flask, as_: As, world: World) -> None:
    alice, bob = as_("alice"), as_("bob")
    page = alice.get(f"/chats/with/{world.bob}").text
    assert "I would like to learn Spanish" in page or "you offer Spanish" in page
    answer = alice.post(f"/chats/with/{world.bob}", data={"body": "Hello Bob", "client_token": "a1"})
    assert answer.status_code == 303
    chat = answer.location
    assert alice.get(f"/chats/with/{world.bob}").location == chat
    assert "Hello Bob" in bob.get("/chats").text
    assert lines_in(bob.get(chat).text) == ["Hello Bob"]
    assert bob.post(f"{chat}/messages", data={"body": "Hello **Alice**", "client_token": "b1"}).status_code == 303
    shown = alice.get(chat).text
    assert lines_in(shown) == ["Hello Bob", "Hello Alice"]
    assert "<strong>Alice</strong>" in shown


def test_unread_lines_are_counted_until_they_are_seen(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    for body in ("One", "Two"):
        say(world.alice, chat_id, body)
    bob = as_("bob")
    assert badge_of(bob.get("/chats").text) == 1
    assert ">2<" in bob.get("/chats").text
    opened = bob.get(f"/chats/{chat_id}").text
    assert badge_of(opened) == 0
    assert badge_of(bob.get("/chats").text) == 0
    assert badge_of(as_("alice").get("/chats").text) == 0


def badge_of(page: str) -> int:
    """What the navigation says of unread chats."""
    found = re.search(r'href="/chats"[^>]*>.*?</a>', page, re.DOTALL)
    assert found
    count = re.search(r'class="count">(\d+)<', found[0])
    return int(count[1]) if count else 0


def test_where_one_was_last_time(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Old")
    bob = as_("bob")
    bob.get(f"/chats/{chat_id}")
    say(world.alice, chat_id, "New")
    page = bob.get(f"/chats/{chat_id}").text
    assert page.index("Old</p>") < page.index('id="new"') < page.index("New</p>")
    assert 'id="new"' not in bob.get(f"/chats/{chat_id}").text


def test_older_lines_by_their_number(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    for n in range(1, 96):
        operations.send(world.alice, chat_id, f"Line {n}", f"token-{n}")
    db.session.commit()
    bob = as_("bob")
    seen: list[str] = []
    address = f"/chats/{chat_id}"
    while address:
        page = bob.get(address).text
        seen = [*lines_in(page), *seen]
        older = re.search(r'href="(/chats/\d+\?before=\d+)"', page)
        address = older[1] if older else ""
    assert seen == [f"Line {n}" for n in range(1, 96)]
    found = bob.get(f"/chats/{chat_id}?at=20").text
    assert "Line 20" in lines_in(found)
    assert "To the latest messages" in found


def test_what_is_new_comes_as_a_part(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    first = say(world.alice, chat_id, "One")
    say(world.alice, chat_id, "Two")
    bob = as_("bob")
    part = bob.get(f"/chats/{chat_id}/lines?after=1&change=0").text
    assert "<html" not in part
    assert lines_in(part.split("data-new")[-1]) == ["Two"]
    assert "chat-day" not in part.split("data-new")[-1]  # that day is on the page already
    operations.edit(world.alice, first.id, "One, mended")
    db.session.commit()
    part = bob.get(f"/chats/{chat_id}/lines?after=2&change=0").text
    assert "One, mended" in part
    assert 'data-change="1"' in part
    assert "One, mended" not in bob.get(f"/chats/{chat_id}/lines?after=2&change=1").text


def test_a_script_gets_the_new_lines_back(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.bob, chat_id, "Before")
    alice, part = as_("alice"), {"HX-Request": "true"}
    data = {"body": "Mine", "client_token": "t1", "after": "0", "change": "0"}
    answer = alice.post(f"/chats/{chat_id}/messages", data=data, headers=part)
    assert answer.status_code == 200
    assert lines_in(answer.text) == ["Before", "Mine"]
    refused = alice.post(f"/chats/{chat_id}/messages", data={"body": "  ", "client_token": "t2"}, headers=part)
    assert refused.status_code == 422
    assert "Write something first" in refused.text


def test_the_same_form_sixteen_times_at_once(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    browsers = [as_("alice") for _n in range(16)]
    barrier = threading.Barrier(len(browsers))
    answers: list[int] = []

    def post(browser: CheckedClient) -> None:
        barrier.wait()
        data = {"body": "Once", "client_token": "the-token"}
        answers.append(browser.post(f"/chats/{chat_id}/messages", data=data).status_code)

    threads = [threading.Thread(target=post, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 16
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1


def test_an_old_page_loses_no_text(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    alice = as_("alice")
    alice.post(f"/chats/{chat_id}/messages", data={"body": "First", "client_token": "same"})
    answer = alice.post(f"/chats/{chat_id}/messages", data={"body": "Second", "client_token": "same"})
    assert answer.status_code == 409
    assert "Second</textarea>" in answer.text
    token = re.search(r'name="client_token"[^>]*value="([^"]+)"', answer.text)
    assert token
    again = alice.post(f"/chats/{chat_id}/messages", data={"body": "Second", "client_token": token[1]})
    assert again.status_code == 303
    assert lines_in(alice.get(f"/chats/{chat_id}").text) == ["First", "Second"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/chats/{chat}"),
        ("GET", "/chats/{chat}/lines"),
        ("POST", "/chats/{chat}/messages"),
        ("GET", "/chats/{chat}/messages/{message}/edit"),
        ("POST", "/chats/{chat}/messages/{message}/edit"),
        ("POST", "/chats/{chat}/messages/{message}/delete"),
        ("GET", "/chats/{chat}/files/{file}"),
        ("GET", "/chats/{chat}/files/{file}/preview"),
        ("POST", "/chats/{chat}/read"),
        ("POST", "/chats/{chat}/draft"),
        ("POST", "/chats/{chat}/archive"),
        ("POST", "/chats/{chat}/unarchive"),
        ("POST", "/chats/{chat}/hide"),
        ("POST", "/chats/{chat}/mute"),
        ("POST", "/chats/{chat}/unmute"),
        ("POST", "/chats/{chat}/receipts"),
    ],
)
def test_to_a_stranger_it_does_not_exist(app: Flask, as_: As, world: World, method: str, path: str) -> None:
    chat_id = chat_of(world)
    files = {"body": "Hello", "client_token": "t", "files": (io.BytesIO(picture()), "a.jpg")}
    as_("alice").post(f"/chats/{chat_id}/messages", data=files, content_type="multipart/form-data")
    db.session.rollback()
    message, file = db.session.scalars(select(Message.id)).one(), db.session.scalars(select(Attachment.id)).one()
    address = path.format(chat=chat_id, message=message, file=file)
    own = operations.open_between(world.carol, world.bob)
    db.session.commit()
    for name in ("carol", "mod", "admin"):
        answer = as_(name).open(address, method=method, data={"body": "x", "client_token": "y", "how_long": "8h"})
        assert answer.status_code == 404, name
    # Nor by way of a chat of one's own.
    elsewhere = path.format(chat=own, message=message, file=file)
    if elsewhere != path.format(chat=own, message=0, file=0):
        assert as_("carol").open(elsewhere, method=method, data={"body": "x"}).status_code == 404
    db.session.rollback()
    assert db.session.scalars(select(Message.body)).all() == ["Hello"]
    assert db.session.scalar(select(func.count()).select_from(ChatMember).where(ChatMember.draft != "")) == 0


def test_hostile_text_is_only_text(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, HOSTILE)
    bob = as_("bob")
    for page in (bob.get(f"/chats/{chat_id}").text, bob.get("/chats").text, bob.get("/chats?q=script").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert 'href="javascript' not in page
        assert "49" not in re.sub(r"[0-9a-f-]{20,}", "", lines_in(page)[0] if lines_in(page) else "")


def test_pictures_and_files(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    alice, bob = as_("alice"), as_("bob")
    data = {
        "body": "",
        "client_token": "t1",
        "files": [(io.BytesIO(picture()), "../Holiday photo.JPG"), (io.BytesIO(b"%PDF-1.4 not much"), "plan.pdf")],
    }
    assert alice.post(f"/chats/{chat_id}/messages", data=data, content_type="multipart/form-data").status_code == 303
    page = bob.get(f"/chats/{chat_id}").text
    shown, preview, plan = re.findall(r'(?:href|src)="(/chats/\d+/files/[^"]+)"', page)
    assert preview == f"{shown}/preview"
    full = bob.get(shown)
    assert full.mimetype == "image/webp"
    assert Image.open(io.BytesIO(full.data)).format == "WEBP"
    assert len(bob.get(preview).data) < len(full.data)
    download = bob.get(plan)
    assert download.headers["Content-Disposition"] == "attachment; filename=plan.pdf"
    assert download.headers["X-Content-Type-Options"] == "nosniff"
    assert "Holiday photo.webp" in bob.get("/chats").text


def test_a_web_page_is_only_ever_saved(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    for number, (name, content) in enumerate(
        {"x.html": b"<script>alert(1)</script>", "x.svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>"}.items()
    ):
        data = {"body": "", "client_token": f"t{number}", "files": (io.BytesIO(content), name)}
        as_("alice").post(f"/chats/{chat_id}/messages", data=data, content_type="multipart/form-data")
    page = as_("bob").get(f"/chats/{chat_id}").text
    for address in re.findall(r'href="(/chats/\d+/files/\d+)"', page):
        answer = as_("bob").get(address)
        assert answer.mimetype == "application/octet-stream"
        assert answer.headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("empty.txt", b"")], "is empty"),
        ([(f"{n}.txt", b"text") for n in range(6)], "At most 5 files"),
        ([("broken.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\x00" * 40)], "cannot be read"),
    ],
)
def test_files_that_are_refused(app: Flask, as_: As, world: World, files: list[tuple[str, bytes]], said: str) -> None:
    chat_id = chat_of(world)
    sent: Any = [(io.BytesIO(content), name) for name, content in files]
    data = {"body": "My words", "client_token": "t1", "files": sent}
    answer = as_("alice").post(f"/chats/{chat_id}/messages", data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert said in answer.text
    assert "My words</textarea>" in answer.text
    assert db.session.scalars(select(Message)).all() == []


def test_large_files_are_refused(app: Flask) -> None:
    large = FileStorage(io.BytesIO(b"\x00" * (MOST_BYTES + 1)), "big.bin")
    with app.test_request_context(), pytest.raises(DomainError, match="larger than 5 MB"):
        operations.prepare([large])


def test_deleting_revokes_the_files(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    alice, bob = as_("alice"), as_("bob")
    data = {"body": "Look", "client_token": "t1", "files": (io.BytesIO(picture()), "a.jpg")}
    alice.post(f"/chats/{chat_id}/messages", data=data, content_type="multipart/form-data")
    shown = re.findall(r'href="(/chats/\d+/files/\d+)"', bob.get(f"/chats/{chat_id}").text)[0]
    assert bob.get(shown).status_code == 200
    message = db.session.scalars(select(Message.id)).one()
    assert bob.post(f"/chats/{chat_id}/messages/{message}/delete").status_code == 403
    assert alice.post(f"/chats/{chat_id}/messages/{message}/delete").status_code == 303
    for name in ("alice", "bob"):
        assert as_(name).get(shown).status_code == 404
    db.session.rollback()
    assert db.session.scalars(select(StoredFile)).all() == []
    assert "Message deleted" in bob.get(f"/chats/{chat_id}").text
    assert path_of("0" * 64).parent.parent.exists()


def test_editing_on_its_page(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "Helo")
    address = f"/chats/{chat_id}/messages/{message.id}/edit"
    alice = as_("alice")
    assert "Helo</textarea>" in alice.get(address).text
    assert as_("bob").get(address).status_code == 403
    assert alice.post(address, data={"body": ""}).status_code == 422
    assert alice.post(address, data={"body": "Hello"}).status_code == 303
    page = as_("bob").get(f"/chats/{chat_id}").text
    assert lines_in(page) == ["Hello"]
    assert "edited" in page


def test_search_in_ones_own_chats(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "We meet at the Grüne Brücke, 100% sure")
    secret = say(world.alice, chat_id, "A secret word")
    bob = as_("bob")
    assert f"/chats/{chat_id}?at=1#line-1" in bob.get("/chats?q=GRÜNE brücke").text
    assert "at=1" in bob.get("/chats?q=100%25 sure").text
    assert "at=1" not in bob.get("/chats?q=100_").text
    assert f'href="/chats/{chat_id}"' in bob.get("/chats?q=adey").text  # by the other one's name
    assert "Grüne" not in as_("carol").get("/chats?q=brücke").text
    operations.delete(world.alice, secret.id)
    db.session.commit()
    assert "Nothing found" in bob.get("/chats?q=secret").text
    operations.hide(world.bob, chat_id)
    db.session.commit()
    assert "Nothing found" in bob.get("/chats?q=brücke").text


def test_archive_hide_mute(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    bob = as_("bob")
    row = f'href="/chats/{chat_id}"'
    assert row in bob.get("/chats").text
    bob.post(f"/chats/{chat_id}/archive")
    assert row not in bob.get("/chats").text
    assert row in bob.get("/chats?archived=1").text
    bob.post(f"/chats/{chat_id}/unarchive")
    assert row in bob.get("/chats").text
    assert bob.post(f"/chats/{chat_id}/mute", data={"how_long": "8h"}).status_code == 303
    assert "Unmute" in bob.get(f"/chats/{chat_id}").text
    bob.post(f"/chats/{chat_id}/hide")
    assert row not in bob.get("/chats").text
    assert lines_in(bob.get(f"/chats/{chat_id}").text) == []
    assert lines_in(as_("alice").get(f"/chats/{chat_id}").text) == ["Hello"]
    say(world.alice, chat_id, "Again")
    assert lines_in(bob.get(f"/chats/{chat_id}").text) == ["Again"]


def test_seen_only_where_both_agree(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    alice, bob = as_("alice"), as_("bob")

    def seen() -> bool:
        return 'data-seen-line="1"' in alice.get(f"/chats/{chat_id}").text

    assert not seen()
    bob.get(f"/chats/{chat_id}")
    assert seen()
    bob.post(f"/chats/{chat_id}/receipts", data={})
    assert not seen()
    bob.post(f"/chats/{chat_id}/receipts", data={"shown": "y"})
    assert seen()
    alice.post(f"/chats/{chat_id}/receipts", data={})
    assert not seen()


def test_a_draft_shows_in_its_chat_only(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.bob, chat_id, "Hello")
    other = operations.open_between(world.alice, world.carol)
    say(world.carol, other, "Hello too")
    alice = as_("alice")
    assert alice.post(f"/chats/{chat_id}/draft", data={"body": "Dear Bob"}).status_code == 204
    assert "Dear Bob</textarea>" in alice.get(f"/chats/{chat_id}").text
    assert "Dear Bob</textarea>" not in alice.get(f"/chats/{other}").text
    assert "Draft:" in alice.get("/chats").text
    assert "Dear Bob" not in as_("bob").get("/chats").text


def test_after_a_block_it_can_be_read_and_not_written(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    accounts.block(world.bob, world.alice)
    db.session.commit()
    alice, bob = as_("alice"), as_("bob")
    for browser in (alice, bob):
        page = browser.get(f"/chats/{chat_id}").text
        assert lines_in(page) == ["Hello"]
        assert "<textarea" not in page
        answer = browser.post(f"/chats/{chat_id}/messages", data={"body": "Hey", "client_token": "t"})
        assert answer.status_code == 403
    assert "You have blocked" in bob.get(f"/chats/{chat_id}").text
    assert "You have blocked" not in alice.get(f"/chats/{chat_id}").text
    assert alice.get(f"/chats/with/{world.bob}").status_code == 404
    assert alice.post(f"/chats/with/{world.bob}", data={"body": "Hey"}).status_code == 404


def test_the_limit_of_new_accounts_keeps_the_text(app: Flask, as_: As, world: World) -> None:
    *known, last = strangers(FIRST_CONTACTS_A_DAY + 1)
    for other in known:
        say(world.carol, operations.open_between(world.carol, other), "Hello")
    answer = as_("carol").post(f"/chats/with/{last}", data={"body": "My first words", "client_token": "t"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 80_000
    assert "My first words</textarea>" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Message)) == FIRST_CONTACTS_A_DAY


def test_nobody_starts_with_himself_or_with_who_has_no_email(app: Flask, as_: As, world: World) -> None:
    alice = as_("alice")
    assert alice.get(f"/chats/with/{world.alice}").status_code == 403
    assert alice.get("/chats/with/99999").status_code == 404


def test_few_statements(app: Flask, as_: As, world: World, statements: Callable[[], Any]) -> None:
    chat_id = chat_of(world)
    for n in range(30):
        say(world.alice if n % 2 else world.bob, chat_id, f"Line {n}")
    for other in strangers(6):
        say(world.bob, operations.open_between(world.bob, other), "Hello")
    bob = as_("bob")
    bob.get(f"/chats/{chat_id}")
    thread = f"/chats/{chat_id}"
    for path, most in (
        ("/chats", 1),
        ("/chats?q=line", 3),
        ("/chats/count", 0),
        (thread, 3),
        (f"{thread}?before=20", 3),
        (f"{thread}/lines", 2),
    ):
        with statements() as seen:
            bob.get(path)
        assert len(seen) <= THE_MEMBER + most, (path, seen)


def test_where_messages_are_switched_off(app: Flask, as_: As, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    db.session.execute(update(CommunitySettings).values(switches={"chats": False}))
    db.session.commit()
    bob = as_("bob")
    for path in ("/chats", f"/chats/{chat_id}", f"/chats/with/{world.alice}"):
        assert bob.get(path).status_code == 404
    assert 'href="/chats"' not in bob.get("/").text
    assert member(chat_id, world.bob).last_seq == 1


def test_pages_without_a_stream_learn_that_something_is_new(app: Flask, world: World) -> None:
    chat_id = chat_of(world)

    def state() -> int:
        db.session.rollback()
        return int(db.session.scalar(select(queries.live_state(literal(world.bob)))) or 0)

    states = [state()]
    message = say(world.alice, chat_id, "Hello")
    states.append(state())
    operations.edit(world.alice, message.id, "Hello Bob")
    db.session.commit()
    states.append(state())
    operations.mark_read(world.bob, chat_id, 1)
    db.session.commit()
    states.append(state())
    assert len(set(states)) == 4
