"""Text as it is stored and compared.

Stored text is NFC and trimmed; text that is compared without regard to case has a folded `*_key` beside it, folded
here in Python because `lower()` differs between databases.
"""

from __future__ import annotations

import re
import unicodedata

SLUG_SIGNS = {"+": "-plus", "#": "-sharp"}


def has_forbidden(text: str) -> bool:
    """Whether `text` holds what no database column takes: control characters (tab and line ends apart), surrogates."""
    return any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\t\n\r" for c in text)


def clean(text: str) -> str:
    """One line: NFC, runs of white space made one blank, trimmed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def clean_lines(text: str) -> str:
    """Several lines: NFC, line ends as \\n, trimmed; at most one empty line in a row."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\n{3,}", "\n\n", lines).strip()


def fold(text: str) -> str:
    """The form in which two spellings of the same thing are equal: NFKC, casefolded, blanks collapsed."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(folded.split())


def slugify(text: str) -> str:
    """`text` for an address: lower-case ASCII with hyphens; '+' and '#' keep their meaning (C, C++ and C# stay three).

    Scripts without an ASCII form give their code points, so that the slug is never empty.
    """
    spelled = "".join(SLUG_SIGNS.get(sign, sign) for sign in unicodedata.normalize("NFKD", text.casefold()))
    slug = re.sub(r"[^a-z0-9]+", "-", spelled.encode("ascii", "ignore").decode()).strip("-")
    return slug or "-".join(f"{ord(sign):x}" for sign in fold(text)[:12])


def like_pattern(text: str) -> str:
    """`text` as the middle of a LIKE pattern whose escape character is the backslash."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return f"%{escaped}%"
