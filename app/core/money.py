"""Amounts and their currencies: integers in the smallest unit, written and read in the reader's language.

TIME counts minutes, SAT thousandths of a satoshi, every other currency its minor unit as ISO 4217 (SIX, list one)
says; CLDR's own digits differ from it for some, because they follow habit.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from babel import Locale
from babel.numbers import NumberFormatError, format_decimal, parse_decimal, parse_pattern
from flask_babel import get_locale
from flask_babel import gettext as _

from app.core.errors import DomainError

TIME, SAT = "TIME", "SAT"
MINUTES_AN_HOUR = 60
_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK
DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD UYU UZS VED VES WST XCD YER ZAR ZMW ZWG
"""
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
# How many decimal places the whole unit has; an hour is not a decimal of minutes and stands beside.
EXPONENTS = {
    **dict.fromkeys(_TWO.split(), 2),
    **dict.fromkeys(_NONE.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    SAT: 3,
}
CURRENCIES = frozenset({TIME, *EXPONENTS})
LONGEST_INPUT = 40
NUMBER = re.compile(r"\d[\d.,'’\s]*")
HYPHEN, MINUS = "-", "\N{MINUS SIGN}"
HOURS_AND_MINUTES = re.compile(r"(?:(\d[\d.,'’\s]*?)\s*h)?\s*(?:(\d+)\s*(?:min|m|')?)?", re.IGNORECASE)
CLOCK = re.compile(r"(\d+):([0-5]\d)(?:\s*h)?", re.IGNORECASE)


def format_amount(amount: int, currency: str = TIME, *, signed: bool = False) -> str:
    """ "1 h 30 min", "€12.50", "21.5 sat"; `signed` puts a plus before what is more than nothing.

    What is less than nothing has a minus, which is read aloud; a hyphen is not.
    """
    plus = "+" if signed and amount > 0 else ""
    if currency == TIME:
        said = _format_time(amount)
    elif currency == SAT:
        value = Decimal(amount).scaleb(-EXPONENTS[SAT])
        said = _("%(amount)s sat", amount=format_decimal(value, "#,##0.###", locale=_locale()))
    else:
        said = _format_money(amount, currency)
    return plus + said.replace(HYPHEN, MINUS)


def parse_amount(text: str, currency: str = TIME) -> int:
    """The amount that somebody typed, in the smallest unit: "1:30", "1.5", "1 h 30 min", "90 min", "12.50".

    Raises DomainError at the field `amount` for what cannot be read or is finer than the smallest unit.
    """
    text = text.strip()
    if not text or len(text) > LONGEST_INPUT:
        raise DomainError(_help(currency), "amount")
    sign, text = (-1, text[1:]) if text[0] in (HYPHEN, MINUS) else (1, text.removeprefix("+"))
    if currency == TIME:
        return sign * _parse_time(text.strip())
    value = _decimal(_without_symbol(text.strip(), currency), currency)
    return sign * _whole(value.scaleb(EXPONENTS[currency]), currency)


def plain_amount(amount: int, currency: str = TIME) -> str:
    """For files and input fields, the same in every language: hours as 1:30, money as 12.50."""
    sign, size = "-" if amount < 0 else "", abs(amount)
    if currency == TIME:
        return f"{sign}{size // MINUTES_AN_HOUR}:{size % MINUTES_AN_HOUR:02}"
    return f"{sign}{Decimal(size).scaleb(-EXPONENTS[currency]):f}"


def _format_time(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), MINUTES_AN_HOUR)
    locale = _locale()
    values = {"hours": format_decimal(hours, locale=locale), "minutes": str(rest)}
    if hours and rest:
        said = _("%(hours)s h %(minutes)s min", **values)
    else:
        said = _("%(minutes)s min", minutes=values["minutes"]) if rest else _("%(hours)s h", hours=values["hours"])
    return f"{MINUS}{said}" if minutes < 0 else said


def _format_money(amount: int, currency: str) -> str:
    locale, digits = _locale(), EXPONENTS[currency]
    pattern = parse_pattern(locale.currency_formats["standard"].pattern)
    pattern.frac_prec = (digits, digits)
    return pattern.apply(Decimal(amount).scaleb(-digits), locale, currency=currency, currency_digits=False)


def _parse_time(text: str) -> int:
    if clock := CLOCK.fullmatch(text):
        return int(clock[1]) * MINUTES_AN_HOUR + int(clock[2])
    spelled = HOURS_AND_MINUTES.fullmatch(text)
    if spelled and (spelled[1] or spelled[2]) and not text.isdecimal():
        hours = _decimal(spelled[1], TIME) if spelled[1] else Decimal(0)
        return _whole(hours * MINUTES_AN_HOUR, TIME) + int(spelled[2] or 0)
    return _whole(_decimal(text, TIME) * MINUTES_AN_HOUR, TIME)


def _decimal(text: str, currency: str) -> Decimal:
    """Of hours also the other decimal sign is taken: 1.5 and 1,5 cannot mean anything else."""
    if not NUMBER.fullmatch(text):
        raise DomainError(_help(currency), "amount")
    tries: list[Callable[[], Decimal]] = [lambda: parse_decimal(text, locale=_locale(), strict=True)]
    if currency == TIME and re.fullmatch(r"\d+[.,]\d{1,2}", text):
        tries.insert(0, lambda: Decimal(text.replace(",", ".")))
    for attempt in tries:
        with suppress(NumberFormatError):
            return attempt()
    raise DomainError(_help(currency), "amount")


def _whole(value: Decimal, currency: str) -> int:
    if value != value.to_integral_value():
        raise DomainError(_help(currency), "amount")
    return int(value)


def _without_symbol(text: str, currency: str) -> str:
    symbol = _locale().currency_symbols.get(currency, currency)
    for word in (currency, currency.lower(), symbol):
        text = text.removeprefix(word).removesuffix(word).strip()
    return text


def _help(currency: str) -> str:
    if currency == TIME:
        return _("Write hours and minutes, for example 1:30, or hours, for example 1.5.")
    return _("Write an amount, for example %(example)s.", example=format_amount(1250, currency))


def _locale() -> Locale:
    return get_locale() or Locale("en")
