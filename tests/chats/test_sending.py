"""Chats and their lines: one chat a pair, one line a token, one order for both, and nothing to whom it is unwelcome."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import operations as accounts
from app.accounts.models import User
from app.chats import operations
from app.chats.models import Chat, ChatMember, Message
from app.chats.operations.sending import FIRST_CONTACTS_A_DAY
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError, Forbidden, TooMany
from app.core.models import OutboxMail
from app.core.text import fold
from app.notices.models import Notice
from tests.world import World

_tokens = count(1)


def chat_of(world: World) -> int:
    chat_id = operations.open_between(world.alice, world.bob)
    db.session.commit()
    return chat_id


def say(sender: int, chat_id: int, body: str, token: str = "") -> Message:
    message = operations.send(sender, chat_id, body, token or f"token-{next(_tokens)}")
    db.session.commit()
    return message


def member(chat_id: int, user_id: int) -> ChatMember:
    db.session.rollback()
    return db.session.get_one(ChatMember, (chat_id, user_id), populate_existing=True)


def at_once(app: Flask, *works: Callable[[], Any]) -> list[Any]:
    """What each of `works` gave or raised, all begun at the same moment, each in a thread and a transaction."""
    barrier = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)

    def run(number: int, work: Callable[[], Any]) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results[number] = work()
                db.session.commit()
            except DomainError as error:
                db.session.rollback()
                results[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_twenty_starts_from_both_sides_are_one_chat(app: Flask, world: World) -> None:
    pairs = [(world.alice, world.bob), (world.bob, world.alice)] * 10
    ids = at_once(app, *((lambda a=a, b=b: operations.open_between(a, b)) for a, b in pairs))
    assert len(ids) == 20
    assert len(set(ids)) == 1
    assert db.session.scalar(select(func.count()).select_from(Chat)) == 1
    assert db.session.scalar(select(func.count()).select_from(ChatMember)) == 2


def test_the_database_refuses_a_second_chat_of_a_pair(app: Flask, world: World) -> None:
    chat_of(world)
    lo, hi = sorted((world.alice, world.bob))
    for pair in ((lo, hi), (hi, lo), (lo, lo)):
        with pytest.raises(IntegrityError):
            db.session.add(Chat(user_lo_id=pair[0], user_hi_id=pair[1]))
            db.session.flush()
        db.session.rollback()


def test_nobody_chats_with_himself(app: Flask, world: World) -> None:
    with pytest.raises(DomainError):
        operations.open_between(world.alice, world.alice)


def test_one_token_sixteen_times_is_one_line_and_one_notice(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    sent = at_once(app, *[lambda: operations.send(world.alice, chat_id, "Hello", "the-token").id] * 16)
    assert len(set(sent)) == 1
    assert db.session.scalar(select(func.count()).select_from(Message)) == 1
    notices = db.session.scalars(select(Notice)).all()
    assert [(notice.user_id, notice.params["excerpt"]) for notice in notices] == [(world.bob, "Hello")]


def test_a_repeated_token_gives_the_first_line(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    first = say(world.alice, chat_id, "Hello", "token")
    again = say(world.alice, chat_id, "Something else", "token")
    assert (again.id, again.body) == (first.id, "Hello")
    assert say(world.bob, chat_id, "Mine", "token").id != first.id


def test_two_who_write_at_once_see_one_order(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    works = [
        lambda sender=sender, n=n: operations.send(sender, chat_id, f"{sender}: {n}", f"{sender}-{n}").seq
        for n in range(8)
        for sender in (world.alice, world.bob)
    ]
    seqs = at_once(app, *works)
    assert sorted(seqs) == list(range(1, 17))
    chat = db.session.get_one(Chat, chat_id)
    lines = db.session.scalars(select(Message).order_by(Message.seq)).all()
    assert (chat.last_seq, chat.last_excerpt) == (16, lines[-1].body)
    moments = [line.created_at for line in lines]
    assert moments == sorted(moments)


def test_sending_moves_ones_own_pointer_only(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "One")
    say(world.alice, chat_id, "Two")
    alice, bob = member(chat_id, world.alice), member(chat_id, world.bob)
    assert (alice.last_seq, alice.last_read_seq) == (2, 2)
    assert (bob.last_seq, bob.last_read_seq) == (2, 0)


def test_nothing_to_say_and_too_much(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    for body in ("", "x" * 8001):
        with pytest.raises(DomainError):
            operations.send(world.alice, chat_id, body, "token")
        db.session.rollback()
    assert say(world.alice, chat_id, "x" * 8000).seq == 1


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_a_block_of_either_side_ends_writing(app: Flask, world: World, blocker: str) -> None:
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "Hello")
    sides = {"alice": world.alice, "bob": world.bob}
    mine = sides.pop(blocker)
    (other,) = sides.values()
    accounts.block(mine, other)
    db.session.commit()
    for sender in (world.alice, world.bob):
        with pytest.raises(Forbidden):
            operations.send(sender, chat_id, "Again", f"again-{sender}")
        db.session.rollback()
    with pytest.raises(Forbidden):
        operations.edit(world.alice, message.id, "Changed")
    db.session.rollback()
    operations.delete(world.alice, message.id)  # taking away is always possible
    db.session.commit()
    accounts.unblock(mine, other)
    db.session.commit()
    assert say(world.bob, chat_id, "Back").seq == 2


def test_who_is_gone_cannot_be_written_to(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    db.session.get_one(User, world.bob).closed_at = now()
    db.session.commit()
    with pytest.raises(Forbidden):
        operations.send(world.alice, chat_id, "Hello?", "token")


def strangers(number: int) -> list[int]:
    found = []
    for n in range(number):
        address = f"stranger{n}@example.org"
        member = User(
            name=f"Stranger {n}",
            name_key=fold(f"Stranger {n}"),
            email=address,
            email_key=address,
            is_verified=True,
            approved_at=now(),
        )
        db.session.add(member)
        db.session.flush()
        found.append(member.id)
    db.session.commit()
    return found


def test_first_contacts_of_a_new_account_are_limited(app: Flask, world: World) -> None:
    members = strangers(FIRST_CONTACTS_A_DAY + 2)
    *known, one_too_many, writes_first = members
    chats = {other: operations.open_between(world.carol, other) for other in members}
    db.session.commit()
    for other in known:
        say(world.carol, chats[other], "Hello")
        say(world.carol, chats[other], "And more")  # the same contact
    with pytest.raises(TooMany) as refused:
        operations.send(world.carol, chats[one_too_many], "Hello", "too-many")
    db.session.rollback()
    assert 23 * 3600 < refused.value.retry_after <= 24 * 3600
    say(writes_first, chats[writes_first], "Hello Carol")
    assert say(world.carol, chats[writes_first], "An answer").seq == 2
    db.session.execute(update(Message).values(created_at=Message.created_at))
    earlier = update(Message).where(Message.sender_id == world.carol)
    db.session.execute(earlier.values(created_at=now() - timedelta(hours=25)))
    db.session.commit()
    assert say(world.carol, chats[one_too_many], "A day later").is_first_contact


def test_first_contacts_at_once_are_counted_one_after_another(app: Flask, world: World) -> None:
    members = strangers(FIRST_CONTACTS_A_DAY + 4)
    chats = [operations.open_between(world.carol, other) for other in members]
    db.session.commit()
    works = [lambda c=c: operations.send(world.carol, c, "Hello", f"to-{c}").id for c in chats]
    results = at_once(app, *works)
    refused = [result for result in results if isinstance(result, TooMany)]
    assert len(refused) == 4
    assert all(refusal.retry_after > 0 for refusal in refused)


def test_deleting_a_first_line_does_not_make_room(app: Flask, world: World) -> None:
    *known, last = strangers(FIRST_CONTACTS_A_DAY + 1)
    for other in known:
        operations.delete(world.carol, say(world.carol, operations.open_between(world.carol, other), "Hello").id)
    db.session.commit()
    with pytest.raises(TooMany):
        operations.send(world.carol, operations.open_between(world.carol, last), "Hello", "one-more")


def test_accounts_of_age_write_to_whom_they_like(app: Flask, world: World) -> None:
    db.session.get_one(User, world.carol).created_at = now() - timedelta(days=15)
    db.session.commit()
    for other in strangers(FIRST_CONTACTS_A_DAY + 2):
        assert say(world.carol, operations.open_between(world.carol, other), "Hello").seq == 1


def test_editing_for_a_quarter_of_an_hour(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "Helo *you*")
    operations.edit(world.alice, message.id, "Hello **you**")
    db.session.commit()
    chat = db.session.get_one(Chat, chat_id, populate_existing=True)
    assert message.edited_at is not None
    assert (chat.last_excerpt, chat.last_seq, chat.last_change, message.change) == ("Hello you", 1, 1, 1)
    assert db.session.scalars(select(Notice.params)).one()["excerpt"] == "Hello you"
    message.created_at = now() - timedelta(minutes=16)
    db.session.commit()
    with pytest.raises(Conflict):
        operations.edit(world.alice, message.id, "Too late")
    db.session.rollback()
    with pytest.raises(Conflict):
        operations.edit(world.bob, message.id, "Not mine")


def test_a_deleted_line_leaves_nothing_but_its_place(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    message = say(world.alice, chat_id, "My secret")
    assert db.session.scalars(select(OutboxMail.user_id).where(OutboxMail.state == "waiting")).all() == [world.bob]
    with pytest.raises(Forbidden):
        operations.delete(world.bob, message.id)
    db.session.rollback()
    for _twice in range(2):
        operations.delete(world.alice, message.id)
        db.session.commit()
    gone = db.session.get_one(Message, message.id, populate_existing=True)
    assert (gone.body, gone.body_key, gone.seq, gone.change) == ("", "", 1, 1)
    assert db.session.get_one(Chat, chat_id, populate_existing=True).last_excerpt == ""
    assert db.session.scalars(select(Notice)).all() == []
    assert db.session.scalars(select(OutboxMail).where(OutboxMail.state == "waiting")).all() == []
    with pytest.raises(Conflict):
        operations.edit(world.alice, message.id, "Back again")


def test_the_pointer_moves_forward_only(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    for n in range(5):
        say(world.alice, chat_id, f"Line {n}")
    for claimed, kept in ((3, 3), (1, 3), (99, 5), (4, 5)):
        operations.mark_read(world.bob, chat_id, claimed)
        db.session.commit()
        assert member(chat_id, world.bob).last_read_seq == kept
    assert all(notice.read_at for notice in db.session.scalars(select(Notice)))


def test_pointers_from_many_devices_at_once(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    for n in range(10):
        say(world.alice, chat_id, f"Line {n}")
    at_once(app, *[lambda n=n: operations.mark_read(world.bob, chat_id, n) for n in (2, 9, 4, 7, 1, 8, 3, 5)])
    assert member(chat_id, world.bob).last_read_seq == 9


def test_archive_and_mute(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    operations.archive(world.bob, chat_id)
    db.session.commit()
    say(world.alice, chat_id, "Hello again")
    assert member(chat_id, world.bob).archived_at is None
    operations.archive(world.bob, chat_id)
    operations.mute(world.bob, chat_id, "always")
    db.session.commit()
    say(world.alice, chat_id, "Anybody there?")
    assert member(chat_id, world.bob).archived_at is not None
    assert db.session.scalar(select(func.count()).select_from(Notice)) == 2
    with pytest.raises(DomainError):
        operations.mute(world.bob, chat_id, "a moment")


def test_hiding_is_for_oneself_until_there_is_something_new(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Hello")
    operations.hide(world.bob, chat_id)
    db.session.commit()
    hidden = member(chat_id, world.bob)
    assert (hidden.hidden_before_seq, hidden.last_read_seq) == (2, 1)
    assert member(chat_id, world.alice).hidden_before_seq == 1


def test_drafts_stay_with_their_chat_and_go_with_the_line(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    other = operations.open_between(world.alice, world.carol)
    operations.save_draft(world.alice, chat_id, "Dear Bob")
    db.session.commit()
    assert (member(chat_id, world.alice).draft, member(other, world.alice).draft) == ("Dear Bob", "")
    say(world.bob, chat_id, "Hi")
    assert member(chat_id, world.alice).draft == "Dear Bob"
    say(world.alice, chat_id, "Dear Bob, hello")
    assert member(chat_id, world.alice).draft == ""


def test_lines_of_the_site(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "Shall we?")
    operations.mark_read(world.bob, chat_id, 1)
    line = operations.post_system_line(chat_id, "exchange-proposed", {"n": 1}, "/exchanges/1", actor_id=world.bob)
    db.session.commit()
    assert (line.seq, line.sender_id, line.client_token) == (2, None, None)
    assert member(chat_id, world.bob).last_read_seq == 2
    assert member(chat_id, world.alice).last_read_seq == 1
    say(world.carol, operations.open_between(world.carol, world.alice), "Somebody else")


def test_an_emptied_account_leaves_the_others_lines(app: Flask, world: World) -> None:
    chat_id = chat_of(world)
    say(world.alice, chat_id, "From Alice")
    say(world.bob, chat_id, "From Bob")
    operations.save_draft(world.alice, chat_id, "unsent")
    db.session.commit()
    accounts.empty(world.alice)
    db.session.commit()
    assert db.session.scalars(select(Message.body).order_by(Message.seq)).all() == ["From Alice", "From Bob"]
    assert member(chat_id, world.alice).draft == ""
    accounts.empty(world.bob)
    db.session.commit()
    assert db.session.scalars(select(Message)).all() == []
    assert db.session.scalars(select(Chat)).all() == []
