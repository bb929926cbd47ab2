"""The hours of an exchange: set aside, passed on once, given back; and the books after each of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.community.models import CommunitySettings
from app.core.db import db
from app.core.errors import Conflict, DomainError
from app.core.registry import registry
from app.exchange.models.exchanges import GIFT
from app.exchange.operations import answering, settling, ticking
from app.exchange.terms import Leg, Terms
from app.wallet.models import Transfer
from tests.exchange.agreements import (
    agreed,
    assert_books,
    at_once,
    balances,
    end_sessions,
    exchange,
    give_hours,
    help_terms,
    legs,
    make_due,
    minutes_of,
    proposed,
    set_aside,
    swap_terms,
    twice_at_once,
    under_way,
)
from tests.support.client import CheckedClient
from tests.world import World

As = Callable[[str], CheckedClient]


@pytest.fixture
def helped(app: Flask, world: World) -> int:
    """Bob helped Alice, who has two hours, for one of them; agreed."""
    give_hours(world.alice, 120)
    return agreed(world, help_terms(world.bob, world.alice))


def transfers(kind: str) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Transfer).where(Transfer.kind == kind)) or 0


def say(exchange_id: int, user_id: int, minutes: int) -> None:
    settling.confirm(exchange_id, user_id, minutes_of(exchange_id, minutes))
    db.session.commit()


def test_minutes_are_set_aside_at_acceptance_and_passed_on_once(app: Flask, world: World, helped: int) -> None:
    assert (balances(world.alice, world.bob), set_aside()) == ([60, 0], 60)
    for user_id in (world.alice, world.bob, world.alice, world.bob):
        say(helped, user_id, 60)
    assert (balances(world.alice, world.bob), set_aside()) == ([60, 60], 0)
    assert (transfers("hold"), transfers("release"), transfers("refund")) == (1, 1, 0)
    assert_books()


@pytest.mark.parametrize(("learner", "teacher", "paid"), [(60, 45, 45), (30, 60, 30), (60, 60, 60), (1, 60, 1)])
def test_the_smaller_is_paid_and_the_rest_comes_back(
    app: Flask, world: World, helped: int, learner: int, teacher: int, paid: int
) -> None:
    say(helped, world.bob, teacher)
    say(helped, world.alice, learner)
    assert balances(world.alice, world.bob) == [120 - paid, paid]
    assert set_aside() == 0
    assert legs(helped)[0].minutes_done == paid
    assert_books()


def test_silence_pays_what_the_other_said(app: Flask, world: World, helped: int) -> None:
    say(helped, world.bob, 50)
    make_due(helped)
    assert sorted(twice_at_once(app, ticking.act_on_due)) == [0, 1]
    assert (balances(world.alice, world.bob), set_aside()) == ([70, 50], 0)
    assert_books()


def test_silence_of_both_after_meeting_pays_what_was_agreed(app: Flask, world: World) -> None:
    give_hours(world.alice, 60)
    exchange_id = under_way(world, help_terms(world.bob, world.alice))
    end_sessions(exchange_id)
    make_due(exchange_id)
    ticking.act_on_due()
    assert (balances(world.alice, world.bob), set_aside()) == ([0, 60], 0)
    assert_books()


def test_what_was_never_planned_gives_the_hours_back(app: Flask, world: World, helped: int) -> None:
    make_due(helped)
    assert sorted(twice_at_once(app, ticking.act_on_due)) == [0, 1]
    assert exchange(helped).state == "cancelled"
    assert (balances(world.alice, world.bob), set_aside()) == ([120, 0], 0)
    assert_books()


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_cancelling_gives_the_hours_back(app: Flask, as_: As, world: World, helped: int, who: str) -> None:
    assert as_(who).post(f"/exchanges/{helped}/cancellation", data={"version": "2"}).status_code == 303
    assert (balances(world.alice, world.bob), set_aside()) == ([120, 0], 0)
    assert transfers("refund") == 1
    assert_books()


def test_what_did_not_happen_costs_nothing(app: Flask, world: World, helped: int) -> None:
    settling.deny(helped, world.alice)
    db.session.commit()
    say(helped, world.bob, 60)
    assert exchange(helped).state == "completed"
    assert (balances(world.alice, world.bob), set_aside()) == ([120, 0], 0)
    assert_books()


def test_a_swap_of_equal_hours_moves_nothing(app: Flask, world: World) -> None:
    exchange_id = agreed(world)
    for user_id in (world.alice, world.bob):
        settling.confirm(exchange_id, user_id, minutes_of(exchange_id, 60, 60))
        db.session.commit()
    assert exchange(exchange_id).state == "completed"
    assert balances(world.alice, world.bob) == [0, 0]
    assert_books()


def test_the_difference_of_a_swap_is_paid(app: Flask, world: World) -> None:
    give_hours(world.alice, 60)
    exchange_id = agreed(world, swap_terms(world, 60, 90))
    assert (balances(world.alice), set_aside()) == ([30], 30)
    for user_id in (world.alice, world.bob):
        settling.confirm(exchange_id, user_id, minutes_of(exchange_id, 60, 75))
        db.session.commit()
    assert (balances(world.alice, world.bob), set_aside()) == ([45, 15], 0)
    assert_books()


def test_of_a_swap_nobody_pays_more_than_was_agreed(app: Flask, world: World) -> None:
    """Bob gave less than he got: nothing of his was set aside for that."""
    give_hours(world.bob, 60)
    exchange_id = agreed(world)
    for user_id in (world.alice, world.bob):
        settling.confirm(exchange_id, user_id, minutes_of(exchange_id, 60, 15))
        db.session.commit()
    assert balances(world.alice, world.bob) == [0, 60]
    assert_books()


def test_a_gift_counts_nothing(app: Flask, world: World) -> None:
    exchange_id = agreed(world, Terms(GIFT, [Leg(world.bob, world.alice, "Spanish", 60)]))
    say(exchange_id, world.alice, 60)
    say(exchange_id, world.bob, 60)
    assert transfers("hold") == transfers("release") == 0
    assert_books()


def test_without_enough_hours_it_is_not_agreed(app: Flask, as_: As, world: World) -> None:
    mine = proposed(world, help_terms(world.bob, world.alice))
    answer = as_("bob").post(f"/exchanges/{mine}/acceptance", data={"version": "1"})
    assert answer.status_code == 422
    assert "Alice Adeyemi does not have 1 h" in answer.text
    theirs = proposed(world, help_terms(world.alice, world.bob, about="Python"))
    answer = as_("bob").post(f"/exchanges/{theirs}/acceptance", data={"version": "1"})
    assert "You do not have 1 h left" in answer.text
    assert {exchange(each).state for each in (mine, theirs)} == {"proposed"}
    assert_books()


def test_hours_for_one_are_not_agreed_for_two(app: Flask, world: World) -> None:
    give_hours(world.alice, 60)
    asked = [proposed(world, help_terms(world.bob, world.alice, about=about)) for about in ("Spanish", "French")]
    results = at_once(app, *((lambda each=each: answering.accept(each, world.bob, 1)) for each in asked))
    assert sum(isinstance(result, DomainError) for result in results) == 1
    assert sorted(exchange(each).state for each in asked) == ["accepted", "proposed"]
    assert (balances(world.alice), set_aside()) == ([0], 60)
    assert_books()


def test_sixteen_acceptances_hold_once(app: Flask, world: World) -> None:
    give_hours(world.alice, 600)
    exchange_id = proposed(world, help_terms(world.bob, world.alice))
    at_once(app, *([lambda: answering.accept(exchange_id, world.bob, 1)] * 16))
    assert (balances(world.alice), set_aside()) == ([540], 60)
    assert_books()


def test_confirmations_cancellations_and_ticks_at_once_pay_once(app: Flask, world: World, helped: int) -> None:
    say(helped, world.bob, 60)
    make_due(helped)
    done = minutes_of(helped, 60)
    works = [
        lambda: settling.confirm(helped, world.alice, done),
        lambda: settling.confirm(helped, world.bob, done),
        lambda: answering.cancel(helped, world.alice, 3),
        ticking.act_on_due,
    ]
    at_once(app, *(works * 4))
    assert exchange(helped).state == "completed"
    assert (balances(world.alice, world.bob), set_aside()) == ([60, 60], 0)
    assert (transfers("release"), transfers("refund")) == (1, 0)
    assert_books()


def test_an_emptied_account_gives_the_hours_back(app: Flask, world: World, helped: int) -> None:
    registry().closers["exchanges"](world.bob)
    db.session.commit()
    assert (balances(world.alice), set_aside()) == ([120], 0)
    assert_books()


def test_without_hours_nothing_is_counted(app: Flask, as_: As, world: World) -> None:
    db.session.execute(update(CommunitySettings).values(switches={"hours": False}))
    db.session.commit()
    form = as_("alice").get(f"/exchanges/with/{world.bob}").text
    assert "For hours" not in form
    data = {"kind": "time_credit", "give": "Python", "give_minutes": "60", "get_minutes": "60"}
    assert as_("alice").post(f"/exchanges/with/{world.bob}", data=data).status_code == 422
    exchange_id = agreed(world, swap_terms(world, 60, 90))
    for user_id in (world.alice, world.bob):
        settling.confirm(exchange_id, user_id, minutes_of(exchange_id, 60, 90))
        db.session.commit()
    assert exchange(exchange_id).state == "completed"
    assert transfers("hold") == 0
    assert_books()


def test_what_was_settled_cannot_be_ended_again(app: Flask, world: World, helped: int) -> None:
    say(helped, world.alice, 60)
    say(helped, world.bob, 60)
    for verb in (
        lambda: answering.cancel(helped, world.alice, 4),
        lambda: settling.deny(helped, world.alice),
        lambda: answering.decline(helped, world.bob, 4),
    ):
        with pytest.raises(Conflict):
            verb()
        db.session.rollback()
    assert balances(world.alice, world.bob) == [60, 60]
    assert_books()
