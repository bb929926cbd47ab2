"""The languages that members can say they speak: ISO 639 codes, named in the reader's language."""

from __future__ import annotations

from functools import cache

from babel import Locale

from app.core.templating import language_name

COMMON = ("en", "es", "fr", "de", "it", "pt", "ar", "zh", "hi", "ru", "tr", "uk")
MOST = 15
# Three-letter codes beside the two-letter ones: large languages without a short code, and sign languages.
LONGER = ("ase", "ceb", "ckb", "fil", "gsw", "hmn", "kab", "nds", "rom", "syc", "tzm", "yue")


@cache
def codes() -> frozenset[str]:
    known = Locale("en").languages
    return frozenset({code for code in known if len(code) == 2} | {code for code in LONGER if code in known})


def choices() -> list[tuple[str, str]]:
    """(code, name), the twelve common ones first, the rest by name."""
    rest = sorted(((code, language_name(code)) for code in codes() - set(COMMON)), key=lambda pair: pair[1])
    return [*((code, language_name(code)) for code in COMMON), *rest]
