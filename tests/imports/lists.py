"""Lists of members as spreadsheets and TimeOverflow write them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from app.accounts.models import User
from app.core.db import db
from app.imports import archives, matching, operations, tables, values
from app.imports.operations import Importer, Outcome
from app.imports.reading import Looked

TITLES = ("number", "name", "email", "phone", "place", "languages", "joined", "offers", "wants", "about", "note")
TIMEOVERFLOW_TITLES = ("Número", "Nombre", "Correo", "Tel.", "Otro tel.", "Alta", "Último acceso", "Idioma", "Saldo")
ANA = ("101", "Ana Pérez", "ana@example.net", "600 123 456", "Riverton", "Spanish, English", "2019-03-01",
       "gardening, Kite repair", "js", "I have time.", "Call her.")  # fmt: skip
OTTO = ("102", "Otto Ohnemail", "", "600 123 457", "Hillford", "", "", "", "", "", "")
LUIS = ("Luis Gil", "luis@example.net")


def written(rows: Iterable[Sequence[str]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def people(count: int, start: int = 1) -> list[tuple[str, ...]]:
    """So many good rows, two of three with an address, every one with a number."""
    return [person(number) for number in range(start, start + count)]


def person(number: int, /, **cells: str) -> tuple[str, ...]:
    known = {
        "number": str(1000 + number),
        "name": f"Person {letters(number)}",
        "email": f"person{number}@example.net" if number % 3 else "",
        "joined": "2020-02-29",
        "offers": "gardening",
        "languages": "es",
    }
    return tuple({**known, **cells}.get(title, "") for title in TITLES)


def letters(number: int) -> str:
    """A number as letters, because names have no digits only."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)).title()


def listed(rows: Iterable[Sequence[str]]) -> bytes:
    return written([TITLES, *rows])


def zipped(members: bytes | None, **others: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        if members is not None:
            archive.writestr("Members_2026-11-20.csv", members)
        for name, content in others.items():
            archive.writestr(f"{name}_2026-11-20.csv", content)
    return packed.getvalue()


def exported(rows: Iterable[Sequence[str]]) -> bytes:
    """What TimeOverflow gives."""
    others = {"Transfers": b"created,from,to,title,quantity\n", "Inquiries": b"id\n", "Offers": b"id\n"}
    return zipped(written([TIMEOVERFLOW_TITLES, *rows]), **others)


def staged(actor_id: int, content: bytes, name: str = "members.csv") -> int:
    upload_id = operations.stage(actor_id, archives.opened(name, content))
    db.session.commit()
    return upload_id


def dry_run(content: bytes, name: str = "members.csv", moves: bool = False) -> tuple[list[values.Fault], Any]:
    file = archives.opened(name, content)
    table = tables.read(file.kind, file.content)
    checked = values.check(table)
    matched = matching.match(checked.people, table.headers, moves)
    db.session.rollback()
    return sorted([*checked.faults, *matched.faults], key=lambda fault: fault.line), matched


def take_in(actor_id: int, content: bytes, name: str = "members.csv", moves: bool = False) -> Outcome:
    """As the pages do it: put aside, read, checked, taken in. Commits."""
    upload_id = staged(actor_id, content, name)
    if moves:
        operations.choose_numbers(upload_id, actor_id, True)
    file = archives.opened(name, content)
    table = tables.read(file.kind, file.content)
    checked = values.check(table)
    looked = Looked(table, checked, None, [])
    outcome = operations.take_in(Importer(actor_id, "Europe/Madrid", "en"), upload_id, looked)
    db.session.commit()
    return outcome


def named(name: str) -> User:
    db.session.rollback()
    found = db.session.query(User).filter_by(name=name).all()
    assert len(found) == 1, (name, len(found))
    return found[0]
