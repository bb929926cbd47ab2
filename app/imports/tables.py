"""From a file to rows of text: what is separated how, and in which line each row begins.

Spreadsheets write commas, semicolons or tabs, UTF-8 with or without a mark at its beginning, or Windows-1252.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from app.core.errors import DomainError
from app.core.text import clean, printable
from app.imports import columns
from app.imports.models import TIMEOVERFLOW

MOST_ROWS = 5000
MOST_COLUMNS = 100
# Every fault of a column repeats its name.
LONGEST_HEADER = 60
SEPARATORS = ",;\t"
UTF_8, UTF_16, WINDOWS = "UTF-8", "UTF-16", "Windows-1252"
FIELD = "upload"


@dataclass(frozen=True)
class Row:
    """A row, the number of the line in which it begins, and its cells by column; `extra` when it has too many."""

    line: int
    cells: dict[str, str]
    extra: bool = False


@dataclass(frozen=True)
class Table:
    """`kind` as models.py has it; `headers` are the columns with their names in the file, `ignored` the names of those
    that are not taken."""

    kind: str
    encoding: str
    headers: dict[str, str]
    ignored: list[str]
    rows: list[Row]


def read(kind: str, content: bytes) -> Table:
    """Raises DomainError (field "upload") for what is no list of members."""
    text, encoding = decoded(content)
    rows_of_text = records(text, _separator(text))
    nothing: tuple[int, list[str]] = (0, [])
    line, header = next(rows_of_text, nothing)
    _require_few(line, header)
    names = [clean(printable(name[:LONGEST_HEADER])) for name in header]
    order = _in_their_order(names) if kind == TIMEOVERFLOW else _by_name(names)
    rows = list(_rows(rows_of_text, order, len(names)))
    if not rows:
        raise DomainError(_("There is nobody in this file: below the names of the columns it has no row."), FIELD)
    headers = {column: names[place] for place, column in order.items() if place < len(names)}
    ignored = [name for place, name in enumerate(names) if place not in order and name]
    return Table(kind, encoding, headers, ignored, rows)


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding that it was taken for."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        candidates = [("utf-16", UTF_16)]
    else:
        candidates = [("utf-8-sig", UTF_8), ("cp1252", WINDOWS)]
    for codec, name in candidates:
        try:
            return content.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise DomainError(_("This is not a text file. Save the list as CSV (UTF-8) and choose that file."), FIELD)


def records(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not empty, with the number of its first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True)
    begins = 1
    try:
        for record in reader:
            if any(cell.strip() for cell in record):
                yield begins, record
            begins = reader.line_num + 1
    except csv.Error as error:
        raise DomainError(
            _(
                "The row that begins in line %(line)d cannot be read: a quotation mark is missing or stands alone.",
                line=begins,
            ),
            FIELD,
        ) from error


def _separator(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count)


def _by_name(names: list[str]) -> dict[int, str]:
    """Place → column."""
    order = {place: column for place, name in enumerate(names) if (column := columns.known(name))}
    if columns.NAME not in order.values():
        raise DomainError(
            _("The first line has to name the columns, and one of them has to be “name”. The template shows how."),
            FIELD,
        )
    for column in order.values():
        same = [names[place] for place, other in order.items() if other == column]
        if len(same) > 1:
            raise DomainError(
                _("Two columns mean the same: %(names)s. Keep one of them.", names=", ".join(same)), FIELD
            )
    return order


def _in_their_order(names: list[str]) -> dict[int, str]:
    if len(names) != len(columns.TIMEOVERFLOW_ORDER):
        raise DomainError(
            _(
                "TimeOverflow writes %(expected)d columns about members; this file has %(found)d.",
                expected=len(columns.TIMEOVERFLOW_ORDER),
                found=len(names),
            ),
            FIELD,
        )
    return dict(enumerate(columns.TIMEOVERFLOW_ORDER))


def _rows(records: Iterator[tuple[int, list[str]]], order: dict[int, str], width: int) -> Iterator[Row]:
    for count, (line, record) in enumerate(records, start=1):
        if count > MOST_ROWS:
            raise DomainError(_("At most %(max)d members at a time: split the file in two.", max=MOST_ROWS), FIELD)
        _require_few(line, record)
        cells = {column: record[place] for place, column in order.items() if place < len(record)}
        yield Row(line, cells, extra=any(cell.strip() for cell in record[width:]))


def _require_few(line: int, record: list[str]) -> None:
    if len(record) > MOST_COLUMNS:
        raise DomainError(_("Line %(line)d has far too many columns.", line=line), FIELD)
