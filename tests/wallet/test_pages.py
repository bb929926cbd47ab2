"""The wallet and its statement: every line adds up, in every shape, for its owner alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts import operations as accounts
from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.money import TIME, parse_amount
from app.core.sheets import csv_lines
from app.wallet import kinds, operations
from app.wallet.charts import course_of
from app.wallet.models import Wallet
from app.wallet.operations.posting import post
from tests.support.client import CheckedClient
from tests.support.ledger import assert_whole, give_hours
from tests.support.wallets import YEAR, add_wallets
from tests.world import World

As = Callable[[str], CheckedClient]
ROW = re.compile(
    r'line-amount[^>]*>\s*<span class="amount[^"]*">([^<]+)</span>.*?statement-day">\s*<span[^>]*>([^<]+)</span>',
    re.DOTALL,
)


@pytest.fixture(autouse=True)
def books(app: Flask) -> Iterator[None]:
    yield
    assert_whole()


@pytest.fixture
def year(app: Flask, world: World) -> dict[str, int | str]:
    made = add_wallets(world)
    db.session.commit()
    return made


def many(world: World, count: int) -> None:
    """Alice and Bob pass minutes to and fro."""
    alice, bob = operations.member_wallet(world.alice), operations.member_wallet(world.bob)
    for n in range(count):
        amount = (n % 7 + 1) * (1 if n % 2 else -1)
        legs = [(alice, amount), (bob, -amount)]
        post(legs, kind=kinds.GIFT, text=f"Line {n}", scope="many", key=str(n))
    db.session.commit()


def lines(page: str) -> list[tuple[int, int]]:
    """Amount and balance of each line as the page writes them, the newest first."""
    return [(minutes(amount), minutes(balance)) for amount, balance in ROW.findall(page)]


def minutes(text: str) -> int:
    text = text.strip()
    return parse_amount(text, TIME) if text not in {"0 h", "+0 h"} else 0


def test_each_balance_is_the_one_before_plus_the_amount(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    give_hours(world.bob, 300)
    many(world, 60)
    alice, url, seen = as_("alice"), "/wallet/statement", []
    while url:
        page = alice.get(url).text
        found = lines(page)
        assert found
        seen += found
        further = re.search(r'rel="next" href="([^"]+)"', page)
        url = further[1].replace("&amp;", "&") if further else ""
    assert len(seen) == 61
    for newer, older in pairwise(seen):
        assert newer[1] == older[1] + newer[0]
    assert seen[-1] == (300, 300)


def test_pages_go_back_as_they_went(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    give_hours(world.bob, 300)
    many(world, 30)
    alice = as_("alice")
    first = alice.get("/wallet/statement").text
    second = alice.get(re.findall(r'rel="next" href="([^"]+)"', first)[0].replace("&amp;", "&")).text
    back = alice.get(re.findall(r'rel="prev" href="([^"]+)"', second)[0].replace("&amp;", "&")).text
    assert lines(back) == lines(first)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("direction=in", [60, 180, 90, 300]),
        ("direction=out", [-45, -90, -300, -120]),
        ("kind=grant", [300]),
        ("kind=gift&direction=in", [60, 180, 90]),
        ("other=brandt", [-45, 60, 180, -90, -300, 90, -120]),
        ("other=BRANDT&direction=out", [-45, -90, -300, -120]),
        ("other=nobody", []),
        ("other=%25", []),
        ("kind=nonsense&direction=sideways", [-45, 60, 180, -90, -300, 90, -120, 300]),
        ("since=yesterday", [-45, 60, 180, -90, -300, 90, -120, 300]),
        ("since=9999-99-99&until=0001-01-01", [-45, 60, 180, -90, -300, 90, -120, 300]),
    ],
)
def test_filters(app: Flask, as_: As, year: dict[str, int], query: str, expected: list[int]) -> None:
    page = as_("alice").get(f"/wallet/statement?{query}").text
    assert [amount for amount, _balance in lines(page)] == expected


def test_periods_are_days_of_the_reader(app: Flask, as_: As, world: World, year: dict[str, int]) -> None:
    when = now() - timedelta(days=75)
    for zone in ("UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"):
        db.session.execute(update(User).where(User.id == world.alice).values(timezone=zone))
        db.session.commit()
        day = when.astimezone(ZoneInfo(zone)).date()
        page = as_("alice").get(f"/wallet/statement?since={day}&until={day}").text
        assert [amount for amount, _balance in lines(page)] == [180]
        before, after = day - timedelta(days=1), day + timedelta(days=1)
        assert lines(as_("alice").get(f"/wallet/statement?since={after}&until={after}").text) == []
        assert lines(as_("alice").get(f"/wallet/statement?since={before}&until={before}").text) == []


def test_the_file_has_every_line_of_the_filter(app: Flask, as_: As, year: dict[str, int]) -> None:
    answer = as_("alice").get("/wallet/statement.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    rows = table(answer.data)
    assert [int(row["Amount (minutes)"]) for row in rows] == [minutes for _days, minutes, _text in YEAR]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", row["Date"]) for row in rows)
    balance = 0
    for row in rows:
        balance += int(row["Amount (minutes)"])
        assert int(row["Balance (minutes)"]) == balance
    only = table(as_("alice").get("/wallet/statement.csv?direction=in&kind=gift").data)
    assert [row["What for"] for row in only] == ["Loops and lists", "Sourdough for six", "Loops again"]
    assert {row["With"] for row in only} == {"Bob Brandt"}


def test_a_long_file_comes_in_pieces(app: Flask, as_: As, world: World) -> None:
    give_hours(world.alice, 300)
    give_hours(world.bob, 300)
    many(world, 1203)
    answer = as_("alice").get("/wallet/statement.csv")
    assert answer.is_streamed
    rows = table(answer.data)
    assert len(rows) == 1204
    assert [row["No."] for row in rows] == sorted((row["No."] for row in rows), key=int)


@pytest.mark.parametrize("evil", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_no_cell_is_a_formula(app: Flask, as_: As, world: World, evil: str) -> None:
    give_hours(world.alice, 300)
    alice, bob = operations.member_wallet(world.alice), operations.member_wallet(world.bob)
    operations.transfer(alice, bob, 5, text=evil, scope="evil", key="1", kind=kinds.GIFT)
    db.session.execute(update(User).where(User.id == world.bob).values(name="=cmd()"))
    db.session.commit()
    row = table(as_("alice").get("/wallet/statement.csv").data)[-1]
    assert row["With"] == "'=cmd()"
    assert row["What for"][0] not in "=+-@\t\r＝"
    assert row["Amount (minutes)"] == "-5"


def test_cells_of_a_file(app: Flask) -> None:
    text = "".join(csv_lines([["a", 1, -2, "-2", 'say "x", y']]))
    assert text == '\ufeffa,1,-2,\'-2,"say ""x"", y"\r\n'


def test_paper_begins_and_ends_with_a_balance(app: Flask, as_: As, year: dict[str, int]) -> None:
    page = as_("alice").get("/wallet/statement/print")
    assert [amount for amount, _balance in lines(page.text)] == [minutes for _days, minutes, _text in YEAR]
    assert "Balance before" in page.text and "Balance after" in page.text
    assert "Statement of Alice Adeyemi" in page.text
    assert "Balance before" not in as_("alice").get("/wallet/statement/print?direction=in").text


def test_a_wallet_that_nothing_has_touched(app: Flask, as_: As) -> None:
    carol = as_("carol")
    assert "No hours have moved yet" in carol.get("/wallet").text
    assert "No hours have moved yet" in carol.get("/wallet/statement").text
    assert carol.get("/wallet/statement/print").status_code == 200
    assert len(table(carol.get("/wallet/statement.csv").data)) == 0
    assert db.session.scalars(select(Wallet)).all() == []


def test_nobody_reads_the_lines_of_others(app: Flask, as_: As, world: World, year: dict[str, int]) -> None:
    for name in ("carol", "mod", "admin"):
        page = as_(name).get("/wallet/statement").text
        assert lines(page) == []
        assert as_(name).get(f"/wallet/transfers/{year['transfer']}").status_code == 404


def test_other_sides_by_what_the_reader_may_know(app: Flask, as_: As, world: World, year: dict[str, int]) -> None:
    alice = as_("alice")
    assert f'<a href="/members/{world.bob}">Bob Brandt</a>' in alice.get("/wallet/statement").text
    accounts.block(world.bob, world.alice)
    db.session.commit()
    page = alice.get("/wallet/statement").text
    assert "Bob Brandt" in page and f"/members/{world.bob}" not in page
    accounts.unblock(world.bob, world.alice)
    accounts.empty(world.bob)
    db.session.commit()
    page = alice.get("/wallet/statement").text
    assert "Former member" in page and "Bob Brandt" not in page


def test_what_is_set_aside_is_told_with_its_people(app: Flask, as_: As, world: World) -> None:
    alice, bob = give_hours(world.alice, 300), give_hours(world.bob, 60)
    words: dict[str, Any] = {"text": "Spanish", "url": "/exchanges/7", "scope": "exchange"}
    operations.hold(alice, "exchange:7", 120, key="7:hold", **words)
    db.session.commit()
    page = as_("alice").get("/wallet").text
    assert "2 h more is set aside" in page and 'href="/exchanges/7"' in page
    assert "Set aside" in as_("alice").get("/wallet/statement").text
    operations.release("exchange:7", bob, 90, key="7:release", **words)
    operations.refund("exchange:7", alice, 30, key="7:refund", **words)
    db.session.commit()
    page = as_("alice").get("/wallet").text
    assert "more is set aside" not in page
    statement = as_("alice").get("/wallet/statement?kind=hold").text
    assert "Bob Brandt" in statement
    assert "Alice Adeyemi" in as_("bob").get("/wallet/statement?kind=release").text


def test_money_has_a_card_and_a_statement_of_its_own(app: Flask, as_: As, world: World) -> None:
    mint = operations.wallet_for(kinds.MINT, "community", "EUR")
    euros = operations.member_wallet(world.alice, "EUR")
    operations.transfer(mint, euros, 1250, kind=kinds.DEPOSIT, text="Paid in", scope="test", key="1")
    db.session.commit()
    assert "€12.50" in as_("alice").get("/wallet").text
    assert "€12.50" in as_("alice").get("/wallet/statement?currency=EUR").text
    assert "12.50" in as_("alice").get("/wallet/statement.csv?currency=EUR").text
    assert as_("alice").get("/wallet/statement?currency=USD").status_code == 404


def test_the_chart_and_its_table_tell_the_same(app: Flask, as_: As, world: World, year: dict[str, int]) -> None:
    page = as_("alice").get("/wallet").text
    assert 'role="img"' in page and "The same as a table" in page
    summary = "The balance over time: 0 h at the start, 1 h 15 min now, between −2 h and 5 h."
    assert summary in page
    with app.test_request_context():
        course = course_of(db.session.scalars(select(Wallet.id).where(Wallet.owner == f"user:{world.alice}")).one())
    assert course is not None
    assert sum(month.came - month.went for month in course.months) == course.months[0].balance == 75


def test_statements_are_few(app: Flask, as_: As, world: World, statements: Any) -> None:
    give_hours(world.alice, 300)
    give_hours(world.bob, 300)
    many(world, 40)
    alice = as_("alice")
    counts = {}
    for path in ("/wallet", "/wallet/statement", "/wallet/statement?other=b&direction=in", "/wallet/statement/print"):
        with statements() as seen:
            alice.get(path)
        counts[path] = len(seen)
    assert counts["/wallet/statement"] <= 4
    assert counts["/wallet/statement?other=b&direction=in"] <= 4
    assert counts["/wallet/statement/print"] <= 4
    assert counts["/wallet"] <= 8


def table(data: bytes) -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))
