"""Exchanges: proposed, agreed, done; what each step says, and what nobody can do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from app.accounts import operations as accounts
from app.accounts.names import FORMER
from app.chats import operations as chats
from app.chats.models import Message
from app.core.clock import now
from app.core.db import db
from app.core.errors import Conflict, DomainError, Forbidden
from app.core.registry import registry
from app.core.states import apply
from app.exchange.models import Exchange, ExchangeEvent, ExchangeSide
from app.exchange.models.exchanges import GIFT, OPEN_STATES, SWAP
from app.exchange.operations import answering, proposing, settling, ticking
from app.exchange.states import EXCHANGES
from app.exchange.terms import Leg, Terms, owed
from app.notices.models import Notice
from tests.exchange.agreements import (
    agreed,
    assert_books,
    at_once,
    end_sessions,
    exchange,
    give_hours,
    help_terms,
    in_days,
    legs,
    make_due,
    minutes_of,
    proposed,
    swap_terms,
    twice_at_once,
    under_way,
)
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]


def lines(world: World) -> list[str]:
    """The kinds of lines in the chat of Alice and Bob."""
    chat_id = chats.open_between(world.alice, world.bob)
    return list(db.session.scalars(select(Message.kind).where(Message.chat_id == chat_id).order_by(Message.seq)))


def told(user_id: int) -> list[str]:
    db.session.rollback()
    rows = db.session.scalars(select(Notice.params).where(Notice.user_id == user_id).order_by(Notice.id))
    return [params["event"] for params in rows]


def waits(exchange_id: int) -> dict[int, str]:
    rows = select(ExchangeSide.user_id, ExchangeSide.waits_for).where(ExchangeSide.exchange_id == exchange_id)
    return {row.user_id: row.waits_for for row in db.session.execute(rows)}


def the_form(**values: str) -> dict[str, str]:
    usual = {"kind": "swap", "give": "Python", "give_minutes": "60", "get": "Spanish", "get_minutes": "60"}
    return {**usual, **values}


def test_the_whole_way(app: Flask, as_: As, world: World) -> None:
    alice, bob = as_("alice"), as_("bob")
    form = alice.get(f"/exchanges/with/{world.bob}").text
    assert 'value="Python"' in form
    assert 'value="Spanish"' in form
    address = alice.post(f"/exchanges/with/{world.bob}", data=the_form(place="Library")).location
    assert "Bob Brandt" in alice.get(address).text
    assert "asks for your answer" in bob.get("/exchanges").text
    assert bob.post(f"{address}/acceptance", data={"version": "1"}).status_code == 303
    when = (now() + timedelta(days=2)).strftime("%Y-%m-%dT18:30")
    planned = bob.post(f"{address}/sessions", data={"starts_at": when, "minutes": "90", "place": "Library", "link": ""})
    assert planned.status_code == 303
    exchange_id = int(address.rpartition("/")[2])
    said = {f"minutes_{leg.id}": "60" for leg in legs(exchange_id)}
    assert alice.post(f"{address}/confirmation", data=said).status_code == 303
    assert "Please say it too" in bob.get(address).text
    assert bob.post(f"{address}/confirmation", data=said).status_code == 303
    assert exchange(exchange_id).state == "completed"
    assert lines(world) == [
        "exchange_proposed",
        "exchange_accepted",
        "exchange_planned",
        "exchange_confirmed",
        "exchange_confirmed",
        "exchange_completed",
    ]
    assert told(world.bob) == ["proposed", "confirmed"]
    assert told(world.alice) == ["accepted", "planned", "confirmed", "completed"]
    chat = bob.get(f"/chats/{chats.open_between(world.alice, world.bob)}").text
    assert "Alice Adeyemi proposes an exchange: Python for Spanish" in chat
    assert address in bob.get("/exchanges?over=1").text
    assert_books()


def test_a_stranger_knows_nothing_of_it(app: Flask, as_: As, world: World) -> None:
    exchange_id = under_way(world)
    session_id = db.session.scalars(select(Exchange.id)).one() and 1
    for who in ("carol", "mod", "admin"):
        browser = as_(who)
        for path in ("", "/counter", "/sessions", f"/sessions/{session_id}", f"/sessions/{session_id}/meeting.ics"):
            assert browser.get(f"/exchanges/{exchange_id}{path}").status_code == 404
        verbs = ("acceptance", "refusal", "cancellation", "confirmation", "denial", "counter", "sessions")
        for verb in (*verbs, f"sessions/{session_id}", f"sessions/{session_id}/cancellation"):
            answer = browser.post(f"/exchanges/{exchange_id}/{verb}", data={"version": "1", "sequence": "0"})
            assert answer.status_code == 404
        assert "Spanish for" not in browser.get("/exchanges").text
    assert exchange(exchange_id).state == "active"


@pytest.mark.parametrize(("state", "action"), sorted(product(EXCHANGES.states, EXCHANGES.actions)))
def test_what_is_not_in_the_table_is_refused(app: Flask, world: World, state: str, action: str) -> None:
    exchange_id = proposed(world)
    put_into(exchange_id, state)
    if EXCHANGES.allows(state, action):
        target = EXCHANGES.table[state, action]
        moved = apply(EXCHANGES, exchange_id, action, actor_id=world.alice, version=1, **facts_of(target))
        assert moved.state == target
        return
    with pytest.raises(Conflict):
        apply(EXCHANGES, exchange_id, action, actor_id=world.alice, version=1)
    assert exchange(exchange_id).state == state


def put_into(exchange_id: int, state: str) -> None:
    db.session.execute(update(Exchange).where(Exchange.id == exchange_id).values(state=state, **facts_of(state)))
    db.session.commit()


def facts_of(state: str) -> dict[str, Any]:
    """What the database wants beside a state."""
    over = now() if state == "completed" else None
    return {"due_at": now() if state in OPEN_STATES else None, "completed_at": over, "rate_until": over}


VERBS: dict[str, Callable[[int, World], Any]] = {
    "accept": lambda e, w: answering.accept(e, w.bob, 1),
    "decline": lambda e, w: answering.decline(e, w.bob, 1),
    "cancel": lambda e, w: answering.cancel(e, w.alice, 1),
    "counter": lambda e, w: proposing.counter(w.bob, e, 1, swap_terms(w, 30, 30)),
    "confirm": lambda e, w: settling.confirm(e, w.bob, minutes_of(e, 60, 60)),
    "deny": lambda e, w: settling.deny(e, w.bob),
}
POSSIBLE = {
    "proposed": {"accept", "decline", "cancel", "counter"},
    "accepted": {"cancel", "confirm", "deny"},
    "active": {"cancel", "confirm", "deny"},
}


@pytest.mark.parametrize(("state", "verb"), sorted(product(EXCHANGES.states, VERBS)))
def test_each_verb_in_each_state(app: Flask, world: World, state: str, verb: str) -> None:
    exchange_id = proposed(world)
    put_into(exchange_id, state)
    if state != "proposed":
        db.session.execute(update(ExchangeSide).values(waits_for=""))
        db.session.commit()
    if verb in POSSIBLE.get(state, set()):
        VERBS[verb](exchange_id, world)
        db.session.commit()
        return
    with pytest.raises(Conflict):
        VERBS[verb](exchange_id, world)
    assert exchange(exchange_id).state == state


def test_twenty_equal_proposals_from_both_sides_are_one(app: Flask, world: World) -> None:
    terms = swap_terms(world)
    pairs = [(world.alice, world.bob), (world.bob, world.alice)] * 10
    made = at_once(app, *((lambda a=a, b=b: proposing.propose(a, b, terms)) for a, b in pairs))
    assert len({each.exchange_id for each in made}) == 1
    assert sum(each.is_new for each in made) == 1
    assert lines(world) == ["exchange_proposed"]


def test_the_database_keeps_equal_ones_apart(app: Flask, world: World) -> None:
    first = proposed(world)
    second = proposed(world, swap_terms(world, 30, 30))
    same = db.session.get_one(Exchange, first).terms_hash
    with pytest.raises(IntegrityError):
        db.session.execute(update(Exchange).where(Exchange.id == second).values(terms_hash=same))
    db.session.rollback()
    answering.cancel(first, world.alice, 1)
    db.session.commit()
    assert proposed(world) not in (first, second)


def test_twenty_acceptances_are_one(app: Flask, as_: As, world: World) -> None:
    exchange_id = proposed(world)
    browsers = [as_("bob") for _n in range(20)]
    barrier, answers = threading.Barrier(20), []

    def send(browser: CheckedClient) -> None:
        barrier.wait()
        answers.append(browser.post(f"/exchanges/{exchange_id}/acceptance", data={"version": "1"}).status_code)

    threads = [threading.Thread(target=send, args=(browser,)) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303] * 20
    assert lines(world).count("exchange_accepted") == 1
    events = select(func.count()).select_from(ExchangeEvent).where(ExchangeEvent.action == "accept")
    assert db.session.scalar(events) == 1


def test_agreeing_and_withdrawing_at_once(app: Flask, world: World) -> None:
    exchange_id = proposed(world)
    results = at_once(
        app,
        lambda: answering.accept(exchange_id, world.bob, 1),
        lambda: answering.cancel(exchange_id, world.alice, 1),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    assert exchange(exchange_id).state in ("accepted", "cancelled")


def test_a_counter_replaces_in_one_step(app: Flask, as_: As, world: World) -> None:
    exchange_id = proposed(world)
    bob = as_("bob")
    page = bob.get(f"/exchanges/{exchange_id}/counter").text
    assert 'value="Spanish"' in page
    same = bob.post(f"/exchanges/{exchange_id}/counter", data=the_form(version="1", give="Spanish", get="Python"))
    assert same.status_code == 422
    assert "Nothing is different" in same.text
    data = the_form(version="1", give="Spanish", get="Python", give_minutes="45", get_minutes="45")
    other = bob.post(f"/exchanges/{exchange_id}/counter", data=data)
    assert other.status_code == 303
    assert exchange(exchange_id).state == "cancelled"
    new_id = int(other.location.rpartition("/")[2])
    assert exchange(new_id).replaces_id == exchange_id
    assert waits(new_id) == {world.alice: "answer", world.bob: ""}
    assert bob.post(f"/exchanges/{exchange_id}/acceptance", data={"version": "1"}).status_code == 409
    assert "took its place" in as_("alice").get(f"/exchanges/{exchange_id}").text
    assert as_("alice").post(f"/exchanges/{new_id}/acceptance", data={"version": "1"}).status_code == 303


def test_two_counters_at_once_leave_one(app: Flask, world: World) -> None:
    exchange_id = proposed(world)
    results = at_once(
        app,
        lambda: proposing.counter(world.alice, exchange_id, 1, swap_terms(world, 30, 30)),
        lambda: proposing.counter(world.bob, exchange_id, 1, swap_terms(world, 45, 45)),
    )
    assert sum(isinstance(result, Conflict) for result in results) == 1
    still_open = select(func.count()).select_from(Exchange).where(Exchange.state == "proposed")
    assert db.session.scalar(still_open) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"kind": ""}, "Please choose one."),
        ({"kind": "sale"}, "valid choice"),
        ({"give": ""}, "fill in both sides"),
        ({"get": ""}, "fill in both sides"),
        ({"kind": "gift"}, "Fill in one side only"),
        ({"kind": "gift", "give": "", "get": ""}, "Fill in one side only"),
        ({"give": "x" * 101}, "At most 100 characters"),
        ({"give_minutes": "7"}, "valid choice"),
        ({"give_minutes": "-60"}, "valid choice"),
        ({"starts_at": "2020-01-01T10:00"}, "That time is over"),
        ({"starts_at": "9999-12-31T23:59"}, "more than a year away"),
        ({"starts_at": "0001-01-01T00:00"}, "That time is over"),
        ({"starts_at": "soon"}, "Not a valid"),
        ({"link": "javascript:alert(1)"}, "no web address"),
        ({"link": "https://[half"}, "no web address"),
        ({"note": "x" * 1001}, "At most 1000 characters"),
    ],
)
def test_bad_input_is_said_at_its_field(app: Flask, as_: As, world: World, data: dict[str, str], said: str) -> None:
    answer = as_("alice").post(f"/exchanges/with/{world.bob}", data=the_form(**data))
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalar(select(func.count()).select_from(Exchange)) == 0


def test_nobody_exchanges_with_himself_or_whom_he_cannot_see(app: Flask, as_: As, world: World) -> None:
    assert as_("alice").get(f"/exchanges/with/{world.alice}").status_code == 404
    for legs_of in ([Leg(world.alice, world.alice, "Chess", 60)], [Leg(world.alice, world.carol, "Chess", 60)]):
        with pytest.raises(DomainError):
            proposing.propose(world.alice, world.bob, Terms(GIFT, legs_of))
        db.session.rollback()
    accounts.block(world.bob, world.alice)
    db.session.commit()
    assert as_("alice").get(f"/exchanges/with/{world.bob}").status_code == 404
    with pytest.raises(Forbidden):
        proposing.propose(world.alice, world.bob, swap_terms(world))


def test_after_a_block_it_can_only_be_ended(app: Flask, as_: As, world: World) -> None:
    asked, running = proposed(world), under_way(world, swap_terms(world, 30, 30))
    accounts.block(world.alice, world.bob)
    db.session.commit()
    bob = as_("bob")
    assert bob.post(f"/exchanges/{asked}/acceptance", data={"version": "1"}).status_code == 403
    assert bob.post(f"/exchanges/{asked}/refusal", data={"version": "1"}).status_code == 303
    when = (now() + timedelta(days=3)).strftime("%Y-%m-%dT18:30")
    assert bob.post(f"/exchanges/{running}/sessions", data={"starts_at": when, "minutes": "60"}).status_code == 403
    version = str(exchange(running).version)
    assert bob.post(f"/exchanges/{running}/cancellation", data={"version": version}).status_code == 303


def test_a_proposal_runs_out_once(app: Flask, as_: As, world: World) -> None:
    exchange_id = proposed(world)
    assert ticking.act_on_due() == 0
    make_due(exchange_id)
    assert sorted(twice_at_once(app, ticking.act_on_due)) == [0, 1]
    assert exchange(exchange_id).state == "expired"
    assert lines(world) == ["exchange_proposed", "exchange_expired"]
    assert told(world.alice) == ["expired"]
    assert waits(exchange_id) == {world.alice: "", world.bob: ""}
    assert "Run out" in as_("bob").get(f"/exchanges/{exchange_id}").text


def test_an_agreement_that_nobody_plans_ends(app: Flask, world: World) -> None:
    exchange_id = agreed(world)
    make_due(exchange_id)
    assert ticking.act_on_due() == 1
    assert exchange(exchange_id).state == "cancelled"
    assert lines(world)[-1] == "exchange_lapsed"


def test_both_are_asked_how_it_went_once(app: Flask, world: World) -> None:
    exchange_id = under_way(world)
    assert ticking.ask_how_it_went() == 0
    end_sessions(exchange_id)
    assert sorted(twice_at_once(app, ticking.ask_how_it_went)) == [0, 1]
    assert waits(exchange_id) == {world.alice: "confirm", world.bob: "confirm"}
    assert told(world.alice)[-1] == told(world.bob)[-1] == "asked"


def test_silence_confirms_what_was_agreed(app: Flask, world: World) -> None:
    exchange_id = under_way(world)
    end_sessions(exchange_id)
    make_due(exchange_id)
    assert sorted(twice_at_once(app, ticking.act_on_due)) == [0, 1]
    assert exchange(exchange_id).state == "completed"
    assert [leg.minutes_done for leg in legs(exchange_id)] == [60, 60]


def test_silence_agrees_with_who_has_spoken(app: Flask, world: World) -> None:
    exchange_id = under_way(world)
    settling.confirm(exchange_id, world.alice, minutes_of(exchange_id, 45, 30))
    db.session.commit()
    make_due(exchange_id)
    ticking.act_on_due()
    assert [leg.minutes_done for leg in legs(exchange_id)] == [45, 30]


def test_one_says_no_and_the_other_is_silent(app: Flask, world: World) -> None:
    exchange_id = under_way(world)
    settling.deny(exchange_id, world.alice)
    db.session.commit()
    make_due(exchange_id)
    ticking.act_on_due()
    assert exchange(exchange_id).state == "cancelled"


def test_both_say_that_it_did_not_happen(app: Flask, as_: As, world: World) -> None:
    exchange_id = under_way(world)
    for who in ("alice", "bob"):
        assert as_(who).post(f"/exchanges/{exchange_id}/denial").status_code == 303
    assert exchange(exchange_id).state == "cancelled"
    assert exchange(exchange_id).rate_until is None


def test_one_says_no_and_the_other_may_still_rate(app: Flask, world: World) -> None:
    exchange_id = under_way(world)
    settling.deny(exchange_id, world.alice)
    db.session.commit()
    settling.confirm(exchange_id, world.bob, minutes_of(exchange_id, 60, 60))
    db.session.commit()
    done = exchange(exchange_id)
    assert done.state == "completed"
    assert done.rate_until is not None
    assert [leg.minutes_done for leg in legs(exchange_id)] == [0, 0]


def test_nobody_dodges_by_cancelling(app: Flask, as_: As, world: World) -> None:
    exchange_id = under_way(world)
    settling.confirm(exchange_id, world.alice, minutes_of(exchange_id, 60, 60))
    db.session.commit()
    version = exchange(exchange_id).version
    answer = as_("bob").post(f"/exchanges/{exchange_id}/cancellation", data={"version": str(version)})
    assert answer.status_code == 409
    assert "say what was done" in answer.text
    assert exchange(exchange_id).state == "active"


@pytest.mark.parametrize("said", [-1, 61, 10**12])
def test_minutes_that_cannot_be(app: Flask, as_: As, world: World, said: int) -> None:
    exchange_id = agreed(world)
    first, second = legs(exchange_id)
    data = {f"minutes_{first.id}": str(said), f"minutes_{second.id}": "60"}
    answer = as_("bob").post(f"/exchanges/{exchange_id}/confirmation", data=data)
    assert answer.status_code == 422
    assert "Between nothing and what was agreed" in answer.text
    assert exchange(exchange_id).state == "accepted"


def test_what_one_said_can_be_mended_until_it_is_settled(app: Flask, world: World) -> None:
    exchange_id = under_way(world)
    settling.confirm(exchange_id, world.alice, minutes_of(exchange_id, 60, 30))
    db.session.commit()
    settling.confirm(exchange_id, world.alice, minutes_of(exchange_id, 60, 60))
    db.session.commit()
    settling.confirm(exchange_id, world.bob, minutes_of(exchange_id, 60, 60))
    db.session.commit()
    assert [leg.minutes_done for leg in legs(exchange_id)] == [60, 60]
    with pytest.raises(Conflict):
        settling.deny(exchange_id, world.alice)
    db.session.rollback()
    assert settling.confirm(exchange_id, world.alice, {}).state == "completed"


def test_confirming_sixteen_times_from_both_sides_settles_once(app: Flask, world: World) -> None:
    exchange_id = under_way(world)
    done = minutes_of(exchange_id, 60, 60)
    works = [lambda u=u: settling.confirm(exchange_id, u, done) for u in (world.alice, world.bob)] * 8
    at_once(app, *works)
    assert exchange(exchange_id).state == "completed"
    events = select(func.count()).select_from(ExchangeEvent).where(ExchangeEvent.action == "complete")
    assert db.session.scalar(events) == 1


def test_what_waits_is_counted_and_comes_first(app: Flask, as_: As, world: World, statements: Any) -> None:
    for minutes in (15, 30, 45, 90):
        proposed(world, swap_terms(world, minutes, minutes))
    running = under_way(world)
    bob = as_("bob")
    bob.get("/exchanges")
    with statements() as seen:
        page = bob.get("/exchanges").text
    assert len([s for s in seen if s.startswith("SELECT")]) == 3, "one for the member, two for the page"
    assert page.index("Waits for you") < page.index("Under way") < page.index(f'href="/exchanges/{running}"')
    assert '<span class="count">4</span>' in page


def test_the_chat_leads_to_a_proposal(app: Flask, as_: As, world: World) -> None:
    chat_id = chats.open_between(world.alice, world.bob)
    db.session.commit()
    assert f"/exchanges/with/{world.bob}" in as_("alice").get(f"/chats/{chat_id}").text


def test_an_emptied_account_ends_what_is_open(app: Flask, world: World) -> None:
    asked, running = proposed(world), under_way(world, swap_terms(world, 30, 30))
    spoken = under_way(world, swap_terms(world, 45, 45))
    settling.confirm(spoken, world.bob, minutes_of(spoken, 45, 45))
    db.session.commit()
    registry().closers["exchanges"](world.alice)
    db.session.commit()
    assert [exchange(each).state for each in (asked, running, spoken)] == ["cancelled", "cancelled", "completed"]
    named = [params["name"] for params in db.session.scalars(select(Message.params)) if params["name"]]
    assert set(named) == {"Bob Brandt", FORMER}


def test_switching_chats_off_waits_for_open_exchanges(app: Flask, world: World) -> None:
    in_use = registry().switches["chats"].in_use
    assert in_use() == []
    exchange_id = proposed(world)
    assert [each.label for each in in_use()] == ["1 exchange that is not over"]
    answering.decline(exchange_id, world.bob, 1)
    assert in_use() == []


def test_double_members_become_one_side(app: Flask, world: World) -> None:
    exchange_id = proposed(world)
    mergers = [registry().mergers[name] for name in ("chats", "exchanges")]
    done = [merger.merge(world.carol, world.bob) for merger in mergers]
    assert set(waits(exchange_id)) == {world.alice, world.carol}
    assert exchange_chat(exchange_id) == chats.open_between(world.alice, world.carol)
    for merger, each in zip(reversed(mergers), reversed(done), strict=True):
        merger.take_apart(world.carol, world.bob, each)
    assert set(waits(exchange_id)) == {world.alice, world.bob}
    assert exchange_chat(exchange_id) == chats.open_between(world.alice, world.bob)


def exchange_chat(exchange_id: int) -> int | None:
    return db.session.scalar(select(Exchange.chat_id).where(Exchange.id == exchange_id))


def test_the_export_holds_both_sides_of_the_agreement(app: Flask, world: World) -> None:
    proposed(world, swap_terms(world, note="Gladly"))
    (mine,) = registry().exporters["exchanges"](world.alice)["exchanges"]
    (theirs,) = registry().exporters["exchanges"](world.bob)["exchanges"]
    assert (mine["note"], theirs["note"]) == ("Gladly", "")
    assert [leg["about"] for leg in mine["legs"]] == ["Python", "Spanish"]


def test_who_owes_what(app: Flask, world: World) -> None:
    one, two = swap_terms(world, 60, 60).legs
    assert owed(SWAP, [(one, 60), (two, 60)]) == {world.alice: 0, world.bob: 0}
    assert owed(SWAP, [(one, 60), (two, 90)]) == {world.alice: 30, world.bob: -30}
    assert owed(GIFT, [(one, 60)]) == {world.alice: 0, world.bob: 0}
    assert owed("time_credit", [(one, 60)]) == {world.bob: 60, world.alice: -60}


def test_a_request_leads_to_a_proposal(app: Flask, as_: As, world: World) -> None:
    from tests.exchange.posts import add_post

    post_id = add_post(world.bob, "Carry a sofa", minutes=45)
    page = as_("alice").get(f"/posts/{post_id}").text
    assert f"/exchanges/with/{world.bob}?post={post_id}" in page
    form = as_("alice").get(f"/exchanges/with/{world.bob}?post={post_id}").text
    assert 'value="Carry a sofa"' in form
    assert '<option selected value="45">' in form
    assert help_terms(world.alice, world.bob, starts_at=in_days(1)).fingerprint


@pytest.mark.parametrize("done", [True, False])
def test_the_same_word_again_tells_nobody_anew(app: Flask, world: World, done: bool) -> None:
    """Nor does it put off the day on which silence agrees."""
    give_hours(world.alice, 600)
    exchange_id = agreed(world, help_terms(world.bob, world.alice))
    said = minutes_of(exchange_id, 60)

    def say() -> tuple[int, Any]:
        settling.confirm(exchange_id, world.bob, said) if done else settling.deny(exchange_id, world.bob)
        db.session.commit()
        steps = db.session.scalars(select(ExchangeEvent.id).where(ExchangeEvent.row_id == exchange_id)).all()
        return len(steps), exchange(exchange_id).due_at

    assert say() == say()
    assert_books()


@pytest.mark.parametrize("step", [answering.decline, answering.cancel])
def test_no_words_reach_whom_a_block_separates(app: Flask, world: World, step: Callable[..., Exchange]) -> None:
    """It ends all the same."""
    asked = step is answering.decline
    exchange_id = proposed(world) if asked else agreed(world)
    accounts.block(world.alice, world.bob)
    db.session.commit()
    step(exchange_id, world.bob, 1 if asked else exchange(exchange_id).version, "You will hear from me!")
    db.session.commit()
    said = select(ExchangeEvent.reason).where(ExchangeEvent.row_id == exchange_id)
    assert exchange(exchange_id).state in ("declined", "cancelled")
    assert set(db.session.scalars(said)) == {""}
    assert_books()
