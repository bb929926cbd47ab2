"""CSV that can be opened in a spreadsheet: no cell of text begins what the program would take for a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

# What spreadsheets read as the beginning of a formula (OWASP, "CSV Injection"), the signs of full width too.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", *"\uff1d\uff0b\uff0d\uff20")
BOM = "\N{ZERO WIDTH NO-BREAK SPACE}"


def csv_lines(rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Each row as a line of CSV; numbers stay numbers. The first line says that the file is UTF-8."""
    yield BOM
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([safe_cell(cell) for cell in row])
        yield line.getvalue()


def safe_cell(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA) else cell
