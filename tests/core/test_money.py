"""Amounts: whole numbers of the smallest unit, in the reader's words and from what somebody types."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from babel.numbers import get_currency_precision
from flask import Flask
from flask_babel import force_locale
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core.errors import DomainError
from app.core.money import CURRENCIES, EXPONENTS, SAT, TIME, format_amount, parse_amount, plain_amount


@contextmanager
def reading(app: Flask, locale: str) -> Iterator[None]:
    with app.test_request_context(), force_locale(locale):
        yield


@pytest.mark.parametrize(
    ("amount", "currency", "said"),
    [
        (90, TIME, "1 h 30 min"),
        (45, TIME, "45 min"),
        (120, TIME, "2 h"),
        (0, TIME, "0 h"),
        (-90, TIME, "−1 h 30 min"),
        (90_000, TIME, "1,500 h"),
        (1250, "EUR", "€12.50"),
        (-1250, "EUR", "−€12.50"),
        (1250, "JPY", "¥1,250"),
        (1250, "KWD", "KWD1.250"),
        (21_500, SAT, "21.5 sat"),
        (21_000, SAT, "21 sat"),
    ],
)
def test_amounts_in_english(app: Flask, amount: int, currency: str, said: str) -> None:
    with reading(app, "en"):
        assert format_amount(amount, currency).replace("\xa0", " ") == said


def test_amounts_in_spanish(app: Flask) -> None:
    with reading(app, "es"):
        assert format_amount(123_456_789, "EUR").replace("\xa0", " ") == "1.234.567,89 €"
        assert parse_amount("1.234.567,89 €", "EUR") == 123_456_789
        assert parse_amount("1,5") == 90


def test_a_plus_where_it_is_wanted(app: Flask) -> None:
    with reading(app, "en"):
        assert format_amount(90, signed=True) == "+1 h 30 min"
        assert format_amount(-90, signed=True) == "−1 h 30 min"
        assert format_amount(0, signed=True) == "0 h"


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("1:30", 90),
        ("1.5", 90),
        ("1,5", 90),
        ("1 h 30 min", 90),
        ("1h30", 90),
        ("90 min", 90),
        ("2", 120),
        (" 2 h ", 120),
        ("0:05", 5),
        ("-1:30", -90),
        ("−1:30", -90),
        ("1.25 h", 75),
    ],
)
def test_hours_as_people_type_them(app: Flask, typed: str, minutes: int) -> None:
    with reading(app, "en"):
        assert parse_amount(typed) == minutes


@pytest.mark.parametrize(
    "typed", ["", "x", "h", "0.33", "12:75", "1e5", "NaN", "Infinity", "--3", "1:2:3", "9" * 50, "1;2", "٣h٣h"]
)
def test_hours_that_nobody_can_mean(app: Flask, typed: str) -> None:
    with reading(app, "en"), pytest.raises(DomainError) as refused:
        parse_amount(typed)
    assert refused.value.field == "amount"


@pytest.mark.parametrize("typed", ["12,50", "12.505", "1e3", "", "€", "EUR", "1,23,4.5", "NaN", "0x10"])
def test_money_that_could_be_misread_is_refused(app: Flask, typed: str) -> None:
    with reading(app, "en"), pytest.raises(DomainError):
        parse_amount(typed, "EUR")


@pytest.mark.parametrize("typed", ["12.50", "€12.50", "EUR 12.5", "12.5 eur", "+12.50", "€ 12.50"])
def test_money_as_people_type_it(app: Flask, typed: str) -> None:
    with reading(app, "en"):
        assert parse_amount(typed, "EUR") == 1250


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(CURRENCIES - {SAT})), st.sampled_from(["en", "es"]))
def test_what_is_shown_can_be_typed(app: Flask, amount: int, currency: str, locale: str) -> None:
    with reading(app, locale):
        said = format_amount(amount, currency)
        assert len(said) > 40 or parse_amount(said, currency) == amount
    with reading(app, "en"):
        assert parse_amount(plain_amount(amount, currency), currency) == amount


def test_smallest_units_are_those_of_iso_4217() -> None:
    """CLDR's digits follow habit: they may be fewer, and never more for the currencies it knows."""
    fewer = {code for code, digits in EXPONENTS.items() if code != SAT and digits != get_currency_precision(code)}
    assert all(get_currency_precision(code) < EXPONENTS[code] for code in fewer)
    assert (EXPONENTS["EUR"], EXPONENTS["JPY"], EXPONENTS["BHD"], EXPONENTS["HUF"]) == (2, 0, 3, 2)
    assert all(len(code) == 3 for code in EXPONENTS)
