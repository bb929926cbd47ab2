"""Every form against bad input: the field says what is wrong, nothing typed is lost, nothing is half-saved."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.accounts.models import User
from app.core.db import db
from app.core.images import MOST_BYTES
from tests.architecture.access import MATRIX
from tests.conftest import new_client
from tests.journeys.forms import CASES, Case, Seen, filled
from tests.support.client import CheckedClient
from tests.support.pages import Places
from tests.world import World

As = Callable[[str], CheckedClient]

# Tries are counted whether or not they lead somewhere, and what was tried is on record.
KEEPS_COUNT = {"sign_in_attempts", "audit_events", "leases"}
CATALOGUE = {"skills", "skill_aliases", "skill_categories"}
# Noted every five minutes beside whatever is asked for: a long run meets it in some test.
BESIDE = {"user_sessions.last_seen_at", "user_sessions.address"}
# A name that cannot be proposed takes the button that proposes it along.
FOLLOWS = {"q": {"skill"}}
NEVER_SHOWN = {"password", "current_password"}
BLANKS = ("", "   ", "\u3000\t", "\u00a0")
BROKEN = ("nul\x00", "\x1b[31m", "\x7f", "a\x0bb")
WRONG_CHOICES = ("-1", "0", "99999", "3.5", "NaN", "1e9", "9" * 40, "<b>", "\x00", "٣", "' OR 1=1 --", "None")
WRONG_ADDRESSES = (
    "plain", "a@", "@example.org", "a@@example.org", "a b@example.org", "a@exam ple.org", "a@example",
    "<b>@example.org", "a@example.org\r\nBcc: b@example.org", "a@.org", "a@example..org", "\u202ea@example.org",
    '"><script>"@example.org',
    "a@[127.0.0.1]", "a@-example.org",
)  # fmt: skip
WRONG_PASSWORDS = ("short", "x" * 201, "password1", "aaaaaaaaaaaa", "velvet\x00otter umbrella")
LOOK_ALIKES = (
    "аdmin", "Administrator", "The Guildhall Team", "Аlice", "Αlice", "Ali\u200bce", "\u202eecilA", "<b>Alice</b>",
    "Alice\ufeff", "-1", "12345", "alice@example.org", "Z\u0310\u0352\u0344\u033e\u0311lice",
)  # fmt: skip
WRONG_TIMES = ("25:00", "12:60", "-1:00", "24:01", "noon", "18", "18:00:99", "9" * 60, "<b>", "\x00", "18h30")
WRONG_DAYS = (
    "2027-02-29", "2027-02-30", "2027-13-01", "2027-00-10", "31.12.2027", "-2027-01-01", "0000-00-00", "99999-01-01",
    "2020-01-01", "9999-12-31", "tomorrow", "<b>", "2027-1", "9" * 60,
)  # fmt: skip


@pytest.fixture
def refused(app: Flask, as_: As, places: Places) -> Callable[..., None]:
    """`refused(case, field, value)` posts the good data with `value` in `field` (None: without it) and judges."""

    before = everything()

    def post_and_judge(case: Case, name: str, value: object) -> None:
        good = filled(case.good, places)
        data = {key: each for key, each in good.items() if key != name}
        if value is not None:
            data[name] = value
        browser = as_(case.who) if case.who else new_client(app)
        answer = browser.post(case.path.format(**places), data=data)
        asked = f"{case.name}: {name}={value!r}"
        assert answer.status_code == 422, asked
        page = Seen(answer.text)
        assert page.tells_at(name), f"{asked} is not told at the field"
        assert lost(page, data, {name, *NEVER_SHOWN, *FOLLOWS.get(name, ())}) == [], f"{asked}: what was typed is lost"
        assert everything() == before, f"{asked}: something was saved"

    return post_and_judge


def everything() -> dict[str, list[Any]]:
    """All rows that a form could change; of the catalogue their number."""
    db.session.rollback()
    connection = db.session.connection()
    rows = {
        name: sorted((tuple(row) for row in connection.exec_driver_sql(wanted)), key=repr)
        for name, wanted in statements_for_everything().items()
    }
    db.session.rollback()
    return rows


@cache
def statements_for_everything() -> dict[str, str]:
    """Table → its statement as text: they run thousands of times, and building one takes longer than its answer."""
    statements: dict[str, str] = {}
    for table in db.metadata.sorted_tables:
        if table.name not in KEEPS_COUNT:
            wanted = select(*[column for column in table.columns if str(column) not in BESIDE])
            if table.name in CATALOGUE:
                wanted = select(func.count()).select_from(table)
            statements[table.name] = str(wanted.compile(db.engine))
    return statements


def lost(page: Seen, typed: dict[str, Any], but: set[str]) -> list[str]:
    """The fields of `typed` whose values the page no longer holds."""
    values = {name: value if isinstance(value, list) else [value] for name, value in typed.items() if name not in but}
    return [name for name, each in values.items() if not all(page.holds(name, str(value)) for value in each)]


def fields(kind: str) -> list[Any]:
    """(case, field) for every field of a kind: "required", "texts", "choices" or "passwords"."""
    return [pytest.param(case, name, id=f"{case}-{name}") for case in CASES for name in getattr(case, kind)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_good_is_taken(app: Flask, as_: As, places: Places, case: Case) -> None:
    """Otherwise the refusals below would prove nothing."""
    browser = as_(case.who) if case.who else new_client(app)
    assert browser.post(case.path.format(**places), data=filled(case.good, places)).status_code in {200, 303}


@pytest.mark.parametrize(("case", "name"), fields("required"))
def test_missing(refused: Callable[..., None], case: Case, name: str) -> None:
    for value in (None, "") if name in NEVER_SHOWN | {"sure"} | set(case.choices) else (None, *BLANKS):
        refused(case, name, value)


@pytest.mark.parametrize(("case", "name"), fields("texts"))
def test_too_long(refused: Callable[..., None], case: Case, name: str) -> None:
    for value in ("x" * (case.texts[name] + 1), "ß" * (case.texts[name] + 1), "word " * 20_000):
        refused(case, name, value)


@pytest.mark.parametrize(("case", "name"), fields("texts"))
def test_a_long_text_is_still_there_to_be_cut(app: Flask, as_: As, places: Places, case: Case, name: str) -> None:
    long = "x" * (case.texts[name] + 1)
    browser = as_(case.who) if case.who else new_client(app)
    answer = browser.post(case.path.format(**places), data={**filled(case.good, places), name: long})
    assert Seen(answer.text).holds(name, long)


@pytest.mark.parametrize(("case", "name"), fields("texts"))
def test_what_no_column_holds(refused: Callable[..., None], case: Case, name: str) -> None:
    for value in BROKEN:
        refused(case, name, value)


@pytest.mark.parametrize(("case", "name"), fields("choices"))
def test_what_is_no_choice(refused: Callable[..., None], case: Case, name: str) -> None:
    for value in WRONG_CHOICES:
        refused(case, name, value)


@pytest.mark.parametrize(("case", "name"), [each for each in fields("texts") if each.values[1] == "email"])
def test_what_is_no_address(app: Flask, as_: As, refused: Callable[..., None], case: Case, name: str) -> None:
    if case.name == "sign-in":  # any text may be tried there; it is only compared
        return
    for value in WRONG_ADDRESSES:
        refused(case, name, value)


@pytest.mark.parametrize(("case", "name"), fields("passwords"))
def test_what_is_no_password(refused: Callable[..., None], case: Case, name: str) -> None:
    for value in WRONG_PASSWORDS:
        refused(case, name, value)


@pytest.mark.parametrize(("case", "name"), [each for each in fields("texts") if each.values[1] == "name"])
def test_names_that_look_like_others(refused: Callable[..., None], case: Case, name: str) -> None:
    for value in LOOK_ALIKES:
        refused(case, name, value)


def test_names_of_skills_that_look_like_others(refused: Callable[..., None]) -> None:
    for value in ("Pythоn", "Сhess", "12345", "-1", "!!!", "<>", "\u202e\u2066"):
        refused(case_named("skill-proposed"), "q", value)


def test_times_that_do_not_exist(refused: Callable[..., None]) -> None:
    for name in ("starts_0_0", "ends_0_0"):
        for value in WRONG_TIMES:
            refused(case_named("availability"), name, value)
    refused(case_named("availability"), "ends_0_0", "17:00")
    refused(case_named("availability"), "ends_0_0", None)
    refused(case_named("availability"), "starts_6_2", "")


def test_days_that_do_not_exist(refused: Callable[..., None]) -> None:
    for value in WRONG_DAYS:
        refused(case_named("skill-changed"), "until", value)


def test_a_file_where_a_text_belongs(refused: Callable[..., None]) -> None:
    refused(case_named("profile"), "name", (io.BytesIO(b"Alice"), "name.txt"))
    refused(case_named("sign-up"), "email", (io.BytesIO(b"a@example.org"), "mail.txt"))


@pytest.mark.parametrize("value", ["", "both", "OFFER", "\x00", "-1"])
def test_an_unknown_list_of_skills(as_: As, places: Places, value: str) -> None:
    before = everything()
    for name in ("skill-offered", "skills-ticked"):
        case = case_named(name)
        data = {**filled(case.good, places), "kind": value}
        assert as_(case.who).post(case.path, data=data).status_code == 422
    assert everything() == before


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "nothing.png"),
        (b"just a text", "text.png"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "drawing.svg"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "page.gif"),
        (b"GIF89a" + b"<script>alert(1)</script>" * 20, "both.gif"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "broken.png"),
        (b"\xff\xd8\xff\xe0" + b"\x00" * (MOST_BYTES + 1), "large.jpg"),
        (b"%PDF-1.7\n", "paper.pdf"),
        (b"PK\x03\x04" + b"\x00" * 200, "archive.zip"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_files_that_are_no_pictures(as_: As, world: World, data: bytes, name: str) -> None:
    before = everything()
    answer = upload(as_("alice"), data, name)
    assert answer.status_code == 422
    page = Seen(answer.text)
    assert page.tells_at("picture")
    assert page.holds("name", "Alice Adeyemi")
    assert everything() == before


def test_a_picture_of_too_many_pixels(as_: As, world: World) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    assert upload(as_("alice"), out.getvalue(), "bomb.png").status_code == 422


def test_more_than_a_request_may_hold(as_: As, world: World) -> None:
    assert upload(as_("alice"), b"x" * (9 * 1024 * 1024), "huge.png").status_code == 413
    assert as_("alice").post("/settings/profile", data={"bio": "x" * 600_000, "name": "A"}).status_code in {413, 422}


@pytest.mark.parametrize(
    "path", ["/members", "/matches", "/matches/one-way", "/skills", "/skills/python", "/settings/skills", "/posts"]
)
def test_searches_take_any_text(as_: As, world: World, path: str) -> None:
    names = ("q", "skill", "category", "kind", "level", "place", "language", "weekday", "part", "sort", "direction")
    browser = as_("alice")
    for value in (*WRONG_CHOICES, "%", "_", "\\", '"', "a" * 5000, "é" * 300, "*", "()", "a OR b", "\u202e", "NEAR/2"):
        answer = browser.get(path, query_string=dict.fromkeys(names, value))
        assert answer.status_code == (400 if "\x00" in value else 200), f"{path} {value!r}"


@pytest.mark.parametrize(
    "value", ["-1", "abc", "W10", "WzFd", "e30", "bnVsbA", "9" * 400, "\U0001f600", "W251bGwsbnVsbF0"]
)
def test_a_place_between_pages_that_does_not_exist(as_: As, world: World, value: str) -> None:
    for path in ("/members", "/matches", "/matches/one-way", "/skills/python", "/posts", "/posts/mine", "/exchanges"):
        for name in ("after", "before"):
            assert as_("alice").get(path, query_string={name: value}).status_code == 400, f"{path}?{name}={value}"


# What each address changes in the row of whoever posts to it; everything else stays, whatever is sent along.
OWN_COLUMNS = {
    "/settings/profile": {"pronouns", "bio", "location", "place_key", "learning_style", "updated_at"},
    "/settings/availability": {"timezone", "updated_at"},
    "/settings/account/password": {"password_hash", "updated_at"},
    "/settings/account/closing": {"closed_at", "updated_at"},
    "/settings/privacy": {"paused_at", "updated_at"},
    "/settings/privacy/print": {"in_print", "updated_at"},
}


@pytest.mark.parametrize("case", [case for case in CASES if case.who], ids=str)
def test_no_form_takes_other_columns(as_: As, world: World, places: Places, case: Case) -> None:
    data = {**every_column(world), **filled(case.good, places)}
    changed = changes(world, lambda: as_(case.who).post(case.path.format(**places), data=data))
    assert changed <= OWN_COLUMNS.get(case.path, set())


@pytest.mark.parametrize("access", [each for each in MATRIX if each.method == "POST"], ids=str)
def test_no_address_takes_other_columns(as_: As, world: World, places: Places, access: Any) -> None:
    path = access.path.replace("{alice_session}", "1").format(**places)
    data = {**every_column(world), **access.data}
    changed = changes(world, lambda: as_("alice").post(path, data=data))
    assert changed <= OWN_COLUMNS.get(path, set()) | {"locale", "updated_at"}


def every_column(world: World) -> dict[str, str]:
    """A value for each column of `users` that is not the one it has, and ids that point at somebody else."""
    others = {name: str(world.bob) for name in ("user_id", "owner_id", "member_id", "viewer_id", "blocker_id")}
    values = {column.name: "1" for column in User.__table__.columns}
    values |= {"role": "admin", "email": "x@example.net", "email_key": "x@example.net", "is_active": "", "locale": "es"}
    values |= {"id": str(world.bob), "name": "", "approved_at": "2020-01-01T00:00:00", "password_hash": "x"}
    return {**values, **others}


def changes(world: World, post: Callable[[], TestResponse]) -> set[str]:
    """Columns of `users` that differ after `post`; nobody's but the poster's may."""
    before = members()
    post()
    after = members()
    assert before.keys() == after.keys()
    differing = {who: {name for name, value in row.items() if value != after[who][name]} for who, row in before.items()}
    touched = [who for who, names in differing.items() if names]
    assert len(touched) <= 1, "more than one member was changed"
    assert world.bob not in touched
    return set().union(*differing.values())


def members() -> dict[int, dict[str, Any]]:
    db.session.rollback()
    rows = {row.id: dict(row._mapping) for row in db.session.execute(select(User.__table__))}
    db.session.rollback()
    return rows


def case_named(name: str) -> Case:
    return next(case for case in CASES if case.name == name)


def upload(browser: CheckedClient, data: bytes, name: str) -> TestResponse:
    """As one piece of bytes: the test client leaves its own temporary file open when an upload is large."""
    boundary, body = encode_multipart({"picture": FileStorage(io.BytesIO(data), name)})
    return browser.post("/settings/picture", data=body, content_type=f"multipart/form-data; boundary={boundary}")
