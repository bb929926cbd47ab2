"""Text as it is stored and compared.

Stored text is NFC and trimmed; text that is compared without regard to case has a folded `*_key` beside it, folded
here in Python because `lower()` differs between databases.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

SLUG_SIGNS = {"+": "-plus", "#": "-sharp"}


# Control characters (tab and line ends apart) and lone surrogates: no column takes them.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# They turn the rest of a line around and are pasted unknowingly; Unicode's own rules need none of them in our fields.
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# The most combining marks in a row, as in the Stream-Safe Text Format (UAX #15, section 13).
MOST_MARKS = 30


def has_forbidden(text: str) -> bool:
    """Whether `text` holds what no database column takes."""
    return FORBIDDEN.search(text) is not None


def turns_the_line(text: str) -> bool:
    return BIDI_CONTROLS.search(text) is not None


def printable(text: str) -> str:
    """`text` without what no column takes and what would turn the line around."""
    return BIDI_CONTROLS.sub("", FORBIDDEN.sub("", text))


def clean(text: str) -> str:
    """One line: NFC, runs of white space made one blank, trimmed."""
    return " ".join(normalized("NFC", text).split())


def clean_lines(text: str) -> str:
    """Several lines: NFC, line ends as \\n, trimmed; at most one empty line in a row."""
    lines = normalized("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def fold(text: str) -> str:
    """The form in which two spellings of the same thing are equal: NFKC, casefolded, blanks collapsed."""
    folded = normalized("NFKC", normalized("NFKC", text).casefold())
    return " ".join(folded.split())


def normalized(form: Literal["NFC", "NFKC", "NFKD"], text: str) -> str:
    """`text` in a normal form, in time that grows with its length: sorting a long run of marks takes its square."""
    return text if text.isascii() else unicodedata.normalize(form, _with_few_marks(text))


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    run = 0
    for sign in text:
        run = run + 1 if unicodedata.combining(sign) else 0
        if run <= MOST_MARKS:
            kept.append(sign)
    return "".join(kept)


def slugify(text: str) -> str:
    """`text` for an address: lower-case ASCII with hyphens; '+' and '#' keep their meaning (C, C++ and C# stay three).

    Scripts without an ASCII form give their code points, so that the slug is never empty.
    """
    spelled = "".join(SLUG_SIGNS.get(sign, sign) for sign in normalized("NFKD", text.casefold()))
    slug = re.sub(r"[^a-z0-9]+", "-", spelled.encode("ascii", "ignore").decode()).strip("-")
    return slug or "-".join(f"{ord(sign):x}" for sign in fold(text)[:12])


def like_pattern(text: str) -> str:
    """`text` as the middle of a LIKE pattern whose escape character is the backslash."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return f"%{escaped}%"
