"""Help that is written down: who pays what and when, once, and never more than there is. The books are whole after
every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from hypothesis import given as for_all
from hypothesis import strategies
from sqlalchemy import select, update

from app.accounts import operations as accounts
from app.accounts.models import User
from app.chats import operations as chats
from app.chats.models import Message
from app.community.models import CommunitySettings
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError, TooMany
from app.exchange.hours import answering, leaving, policy, queries, recording
from app.exchange.hours.plan import shares
from app.exchange.models import HourRecord, HourRecordEvent, HourRecordPerson
from app.exchange.states import HOUR_RECORDS
from app.notices.models import Notice
from app.wallet import operations as wallet
from app.wallet.models import Posting, Transfer
from tests.directory.people import add_member, change
from tests.support.hours import given, pairs, write_down
from tests.support.ledger import assert_whole, balances, give_hours
from tests.wallet.test_at_once import MANY, all_at_once
from tests.world import World

KEY = "one-form-that-was-sent"


@pytest.fixture
def funded(app: Flask, world: World) -> Iterator[World]:
    """Alice and Bob have ten hours each, Carol has none."""
    for user_id in (world.alice, world.bob):
        give_hours(user_id, 600)
    db.session.commit()
    yield world
    assert_whole()


def minutes_of(*user_ids: int) -> list[int]:
    db.session.rollback()
    found = balances(*(wallet.member_wallet(user_id) for user_id in user_ids))
    db.session.rollback()
    return found


def postings(record_id: int) -> list[tuple[int, int, int]]:
    """helper, helped, minutes of every transfer of a record, from the ledger alone."""
    moved = []
    for pair in pairs(record_id):
        if pair.transfer_id is None:
            continue
        rows = dict(
            db.session.execute(
                select(Posting.wallet_id, Posting.amount).where(Posting.transfer_id == pair.transfer_id)
            ).all()
        )
        minutes = rows[wallet.member_wallet(pair.helper_id)]
        assert rows == {wallet.member_wallet(pair.helper_id): minutes, wallet.member_wallet(pair.helped_id): -minutes}
        moved.append((pair.helper_id, pair.helped_id, minutes))
    return moved


def told(user_id: int) -> list[str]:
    mine = select(Notice).where(Notice.user_id == user_id, Notice.kind == "hours").order_by(Notice.id)
    return [notice.params["event"] for notice in db.session.scalars(mine)]


def refused(recorder_id: int, *args: Any, **values: Any) -> str:
    with pytest.raises(DomainError) as caught:
        recording.record(recorder_id, given(*args, **values), KEY, sharing="each")
    db.session.rollback()
    assert db.session.scalar(select(HourRecord.id)) is None
    return caught.value.field


def test_who_was_helped_pays_at_once(funded: World) -> None:
    record_id = write_down(funded.alice, given(funded.alice, funded.bob, minutes=90))
    assert minutes_of(funded.alice, funded.bob) == [510, 690]
    (pair,) = pairs(record_id)
    assert (pair.state, pair.asked_id) == ("posted", None)
    transfer = db.session.get_one(Transfer, pair.transfer_id)
    assert (transfer.kind, transfer.text, transfer.url) == ("exchange", "Shopping", f"/hours/{record_id}")
    assert (told(funded.alice), told(funded.bob)) == ([], ["paid"])


def test_who_helped_waits_for_one_click(funded: World) -> None:
    record_id = write_down(funded.bob, given(funded.bob, funded.alice, minutes=45, is_helper=True))
    assert minutes_of(funded.alice, funded.bob) == [600, 600]
    assert told(funded.alice) == ["asked"]
    (pair,) = pairs(record_id)
    answering.accept(funded.alice, pair.id, 1)
    db.session.commit()
    assert minutes_of(funded.alice, funded.bob) == [555, 645]
    assert told(funded.bob) == ["accepted"]
    read = select(Notice.read_at).where(Notice.user_id == funded.alice)
    assert all(db.session.scalars(read))


def test_a_no_has_its_reason_and_moves_nothing(funded: World) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    with pytest.raises(DomainError) as caught:
        answering.decline(funded.alice, pair.id, 1, "")
    assert caught.value.field == "reason"
    answering.decline(funded.alice, pair.id, 1, "That was not me.")
    db.session.commit()
    assert minutes_of(funded.alice, funded.bob) == [600, 600]
    assert db.session.scalars(select(HourRecordEvent.reason)).all() == ["That was not me."]
    assert told(funded.bob) == ["declined"]


def test_withdrawing_stops_the_asking(funded: World) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    answering.withdraw(funded.bob, pair.id, 1)
    db.session.commit()
    assert pairs(pair.record_id)[0].state == "withdrawn"
    assert told(funded.alice) == []


def test_a_coordinator_records_for_others_and_both_are_told(funded: World) -> None:
    olga = add_member("Olga Offline")
    give_hours(olga, 60)
    db.session.commit()
    record_id = write_down(funded.mod, given(funded.bob, olga, minutes=30, is_helper=True))
    assert postings(record_id) == [(funded.bob, olga, 30)]
    assert told(funded.bob) == told(olga) == ["paid_for"]


def test_a_coordinator_does_not_pay_himself(funded: World) -> None:
    """Neither at once nor by answering for somebody who does not sign in."""
    olga = add_member("Olga Offline")
    (asked,) = pairs(write_down(funded.mod, given(funded.mod, funded.alice, is_helper=True)))
    assert (asked.state, asked.asked_id) == ("waiting", funded.alice)
    (pair,) = pairs(write_down(funded.mod, given(funded.mod, olga, is_helper=True)))
    assert (pair.state, pair.asked_id) == ("waiting", None)
    mod, admin = (db.session.get_one(User, user_id) for user_id in (funded.mod, funded.admin))
    assert not db.session.execute(queries.waiting_for(mod)).all()
    assert [row.id for row in db.session.execute(queries.waiting_for(admin))] == [pair.id]
    assert told(funded.admin) == ["asked_for"]


def test_help_for_somebody_offline_waits_for_a_coordinator(funded: World) -> None:
    olga = add_member("Olga Offline")
    give_hours(olga, 60)
    db.session.commit()
    record_id = write_down(funded.bob, given(funded.bob, olga, minutes=30, is_helper=True))
    (pair,) = pairs(record_id)
    assert sorted(told(funded.mod) + told(funded.admin)) == ["asked_for", "asked_for"]
    answering.accept(funded.mod, pair.id, 1)
    db.session.commit()
    assert postings(record_id) == [(funded.bob, olga, 30)]


@pytest.mark.parametrize(
    ("minutes", "count", "expected"), [(100, 3, [34, 33, 33]), (90, 2, [45, 45]), (7, 4, [2, 2, 2, 1]), (1, 1, [1])]
)
def test_shares_are_whole_minutes(minutes: int, count: int, expected: list[int]) -> None:
    assert shares(minutes, count, "shared") == expected
    assert shares(minutes, count, "each") == [minutes] * count


@for_all(minutes=strategies.integers(1, 6000), count=strategies.integers(1, 20))
def test_shares_add_up_and_differ_by_one_at_most(minutes: int, count: int) -> None:
    parts = shares(minutes, count, "shared")
    assert sum(parts) == minutes and max(parts) - min(parts) <= 1 and parts == sorted(parts, reverse=True)


@pytest.mark.parametrize("sharing", ["each", "shared"])
@pytest.mark.parametrize("is_helper", [True, False])
@pytest.mark.parametrize("recorder", ["alice", "mod"])
def test_the_preview_equals_the_postings(funded: World, sharing: str, is_helper: bool, recorder: str) -> None:
    db.session.execute(update(CommunitySettings).values(hour_sharing=sharing))
    dora = add_member("Dora Deux")
    give_hours(dora, 600)
    db.session.commit()
    others = [funded.bob, dora, funded.mod if recorder == "alice" else funded.alice]
    give_hours(funded.mod, 600)
    one = funded.alice if recorder == "alice" else funded.carol
    give_hours(funded.carol, 600)
    db.session.commit()
    help_given = given(one, *others, minutes=100, is_helper=is_helper)
    shown = recording.preview(getattr(funded, recorder), help_given)
    db.session.rollback()
    record_id = write_down(getattr(funded, recorder), help_given, sharing=sharing)
    paid = [(pair.helper_id, pair.helped_id, pair.minutes) for pair in shown if pair.is_paid]
    waits = [(pair.helper_id, pair.helped_id, pair.minutes) for pair in shown if not pair.is_paid]
    assert postings(record_id) == paid
    left = [each for each in pairs(record_id) if each.state == "waiting"]
    assert [(each.helper_id, each.helped_id, each.minutes) for each in left] == waits
    assert sum(pair.minutes for pair in shown) == (100 if sharing == "shared" else 300)
    assert len(paid) == (3 if recorder == "mod" or not is_helper else 0)
    for each in left:
        answering.accept(each.helped_id, each.id, each.version)
    db.session.commit()
    assert postings(record_id) == [(pair.helper_id, pair.helped_id, pair.minutes) for pair in shown]


def test_a_rule_that_changed_since_the_preview_is_said(funded: World) -> None:
    db.session.execute(update(CommunitySettings).values(hour_sharing="shared"))
    db.session.commit()
    with pytest.raises(Conflict):
        write_down(funded.alice, given(funded.alice, funded.bob), sharing="each")
    db.session.rollback()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"done_on": now().date() + timedelta(days=2)}, "done_on"),
        ({"done_on": now().date().replace(year=1999)}, "done_on"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": -5}, "minutes"),
        ({"minutes": 6001}, "minutes"),
        ({"minutes": 601}, "minutes"),
        ({"category_id": 999}, "category"),
    ],
)
def test_what_is_refused_and_where(funded: World, values: dict[str, Any], field: str) -> None:
    assert refused(funded.alice, funded.alice, funded.bob, **values) == field


def test_people_that_are_refused(funded: World) -> None:
    assert refused(funded.alice, funded.alice, funded.alice) == "others"
    assert refused(funded.alice, funded.alice) == "others"
    assert refused(funded.alice, funded.alice, funded.bob, funded.bob) == "others"
    assert refused(funded.alice, funded.alice, 999) == "others"
    assert refused(funded.alice, funded.bob, funded.carol) == "one"
    accounts.block(funded.bob, funded.alice)
    db.session.commit()
    assert refused(funded.alice, funded.alice, funded.bob) == "others"
    change(User, funded.carol, approved_at=None)
    assert refused(funded.alice, funded.alice, funded.carol) == "others"
    assert refused(funded.mod, funded.alice, funded.carol) == "others"
    assert refused(funded.mod, 0, funded.alice) == "one"


def test_a_share_of_nothing_is_refused(funded: World) -> None:
    db.session.execute(update(CommunitySettings).values(hour_sharing="shared"))
    db.session.commit()
    with pytest.raises(DomainError) as caught:
        recording.preview(funded.alice, given(funded.alice, funded.bob, funded.carol, minutes=1))
    assert caught.value.field == "minutes"


def test_the_day_is_that_of_the_recorder(funded: World) -> None:
    """It is Sunday evening in London and Monday morning in Auckland."""
    change(User, funded.alice, timezone="Pacific/Auckland")
    with time_machine.travel("2026-11-22 20:00:00 +0000", tick=False):
        monday = now().date() + timedelta(days=1)
        write_down(funded.alice, given(funded.alice, funded.bob, done_on=monday))
        with pytest.raises(DomainError) as caught:
            recording.record(funded.bob, given(funded.bob, funded.alice, done_on=monday), KEY, sharing="each")
        assert caught.value.field == "done_on"
        db.session.rollback()


def test_too_little_left_is_said_without_another_ones_balance(funded: World) -> None:
    with pytest.raises(DomainError) as caught:
        recording.preview(funded.alice, given(funded.alice, funded.bob, minutes=601))
    assert "10 h" in caught.value.message
    db.session.rollback()
    with pytest.raises(DomainError) as caught:
        recording.preview(funded.mod, given(funded.alice, funded.bob, minutes=601))
    assert caught.value.message == "Alice Adeyemi has not enough left for that."
    db.session.rollback()


def test_accepting_without_means_leaves_it_waiting(funded: World) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.carol, minutes=30, is_helper=True)))
    with pytest.raises(DomainError):
        answering.accept(funded.carol, pair.id, 1)
    db.session.rollback()
    assert pairs(pair.record_id)[0].state == "waiting"


def test_the_same_form_again_is_the_same_record(funded: World) -> None:
    help_given = given(funded.alice, funded.bob, minutes=45)
    first = write_down(funded.alice, help_given, KEY)
    assert write_down(funded.alice, help_given, KEY) == first
    with pytest.raises(Conflict):
        write_down(funded.alice, given(funded.alice, funded.bob, minutes=46), KEY)
    db.session.rollback()
    assert minutes_of(funded.alice, funded.bob) == [555, 645]


def test_sixteen_at_once_record_once(funded: World, app: Flask) -> None:
    help_given = given(funded.alice, funded.bob, minutes=45)
    results = all_at_once(app, lambda _n: recording.record(funded.alice, help_given, KEY, sharing="each").record_id)
    assert len(set(results)) == 1 and len(results) == MANY
    assert minutes_of(funded.alice, funded.bob) == [555, 645]


def test_sixteen_yeses_at_once_pay_once(funded: World, app: Flask) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, minutes=45, is_helper=True)))
    pair_id = pair.id
    results = all_at_once(app, lambda _n: answering.accept(funded.alice, pair_id, 1).id)
    assert sum(not isinstance(result, Conflict) for result in results) == 1
    assert minutes_of(funded.alice, funded.bob) == [555, 645]


def test_yes_no_and_withdrawal_at_once_is_one_of_them(funded: World, app: Flask) -> None:
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, minutes=45, is_helper=True)))
    pair_id = pair.id
    ways: list[Callable[[], Any]] = [
        lambda: answering.accept(funded.alice, pair_id, 1),
        lambda: answering.decline(funded.alice, pair_id, 1, "No"),
        lambda: answering.withdraw(funded.bob, pair_id, 1),
    ]
    results = all_at_once(app, lambda n: ways[n % 3]())
    assert sum(not isinstance(result, Conflict) for result in results) == 1
    state = pairs(pair.record_id)[0].state
    assert minutes_of(funded.alice) == [555 if state == "posted" else 600]


def test_several_who_pay_each_other_at_once_do_not_wait_for_ever(funded: World, app: Flask) -> None:
    def work(n: int) -> int:
        one, other = (funded.alice, funded.bob) if n % 2 else (funded.bob, funded.alice)
        help_given = given(one, other, funded.carol, minutes=10)
        return recording.record(one, help_given, f"{KEY}-{n}", sharing="each").record_id

    results = all_at_once(app, work)
    assert len(set(results)) == MANY
    assert minutes_of(funded.alice, funded.bob, funded.carol) == [520, 520, 160]


def test_taking_back_is_a_reversal(funded: World) -> None:
    record_id = write_down(funded.alice, given(funded.alice, funded.bob, minutes=90))
    (pair,) = pairs(record_id)
    answering.take_back(funded.alice, pair.id, pair.version, "Nine minutes, not ninety.")
    db.session.commit()
    assert minutes_of(funded.alice, funded.bob) == [600, 600]
    (taken,) = pairs(record_id)
    assert (taken.state, taken.transfer_id) == ("reversed", pair.transfer_id)
    reversal = db.session.scalars(select(Transfer).where(Transfer.reverses_id == pair.transfer_id)).one()
    assert reversal.text == "Taken back: Nine minutes, not ninety."
    assert told(funded.bob) == ["paid", "reversed"]
    with pytest.raises(Conflict):
        answering.take_back(funded.alice, pair.id, pair.version, "Again")
    db.session.rollback()


def test_what_the_helper_has_passed_on_cannot_be_taken_back(funded: World) -> None:
    give_to_carol = given(funded.alice, funded.carol, minutes=60)
    (pair,) = pairs(write_down(funded.alice, give_to_carol))
    write_down(funded.carol, given(funded.carol, funded.bob, minutes=60))
    with pytest.raises(DomainError) as caught:
        answering.take_back(funded.mod, pair.id, pair.version, "Wrong person")
    assert caught.value.message == "Carol Castillo has not enough left for that."
    db.session.rollback()
    assert pairs(pair.record_id)[0].state == "posted"


def test_who_may_take_back(funded: World) -> None:
    """The helper gives back whenever they like, who paid for a day what they wrote down, coordinators always."""
    own = write_down(funded.alice, given(funded.alice, funded.bob))
    (asked,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    answering.accept(funded.alice, asked.id, 1)
    db.session.commit()

    def may(record_id: int) -> set[str]:
        found = set()
        for name in ("alice", "bob", "carol", "mod"):
            viewer = db.session.get_one(User, getattr(funded, name))
            rows = db.session.execute(queries.record_for(viewer, record_id)).all()
            found |= {name for row in rows if policy.can_take_back(viewer, row)}
        return found

    assert may(own) == {"alice", "bob", "mod"}
    assert may(asked.record_id) == {"bob", "mod"}
    with time_machine.travel(now() + timedelta(hours=25), tick=False):
        assert may(own) == {"bob", "mod"}


def test_silence_pays_nothing(funded: World) -> None:
    record_id = write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True))
    with time_machine.travel(now() + timedelta(days=13, hours=23)):
        assert answering.expire_waiting() == 0
    with time_machine.travel(now() + timedelta(days=14, minutes=1)):
        assert answering.expire_waiting() == 1
        assert answering.expire_waiting() == 0
    assert pairs(record_id)[0].state == "expired"
    assert (told(funded.alice), told(funded.bob)) == (["expired"], ["expired"])
    assert minutes_of(funded.alice, funded.bob) == [600, 600]


def test_two_ticks_at_once_end_it_once(funded: World, app: Flask) -> None:
    write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True))
    with time_machine.travel(now() + timedelta(days=15)):
        assert sum(all_at_once(app, lambda _n: answering.expire_waiting())) == 1  # type: ignore[arg-type]


@pytest.mark.parametrize("state", sorted(HOUR_RECORDS.states))
@pytest.mark.parametrize("action", sorted(HOUR_RECORDS.actions))
def test_what_is_not_in_the_table_is_refused(funded: World, state: str, action: str) -> None:
    if HOUR_RECORDS.allows(state, action):
        return
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    ways = {"post": answering.accept, "withdraw": answering.withdraw}
    begin: dict[str, Callable[[], Any]] = {
        "posted": lambda: answering.accept(funded.alice, pair.id, 1),
        "declined": lambda: answering.decline(funded.alice, pair.id, 1, "No"),
        "withdrawn": lambda: answering.withdraw(funded.bob, pair.id, 1),
        "reversed": lambda: [
            answering.accept(funded.alice, pair.id, 1), answering.take_back(funded.bob, pair.id, 2, "No")
        ],
    }  # fmt: skip
    if state in begin:
        begin[state]()
        db.session.commit()
    elif state == "expired":
        with time_machine.travel(now() + timedelta(days=15)):
            answering.expire_waiting()
    row = pairs(pair.record_id)[0]
    assert row.state == state
    before = minutes_of(funded.alice, funded.bob)
    if action == "expire":
        with time_machine.travel(now() + timedelta(days=30)):
            assert answering.expire_waiting() == 0
    else:
        with pytest.raises(Conflict):
            if action in ways:
                ways[action](funded.alice, row.id, row.version)
            else:
                {"decline": answering.decline, "take_back": answering.take_back}[action](
                    funded.alice, row.id, row.version, "Why"
                )
        db.session.rollback()
    assert minutes_of(funded.alice, funded.bob) == before


def test_the_chat_of_the_two_has_a_line(funded: World) -> None:
    chat_id = chats.open_between(funded.alice, funded.bob)
    db.session.commit()
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    answering.accept(funded.alice, pair.id, 1)
    db.session.commit()
    write_down(funded.alice, given(funded.alice, funded.bob, funded.carol, minutes=5))
    kinds = select(Message.kind).where(Message.chat_id == chat_id).order_by(Message.seq)
    assert db.session.scalars(kinds).all() == ["hours_asked", "hours_accepted"]


def test_not_more_than_can_be_answered(funded: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST_WAITING", 2)
    for _n in range(2):
        write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True))
    with pytest.raises(TooMany):
        write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True))
    db.session.rollback()
    write_down(funded.bob, given(funded.bob, funded.alice))


def test_an_emptied_account_is_asked_nothing_and_its_hours_stay(funded: World) -> None:
    kept = write_down(funded.bob, given(funded.bob, funded.alice, minutes=60))
    (pair,) = pairs(write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True)))
    chat_id = chats.open_between(funded.alice, funded.bob)
    db.session.commit()
    write_down(funded.bob, given(funded.bob, funded.alice, minutes=1))
    leaving.forget_member(funded.bob)
    db.session.commit()
    assert pairs(pair.record_id)[0].state == "expired"
    assert told(funded.alice) == ["paid", "paid"]
    assert (pairs(kept)[0].state, db.session.get_one(HourRecord, kept).note) == ("posted", "Shopping")
    assert db.session.get_one(HourRecord, pair.record_id).note == ""
    said = [row.params for row in db.session.query(Message).filter_by(chat_id=chat_id)]
    said += [row.params for row in db.session.query(Notice).filter_by(user_id=funded.alice)]
    assert said and "Bob Brandt" not in str(said)
    assert minutes_of(funded.alice) == [661]


def test_the_export_holds_it(funded: World) -> None:
    write_down(funded.alice, given(funded.alice, funded.bob, minutes=90))
    for user_id in (funded.alice, funded.bob):
        (row,) = queries.export(user_id)["hours"]
        assert (row["helper"], row["helped"], row["minutes"]) == ("Bob Brandt", "Alice Adeyemi", 90)
    assert queries.export(funded.carol) == {"hours": []}


def test_waiting_is_counted_for_whom_it_waits(funded: World) -> None:
    olga = add_member("Olga Offline")
    write_down(funded.bob, given(funded.bob, funded.alice, is_helper=True))
    write_down(funded.bob, given(funded.bob, olga, is_helper=True))
    counts = {
        name: db.session.scalar(select(queries.waiting_count(User.id)).where(User.id == getattr(funded, name)))
        for name in ("alice", "bob", "carol", "mod", "admin")
    }
    assert counts == {"alice": 1, "bob": 0, "carol": 0, "mod": 1, "admin": 1}
    assert db.session.scalar(select(HourRecordPerson.id).where(HourRecordPerson.asked_id == olga)) is None
