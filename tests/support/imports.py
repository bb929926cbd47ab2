"""Lists of members for the pages that show them: one taken in, a good one, a faulty one and one that brings nothing."""

from __future__ import annotations

import io
import zipfile

from app.core.db import db
from app.imports import archives, operations
from app.imports.operations import Importer
from app.imports.reading import looked_at
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
    first = operations.stage(ids.admin, known)
    operations.take_in(Importer(ids.admin, "UTC", "en"), first, looked_at(known.kind, known.content, None))
    places: dict[str, int | str] = {"import_known": operations.stage(ids.admin, known)}
    places["import_file"] = stage_list(ids.admin, "members.csv", GOOD)
    places["import_bank"] = operations.stage(ids.admin, archives.opened("timebank.zip", _bank()))
    places["import_faulty"] = stage_list(ids.admin, "faulty.csv", FAULTY)
    return places


def _bank() -> bytes:
    """What a small time bank brings along: four balances, one with seconds, and the transfers that make them."""
    titles = "number,name,email,phone,other,created,seen,locale,balance\n"
    rows = (
        ("301", "Ana Pérez", 12_600),
        ("302", "Luis Gil", -9_030),
        ("303", "Eva Sanz", -3_600),
        ("304", "Pau Mas", 0),
    )
    members = titles + "".join(
        f"{number},{name},,,,2019-03-01 10:00:00 UTC,,es,{balance}\n" for number, name, balance in rows
    )
    moved = (("Luis Gil (302)", "Ana Pérez (301)", "2:30"), ("Eva Sanz (303)", "Ana Pérez (301)", "1:00"))
    transfers = "created,from,to,title,quantity\n" + "".join(
        f"2024-03-01 18:05:11 UTC,{giver},{getter},,{quantity}\n" for giver, getter, quantity in moved
    )
    offers = "id,title,tags,member,created\n,Household,,,\n7,Ironing,,Ana Pérez (301),2024-03-01 18:05:11 UTC\n"
    lists = {"Members": members, "Transfers": transfers, "Offers": offers}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in lists.items():
            archive.writestr(f"{name}_2026-11-20.csv", text)
    return packed.getvalue()


def stage_list(uploader_id: int, name: str, text: str) -> int:
    """A list that waits for its uploader. Commits; its id."""
    upload_id = operations.stage(uploader_id, archives.opened(name, text.encode()))
    db.session.commit()
    db.session.remove()
    return upload_id
