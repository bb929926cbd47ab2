"""Archives that mean harm, or are something else."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from flask import Flask

from app.core.errors import DomainError
from app.imports import archives
from tests.imports.lists import exported, zipped

MEMBERS = "Members_2026-11-20.csv"


def packed(*names: str, content: bytes = b"a", compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name in names:
            archive.writestr(name, content)
    return file.getvalue()


def locked(content: bytes) -> bytes:
    """With the bit that says "encrypted" in both headers of the first file."""
    changed = bytearray(content)
    changed[6] |= 1
    changed[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(changed)


def lying(content: bytes) -> bytes:
    """Says in the directory that a large file is a small one."""
    changed = bytearray(content)
    place = content.index(b"PK\x01\x02") + 24
    changed[place : place + 4] = (100).to_bytes(4, "little")
    return bytes(changed)


def beyond(content: bytes) -> bytes:
    """Says that the first file begins further on than any file is long, in the field for large archives."""
    place = content.index(b"PK\x01\x02")
    directory, end = bytearray(content[place:-22]), bytearray(content[-22:])
    extra = struct.pack("<HHQ", 1, 8, 2**63)
    directory[30:32], directory[42:46] = struct.pack("<H", len(extra)), b"\xff" * 4
    end[12:16] = struct.pack("<L", len(directory) + len(extra))
    return content[:place] + bytes(directory) + extra + bytes(end)


HARMFUL = {
    "path": packed("../Members_2026-11-20.csv"),
    "absolute": packed("/Members_2026-11-20.csv"),
    "folder": packed("export/Members_2026-11-20.csv"),
    "windows": packed("..\\Members_2026-11-20.csv"),
    "nested": packed(MEMBERS, "more.zip"),
    "program": packed(MEMBERS, "run.exe"),
    "many": packed(MEMBERS, *(f"Offers_2026-11-{day:02}.csv" for day in range(1, 29))),
    "two": packed("Members_2026-11-19.csv", MEMBERS),
    "none": packed("Offers_2026-11-20.csv"),
    "nothing": packed(),
    "lzma": packed(MEMBERS, compression=zipfile.ZIP_LZMA),
    "encrypted": locked(packed(MEMBERS)),
    "spreadsheet": packed("[Content_Types].xml", "xl/workbook.xml"),
    "cut": exported([])[:-40],
    "broken": b"PK\x03\x04" + b"\x00" * 200,
    "bomb beside": zipped(b"a,b\n", Transfers=b"0" * (archives.MOST_UNPACKED + 1)),
    "too far": beyond(packed(MEMBERS)),
    "lying": lying(packed(MEMBERS, content=b"0" * 3_000_000)),
}


@pytest.mark.parametrize("kind", HARMFUL)
def test_it_is_refused_with_a_sentence(app: Flask, kind: str) -> None:
    with pytest.raises(DomainError) as refusal:
        archives.opened("export.zip", HARMFUL[kind])
    assert refusal.value.status == 422 and refusal.value.field == "upload"


def test_a_bomb_of_members_is_too_large(app: Flask) -> None:
    with pytest.raises(archives.TooLarge):
        archives.opened("export.zip", zipped(b"0" * (50 * 1024 * 1024)))


def test_a_name_is_shown_without_what_hides(app: Flask) -> None:
    assert archives.opened("a\x00\u202eb" * 100 + ".csv", b"name\nAnn\n").name.endswith("ab.csv")
