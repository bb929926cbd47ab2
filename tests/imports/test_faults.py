"""The dry run: what a file holds is read as it was meant, and every fault of every row is named at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.accounts.models import User
from app.core.clock import now
from app.core.db import db
from app.core.errors import DomainError
from app.imports import archives, columns, tables
from app.imports.models import CSV, TIMEOVERFLOW
from app.imports.values import check
from tests.directory.people import add_member
from tests.imports.lists import (
    ANA,
    TIMEOVERFLOW_TITLES,
    TITLES,
    dry_run,
    exported,
    letters,
    listed,
    people,
    person,
    take_in,
    written,
    zipped,
)
from tests.world import World

TOMORROW = (now() + timedelta(days=2)).date().isoformat()
GOOD_TIMEOVERFLOW = ("7", "Rosa Ruiz", "", "", "", "2018-05-06 18:05:11 UTC", "", "es", "-5400")
WRONG = [
    ("name", "", "missing"),
    ("name", "x" * 61, "At most 60"),
    ("name", "The Admin Team", "could be taken for"),
    ("name", "evil.com", "address on the web"),
    ("name", "Ann\u200bOne", "invisible"),
    ("name", "nul\x00", "cannot be stored"),
    ("name", "=cmd|' /C calc'!A0", "made of letters"),
    ("email", "plain", "not an e-mail address"),
    ("email", "a@b", "not an e-mail address"),
    ("email", "a@example.org\x00", "cannot be stored"),
    ("email", "a" * 300 + "@example.org", "not an e-mail address"),
    ("number", "0", "from 1 to"),
    ("number", "-3", "from 1 to"),
    ("number", "3.5", "from 1 to"),
    ("number", "٣", "from 1 to"),
    ("number", "9" * 40, "from 1 to"),
    ("number", "1e3", "from 1 to"),
    ("joined", "2019-02-30", "no such day"),
    ("joined", "yesterday", "no such day"),
    ("joined", "12/31/2019", "no such day"),
    ("joined", "0001-01-01", "no such day"),
    ("joined", "9" * 400, "no such day"),
    ("joined", TOMORROW, "not come yet"),
    ("phone", "call me", "not a telephone number"),
    ("phone", "12", "not a telephone number"),
    ("phone", "6" * 41, "not a telephone number"),
    ("languages", "Klingon", "not known here"),
    ("place", "x" * 81, "at most 80"),
    ("about", "x" * 1001, "at most 1000"),
    ("note", "x" * 2001, "at most 2000"),
    ("note", "\u202etxet", "cannot be stored"),
    ("offers", "x" * 51, "At most 50"),
    ("offers", "123", "at least one letter"),
    ("wants", "Ру\u0441сkий", "mixes alphabets"),
    ("languages", "en," * 16, "room for 15"),
    ("about", "x" * 6000, "at most 5000"),
    ("offers", ", ".join(f"Skill {letters(n)}" for n in range(51)), "room for 50"),
]


@pytest.mark.parametrize(("column", "value", "reason"), WRONG, ids=lambda value: str(value)[:20])
def test_each_fault_names_line_column_value_and_reason(world: World, column: str, value: str, reason: str) -> None:
    faults, _matched = dry_run(listed([person(1), person(2, **{column: value})]))
    assert [(fault.line, fault.column) for fault in faults] == [(3, column)], faults
    assert reason in faults[0].reason
    assert "\x00" not in faults[0].value and len(faults[0].value) <= 81


def test_300_rows_and_five_kinds_of_faults(world: World) -> None:
    """Each is named with its row; mended, the file goes through, and once more it changes nothing."""
    good = people(300)
    broken = {
        4: {"name": ""},
        77: {"email": "person(at)example.net"},
        150: {"joined": "2020-02-30"},
        222: {"number": good[9][0]},
        299: {"email": good[0][2]},
    }
    rows = [person(n, **broken.get(n, {})) for n in range(1, 301)]
    faults, _matched = dry_run(listed(rows))
    assert [(fault.line, fault.column) for fault in faults] == [
        (5, "name"), (78, "email"), (151, "joined"), (223, "number"), (300, "email"),
    ]  # fmt: skip
    assert len({fault.reason for fault in faults}) == 5
    before = db.session.scalar(select(func.count()).select_from(User))
    with pytest.raises(DomainError):
        take_in(world.admin, listed(rows))
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(User)) == before
    assert take_in(world.admin, listed(good)).added == 300
    assert take_in(world.admin, listed(good)).added == 0


def test_many_faults_in_one_row_are_all_named(world: World) -> None:
    wrong = {"name": "", "email": "x", "number": "0", "phone": "?", "joined": "x", "languages": "Klingon, xx"}
    faults, _matched = dry_run(listed([person(1, **wrong)]))
    assert Counter(fault.column for fault in faults) == {**dict.fromkeys(wrong, 1), "languages": 2}


def test_what_stands_in_the_file_twice(world: World) -> None:
    faults, _matched = dry_run(
        listed([
            person(1, email="Same@example.net"),
            person(2, email="same@EXAMPLE.net"),
            person(3, number="1001"),
            person(4, number="", email="", name="Eva Sanz"),
            person(5, number="", email="", name="EVA  sanz"),
        ])
    )  # fmt: skip
    assert [(fault.line, fault.column) for fault in faults] == [(3, "email"), (4, "number"), (6, "name")]
    assert "line 2" in faults[0].reason and "line 5" in faults[2].reason


def test_members_who_stand_in_the_way(world: World) -> None:
    taken = db.session.get_one(User, world.bob).number
    faults, _matched = dry_run(
        listed([
            person(1, email="alice@example.org", name="Alina Other"),
            person(2, number=str(taken)),
            person(3, number=str(taken + 1), name="Carol Castillo", email="carol@example.net"),
        ])
    )  # fmt: skip
    assert [(fault.line, fault.column) for fault in faults] == [(2, "email"), (3, "number"), (4, "email")]
    assert "Alice Adeyemi" in faults[0].reason and "Bob Brandt" in faults[1].reason


def test_who_left_is_not_brought_back_by_number(world: World) -> None:
    olga = add_member("Olga Offline")
    number = db.session.get_one(User, olga).number
    db.session.get_one(User, olga).emptied_at = db.session.get_one(User, olga).closed_at = now()
    db.session.commit()
    faults, matched = dry_run(listed([person(1, number=str(number), name="Olga Offline", email="")]))
    assert [fault.column for fault in faults] == ["number"] and not matched.known


def test_two_people_of_one_name_are_two(world: World) -> None:
    """Nobody is taken for a member with an address because of the name alone."""
    faults, matched = dry_run(listed([person(1, name="Alice Adeyemi", email="", number="")]))
    assert not faults and len(matched.new) == 1


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    ("encoding", "named"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16")],
)
def test_spreadsheets_write_in_many_ways(world: World, separator: str, encoding: str, named: str) -> None:
    content = written([TITLES, ANA], separator, encoding)
    table = tables.read(CSV, content)
    assert table.encoding == named
    [ana] = check(table).people
    assert (ana.name, ana.number, ana.languages) == ("Ana Pérez", 101, ("es", "en"))


def test_headers_in_english_and_spanish_and_any_case(world: World) -> None:
    for header in (
        ["NÚMERO", "Nombre y apellidos", "Correo electrónico", "Teléfono", "Localidad", "Idiomas", "Fecha de alta"],
        ["Member number", " Full  Name ", "E-Mail", "Mobile", "Town", "LANGUAGES", "Member since"],
    ):
        table = tables.read(CSV, written([header, ANA[:7]]))
        assert list(table.headers) == list(TITLES[:7]) and not table.ignored
        [ana] = check(table).people
        assert ana.joined and ana.email == "ana@example.net"


def test_the_template_can_be_taken_in(world: World) -> None:
    content = written([columns.EXAMPLE.keys(), columns.EXAMPLE.values()])  # type: ignore[list-item]
    faults, matched = dry_run(content)
    assert not faults and matched.new[0].name == "Ana Pérez"


def test_unknown_columns_are_left_and_named(world: World) -> None:
    table = tables.read(CSV, written([("name", "shoe size", "email"), ("Ann One", "42", "")]))
    assert table.ignored == ["shoe size"] and check(table).people[0].name == "Ann One"


def test_a_long_name_of_a_column_is_not_repeated_at_every_fault(world: World) -> None:
    content = written([("n" * 100_000, *TIMEOVERFLOW_TITLES[1:]), ("x", *GOOD_TIMEOVERFLOW[1:])])
    faults, _matched = dry_run(zipped(content), "export.zip")
    assert [len(fault.column) for fault in faults] == [60]
    assert tables.read(CSV, written([("name", "\u202eshoe" * 999), ("Ann One", "42")])).ignored[0].startswith("shoes")


def test_lines_are_counted_as_an_editor_does(world: World) -> None:
    content = b'name,about,email\nAnn One,"two\nlines",x\n\n   ,,\nBen Two,,y\n'
    faults, _matched = dry_run(content)
    assert [(fault.line, fault.value) for fault in faults] == [(2, "x"), (6, "y")]


def test_quoted_lines_are_kept(world: World) -> None:
    table = tables.read(CSV, b'name,about\r\nAnn One,"I have\r\ntime, often."\r\n')
    assert check(table).people[0].about == "I have\ntime, often."


def test_dates_are_read_with_the_day_first(world: World) -> None:
    dates = ["2019-03-01", "1.3.2019", "01/03/2019", "2019/3/1", "2019-03-01 18:05:11 UTC", "2019-03-01 20:05:11 +0200"]
    table = tables.read(CSV, written([("name", "joined"), *((f"Person {letters(n)}", d) for n, d in enumerate(dates))]))
    assert {str(one.joined.date()) for one in check(table).people if one.joined} == {"2019-03-01"}


def test_a_value_too_many_is_named(world: World) -> None:
    faults, _matched = dry_run(b"name,place\nAnn One,Riverton, the old part\n")
    assert [(fault.line, fault.column) for fault in faults] == [(2, "")]


def test_an_apostrophe_against_formulas_is_not_part_of_a_number(world: World) -> None:
    table = tables.read(CSV, written([("name", "phone"), ("Ann One", "'+34 600 123 456")]))
    assert check(table).people[0].phone == "+34 600 123 456"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b" \n ", "empty"),
        (b"\xff\xfe\x00", "not a text file"),
        (b"\x81\x8d\x8f\x90\x9d" * 9, "not a text file"),
        (b"name\n", "nobody in this file"),
        (b"email,place\na@example.org,here\n", "one of them has to be"),
        (b"name,nombre\nAnn,Ann\n", "Two columns mean the same"),
        (b'name\n"Ann\n', "line 2 cannot be read"),
        (b'name\nAnn\n"Ben"x\n', "line 3 cannot be read"),
        (b'name,about\nAnn,"' + b"x" * 200_000 + b'"\n', "cannot be read"),
        (b"name" + b",x" * 200 + b"\nAnn" + b",x" * 200, "too many columns"),
        (b"name" + b",x" * 900_000 + b"\nAnn\n", "Line 1 has far too many columns"),
        (b"name\n" + b"Ann\n" * 5001, "At most 5000"),
    ],
)
def test_what_is_no_list_is_refused_in_words(world: World, content: bytes, reason: str) -> None:
    with pytest.raises(DomainError) as refusal:
        tables.read(CSV, archives.opened("list.csv", content).content)
    assert reason in refusal.value.message and refusal.value.status == 422


def test_too_much_is_413(world: World) -> None:
    with pytest.raises(archives.TooLarge) as refusal:
        archives.opened("list.csv", b"name\n" + b"x" * archives.MOST_BYTES)
    assert refusal.value.status == 413


def test_timeoverflow_is_read_by_position(world: World) -> None:
    file = archives.opened("export.zip", exported([GOOD_TIMEOVERFLOW]))
    assert file.kind == TIMEOVERFLOW
    [rosa] = check(tables.read(file.kind, file.content)).people
    assert (rosa.number, rosa.name, rosa.locale, rosa.balance) == (7, "Rosa Ruiz", "es", -5400)
    alone = archives.opened("Members_2026-11-20.csv", file.content)
    assert alone.kind == TIMEOVERFLOW


def test_faults_of_timeoverflow_are_named_in_its_own_words(world: World) -> None:
    faults, _matched = dry_run(exported([GOOD_TIMEOVERFLOW, ("8", "", "x", "", "", "", "", "es", "1.5")]), "export.zip")
    assert [(fault.line, fault.column) for fault in faults] == [(3, "Nombre"), (3, "Correo"), (3, "Saldo")]


def test_an_export_of_another_shape_is_refused(world: World) -> None:
    with pytest.raises(DomainError, match="9 columns"):
        dry_run(zipped(b"a,b,c\n1,2,3\n"), "export.zip")


def test_a_file_of_nothing_but_faults_is_not_read_to_its_end(world: World) -> None:
    cells = ("x", "", "x", "12", "", "q,q,q,q,q,q", "x", "1,1,1,1", "2,2,2,2", "", "")
    faults, _matched = dry_run(listed([cells] * 5000))
    assert 10_000 <= len(faults) < 30_000
