"""What is uploaded: a CSV file, or the ZIP that TimeOverflow gives to an administrator. Nothing is ever unpacked."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.errors import DomainError
from app.core.text import clean, printable
from app.imports.models import CSV, TIMEOVERFLOW
from app.imports.tables import FIELD

MOST_BYTES = 2 * 1024 * 1024
MOST_ARCHIVE_BYTES = 6 * 1024 * 1024
# Years of transfers are a few megabytes of text; nobody's archive holds more than this.
MOST_UNPACKED = 64 * 1024 * 1024
# The largest of the other lists: transfers of some decades.
MOST_OTHER_BYTES = 24 * 1024 * 1024
MOST_MEMBERS = 20
LONGEST_NAME = 120
MEMBERS = re.compile(r"Members_\d{4}-\d\d-\d\d\.csv")
ENCRYPTED = 0x1
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    OverflowError,
)


class TooLarge(DomainError):
    """More bytes than an import takes."""

    status = 413


@dataclass(frozen=True)
class Opened:
    """The list of members in an upload: its file's name, models.CSV or models.TIMEOVERFLOW, and the CSV itself.

    `archive` is the whole of what it was in, None for a single file.
    """

    name: str
    kind: str
    content: bytes
    archive: bytes | None = None


@dataclass(frozen=True)
class Others:
    """The other lists of an archive, None for one that it does not hold."""

    transfers: bytes | None = None
    inquiries: bytes | None = None
    offers: bytes | None = None


def opened(name: str, data: bytes) -> Opened:
    """Raises DomainError (field "upload") for what cannot be a list of members, TooLarge for too much."""
    shown = clean(printable(name))[-LONGEST_NAME:] or "members.csv"
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return Opened(shown, TIMEOVERFLOW, _members_in(data), data)
    _require_small(len(data))
    if not data.strip():
        raise DomainError(_("This file is empty."), FIELD)
    return Opened(shown, TIMEOVERFLOW if MEMBERS.fullmatch(shown) else CSV, data)


def _members_in(data: bytes) -> bytes:
    if len(data) > MOST_ARCHIVE_BYTES:
        raise TooLarge(_("An archive may have up to %(max)d MB.", max=MOST_ARCHIVE_BYTES // 1024**2), FIELD)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            chosen = _chosen(archive.infolist())
            _require_small(chosen.file_size)
            with archive.open(chosen) as file:
                content = file.read(MOST_BYTES + 1)
    except BROKEN as error:
        raise DomainError(_("This archive is damaged. Download it from TimeOverflow once more."), FIELD) from error
    _require_small(len(content))
    return content


def others_in(archive: bytes | None) -> Others:
    """Raises DomainError as `opened` does, for an archive that it has taken."""
    if archive is None:
        return Others()
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as file:
            return Others(*(_other(file, name) for name in ("Transfers", "Inquiries", "Offers")))
    except BROKEN as error:
        raise DomainError(_("This archive is damaged. Download it from TimeOverflow once more."), FIELD) from error


def _other(archive: zipfile.ZipFile, name: str) -> bytes | None:
    found = [each for each in archive.infolist() if re.fullmatch(rf"{name}_\d{{4}}-\d\d-\d\d\.csv", each.filename)]
    if len(found) != 1:
        return None
    with archive.open(found[0]) as file:
        content = file.read(MOST_OTHER_BYTES + 1)
    if len(content) > MOST_OTHER_BYTES:
        raise TooLarge(_("The list of %(name)s in this archive is too large.", name=name), FIELD)
    return content


def _chosen(members: list[zipfile.ZipInfo]) -> zipfile.ZipInfo:
    """The one file with the members, in an archive that is as TimeOverflow writes it."""
    if any(member.filename.startswith(("xl/", "content.xml")) for member in members):
        raise DomainError(_("This is a spreadsheet. Save it as CSV (UTF-8) and choose that file."), FIELD)
    suspicious = len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED
    if suspicious or any(_is_strange(member) for member in members):
        raise DomainError(
            _("This archive is not one of TimeOverflow's: those hold four CSV files and nothing else."), FIELD
        )
    found = [member for member in members if MEMBERS.fullmatch(member.filename)]
    if len(found) != 1:
        raise DomainError(_("There is no list of members in this archive (Members_ and a date, as CSV)."), FIELD)
    return found[0]


def _is_strange(member: zipfile.ZipInfo) -> bool:
    """Locked, in a folder, an archive again, or packed in a way that nobody needs."""
    named = re.fullmatch(r"\w+_\d{4}-\d\d-\d\d\.csv", member.filename) is not None
    usual = member.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    return not named or not usual or bool(member.flag_bits & ENCRYPTED) or member.file_size > MOST_UNPACKED


def _require_small(size: int) -> None:
    if size > MOST_BYTES:
        raise TooLarge(_("A list may have up to %(max)d MB. Split it in two.", max=MOST_BYTES // 1024**2), FIELD)
