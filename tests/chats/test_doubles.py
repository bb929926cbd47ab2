"""Chats of a member who is there twice, and what an export says."""

from __future__ import annotations

import io
import json

from flask import Flask
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from app.accounts import operations as accounts
from app.chats import operations, queries
from app.chats.models import Chat, Message
from app.core.db import db
from tests.chats.test_sending import chat_of, member, say, strangers
from tests.support.chats import a_picture
from tests.support.doubles import everything
from tests.world import World


def add_double_with_chats(world: World) -> tuple[int, int, int]:
    """Alice once more: she writes to Bob, as Alice does, and to Carol, as Alice does not. The id and both chats."""
    (double,) = strangers(1)
    with_alice = chat_of(world)
    say(world.alice, with_alice, "From Alice")
    say(world.bob, with_alice, "To Alice")
    with_bob, with_carol = (operations.open_between(double, other) for other in (world.bob, world.carol))
    operations.send(double, with_bob, "From her double", "double-1", [a_picture()])
    edited = say(world.bob, with_bob, "To her duble")
    operations.edit(world.bob, edited.id, "To her double")
    say(double, with_carol, "Hello Carol")
    say(world.carol, with_carol, "Hello")
    operations.mark_read(double, with_carol, 2)
    operations.mark_read(world.alice, with_alice, 2)
    say(double, operations.open_between(double, world.alice), "Are you me?")
    return double, with_bob, with_carol


def bodies(chat_id: int) -> list[tuple[int | None, str]]:
    rows = select(Message.sender_id, Message.body).where(Message.chat_id == chat_id).order_by(Message.seq)
    return [(row.sender_id, row.body) for row in db.session.execute(rows)]


def merge(world: World, double: int) -> int:
    merged = accounts.merge_members(world.alice, double, world.admin).id
    db.session.commit()
    return merged


def test_the_kept_member_has_all_chats(app: Flask, world: World) -> None:
    double, with_bob, with_carol = add_double_with_chats(world)
    merge(world, double)
    both = operations.open_between(world.alice, world.bob)
    assert bodies(both) == [
        (world.alice, "From Alice"),
        (world.bob, "To Alice"),
        (world.alice, "From her double"),
        (world.bob, "To her double"),
    ]
    assert bodies(with_bob) == []
    assert operations.open_between(world.alice, world.carol) == with_carol
    assert bodies(with_carol) == [(world.alice, "Hello Carol"), (world.carol, "Hello")]
    assert member(with_carol, world.alice).last_read_seq == 2
    alice = member(both, world.alice)
    assert (alice.last_seq, alice.last_read_seq) == (4, 3)
    assert db.session.get_one(Chat, both).last_excerpt == "To her double"


def test_taken_apart_both_have_what_they_had(app: Flask, world: World) -> None:
    double, _with_bob, _with_carol = add_double_with_chats(world)
    before = everything()
    merged = merge(world, double)
    accounts.take_apart(merged, world.admin)
    db.session.commit()
    after = everything()
    for table, rows in before.items():
        assert after[table] == rows, table


def test_a_chat_that_went_on_stays(app: Flask, world: World) -> None:
    double, _with_bob, with_carol = add_double_with_chats(world)
    merged = merge(world, double)
    both = operations.open_between(world.alice, world.bob)
    say(world.alice, with_carol, "It is me")
    say(world.bob, both, "So it is")
    accounts.take_apart(merged, world.admin)
    db.session.commit()
    assert len(bodies(both)) == 5
    assert operations.open_between(world.alice, world.carol) == with_carol
    assert say(double, operations.open_between(double, world.bob), "Me again").seq == 1


def test_the_export_holds_ones_own_words(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    files = operations.prepare([FileStorage(io.BytesIO(b"plain words"), "notes.txt")])
    operations.send(world.alice, chat_id, "Mine", "t1", files)
    gone = say(world.alice, chat_id, "Deleted")
    operations.delete(world.alice, gone.id)
    say(world.bob, chat_id, "His")
    (message,) = queries.export(world.alice)["messages"]
    assert (message["body"], message["with"], message["files"]) == ("Mine", "Bob Brandt", ["notes.txt"])
    json.dumps(message)
