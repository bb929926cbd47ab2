"""Lists of members for the pages that show them: one taken in, a good one, a faulty one and one that brings nothing."""

from __future__ import annotations

from app.core.db import db
from app.imports import archives, operations, tables, values
from app.imports.operations import Importer
from tests.world import World

BROUGHT = "number,name,email,joined\n71,Berta Brought,berta@example.net,2019-03-01\n"
GOOD = (
    "number,name,email,phone,place,joined,offers,wants,colour\n"
    "81,Ana Pérez,ana@example.net,600 123 456,Riverton,2019-03-01,Gardening; Kite repair,Bicycle repair,red\n"
    "82,Otto Ohnemail,,600 123 457,Hillford,1.3.2020,,,\n"
    "71,Berta Brought,berta@example.net,,,2019-03-01,,,\n"
)
FAULTY = (
    "number,name,email,phone,joined,languages\n"
    "91,,ana@example.net,600 123 456,2019-03-01,Spanish\n"
    "92,Luis Gil,luis.example.net,call me,2019-02-30,Klingon\n"
    "1,Eva Sanz,eva@example.net,,2099-01-01,\n"
    "91,Ana Pérez,ana@example.net,,,\n"
)


def add_imports(ids: World) -> dict[str, int | str]:
    """Commits; what stands for the braces in the paths."""
    known = archives.opened("old-list.csv", BROUGHT.encode())
    table = tables.read(known.kind, known.content)
    first = operations.stage(ids.admin, known)
    operations.take_in(Importer(ids.admin, "UTC", "en"), first, table, values.check(table))
    places: dict[str, int | str] = {"import_known": operations.stage(ids.admin, known)}
    places["import_file"] = stage_list(ids.admin, "members.csv", GOOD)
    places["import_faulty"] = stage_list(ids.admin, "faulty.csv", FAULTY)
    return places


def stage_list(uploader_id: int, name: str, text: str) -> int:
    """A list that waits for its uploader. Commits; its id."""
    upload_id = operations.stage(uploader_id, archives.opened(name, text.encode()))
    db.session.commit()
    db.session.remove()
    return upload_id
