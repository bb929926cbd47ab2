"""The rules that need no page: names, passwords, hours, devices, addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import availability, devices, emails, languages, names, passwords, visiting
from app.accounts.availability import Slot
from app.core.errors import DomainError
from tests.world import World

SUMMER = datetime(2026, 7, 1, tzinfo=UTC)
WINTER = datetime(2026, 1, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "name",
    ["田中 Ken", "Анна Иванова", "José O'Brien-Ruiz", "Nguyễn Thị Ánh", "김 Min", "محمد علی\u200cزاده", "नेपाल क्\u200dष",
     "O’Neil, Jr.", "Ольга", "Θεοδώρα", "Root Beer", "Modesta", "Li", "た な か", "ㄅㄆ 王", "Ana (Weir)"],
)  # fmt: skip
def test_names_of_the_world_pass(app: Flask, name: str) -> None:
    names.require_good(name)


@pytest.mark.parametrize(
    "name",
    ["аdmin", "Admin", "ADMIN", "a d m i n", "Adm1n", "Admln", "r00t", "rnoderator", "Ѕүѕтем", "Guildhall Support",
     "The Admins", "former member", "ｒｏｏｔ", "Suppοrt", "Ωmega", "김あ", "Paulа"],
)  # fmt: skip
def test_look_alikes_are_refused_with_a_reason(app: Flask, name: str) -> None:
    with pytest.raises(DomainError, match=r"alphabet|people who run") as refused:
        names.require_good(name)
    assert refused.value.field == "name"


@pytest.mark.parametrize(
    "name",
    ["", "x" * 61, "ana\u200bmaria", "ana\u202emaria", "\u2066ana", "ana\u200dmaria", "\ue000", "123", "♥♥♥", "Ana 🌻",
     "<script>", "a\u0301\u0301\u0301\u0301\u0301", "ana\u0000", "ana\nmaria", "Ⅳ"],
)  # fmt: skip
def test_what_is_no_name_is_refused(app: Flask, name: str) -> None:
    with pytest.raises(DomainError):
        names.require_good(name)


@given(st.text(max_size=70))
def test_any_text_is_answered(shared_app: Flask, text: str) -> None:
    with shared_app.app_context():
        try:
            names.require_good(text)
        except DomainError as error:
            assert error.message
        assert isinstance(emails.key(text), str)


@pytest.mark.parametrize(
    "password", ["password", "12345678", "qwertyuiop", "aaaaaaaaaa", "alice1234", "alice@example.org"]
)
def test_guessable_passwords_are_refused(app: Flask, password: str) -> None:
    with pytest.raises(DomainError, match="guess"):
        passwords.require_good(password, "Alice Adeyemi", "alice@example.org")


@pytest.mark.parametrize("password", ["velvet otter umbrella", "каштан и самовар", "x9!kQ2#pL", "  blanks count  "])
def test_other_passwords_pass_without_rules(app: Flask, password: str) -> None:
    passwords.require_good(password, "Alice Adeyemi", "alice@example.org")


def test_a_long_password_counts_to_its_end(app: Flask) -> None:
    long = "velvet otter umbrella " * 9
    assert passwords.matches(passwords.hashed(long), long)
    assert not passwords.matches(passwords.hashed(long), long[:-1])


def test_one_password_typed_in_two_unicode_forms_is_one(app: Flask) -> None:
    assert passwords.matches(passwords.hashed("caf\u00e9 con leche"), "cafe\u0301 con leche")


def test_hours_move_with_the_zone() -> None:
    monday_evening = [Slot(0, 18 * 60, 20 * 60)]
    assert availability.utc_hours(monday_evening, "UTC", SUMMER) == {18, 19}
    assert availability.utc_hours(monday_evening, "Europe/Berlin", SUMMER) == {16, 17}
    assert availability.utc_hours(monday_evening, "Europe/Berlin", WINTER) == {17, 18}


def test_an_hour_counts_from_half_of_it() -> None:
    assert availability.utc_hours([Slot(0, 10 * 60 + 30, 11 * 60)], "UTC", SUMMER) == {10}
    assert availability.utc_hours([Slot(0, 10 * 60 + 31, 11 * 60)], "UTC", SUMMER) == set()
    assert availability.utc_hours([Slot(0, 9 * 60, 11 * 60)], "Asia/Kolkata", SUMMER) == {3, 4, 5}


def test_the_week_is_round() -> None:
    assert availability.utc_hours([Slot(0, 0, 60)], "Europe/Berlin", SUMMER) == {166}
    assert availability.utc_hours([Slot(6, 23 * 60, 24 * 60)], "America/New_York", SUMMER) == {3}


@given(
    st.lists(
        st.builds(
            lambda d, s, n: Slot(d, s, min(s + n, 1440)), st.integers(0, 6), st.integers(0, 1439), st.integers(1, 600)
        ),
        max_size=9,
    ),
    st.sampled_from(["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Kiritimati"]),
)
def test_every_hour_is_an_hour_of_the_week(slots: list[Slot], zone: str) -> None:
    assert availability.utc_hours(slots, zone, SUMMER) <= set(range(168))


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537 Chrome/126.0 Safari/537 Edg/126.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 14) AppleWebKit/537 Chrome/126.0 Mobile Safari/537", "Chrome on Android"),
        ("curl/8.5", "curl"),
        ("", "Unknown device"),
        ("<script>alert(1)</script>", "Unknown device"),
    ],
)  # fmt: skip
def test_devices_are_told_in_words(app: Flask, agent: str, words: str) -> None:
    assert devices.in_words(devices.described(agent)) == words


def test_addresses_are_one_in_any_spelling(app: Flask) -> None:
    assert emails.key("Alice@EXAMPLE.org") == emails.key("alice@example.ORG")
    assert emails.key("a@exämple.org") == emails.key("a@xn--exmple-cua.org")


@pytest.mark.parametrize(
    "text", ["alice", "alice@", "@example.org", "a b@example.org", "a@b@example.org", "a@localhost"]
)
def test_what_is_no_address_is_refused(app: Flask, text: str) -> None:
    with pytest.raises(DomainError):
        emails.normal(text)


def test_every_language_has_a_name(app: Flask) -> None:
    choices = languages.choices()
    assert [code for code, _name in choices[:2]] == ["en", "es"]
    assert all(name and name != code for code, name in choices)
    assert len({code for code, _name in choices}) == len(choices) > 150


def test_the_members_own_statement_is_built_once(as_: Any, world: World, app: Flask) -> None:
    as_("alice").get("/")
    built = app.extensions[visiting.STATEMENT]
    as_("bob").get("/members")
    assert app.extensions[visiting.STATEMENT] is built
