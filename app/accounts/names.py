"""Which names members may carry: readable by everybody, and not mistaken for the people who run the place.

The rules follow UTS 39 (Unicode Security Mechanisms): section 5.2, restriction level "highly restrictive", and
section 4, skeletons for what looks alike.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from confusable_homoglyphs.categories import alias
from confusable_homoglyphs.confusables import confusables_data
from flask_babel import gettext as _

from app.core.errors import DomainError
from app.core.signs import is_invisible, is_overloaded
from app.core.text import fold

LONGEST = 60
FORMER = "Former member"
RESERVED = (
    "admin", "admins", "administrator", "administrators", "administration", "anonymous", "bot", "coordinator",
    "coordinators", "deleted", "everyone", "former member", "guildhall", "help", "helpdesk", "info", "mail", "mod",
    "moderator", "moderators", "mods", "nobody", "noreply", "null", "operator", "postmaster", "root", "security",
    "service", "staff", "superuser", "support", "sysadmin", "system", "undefined", "unknown", "webmaster", "you",
)  # fmt: skip
# Words that make no other name of a reserved one: "The Guildhall Team" is as misleading as "Guildhall".
FILLERS = frozenset({"the", "a", "official", "team", "desk", "user", "account", "member", "your", "of", "and"})

ANYWHERE = {"COMMON", "INHERITED"}
TOGETHER = (
    {"LATIN", "HAN", "HIRAGANA", "KATAKANA"},
    {"LATIN", "HAN", "BOPOMOFO"},
    {"LATIN", "HAN", "HANGUL"},
)
PUNCTUATION = frozenset(" '’‘ʼ‐-‑–.·・,()&_\"“”„״׳")
JOINERS = frozenset("\u200c\u200d")
# Scripts in which a joiner changes the shape of a letter (RFC 5892, appendix A, as far as names need it).
JOINING = {
    "ARABIC", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "MALAYALAM", "MONGOLIAN", "MYANMAR",
    "ORIYA", "SINHALA", "SYRIAC", "TAMIL", "TELUGU",
}  # fmt: skip
# A dot with letters at both sides, two or more after it: "evil.com", but not "J. R. Smith" or "J.R. Smith".
HOST = re.compile(r"[^\W_]\.[^\W\d_]{2,}")


def require_good(name: str) -> None:
    """Raises DomainError (field "name") with what to change when `name`, already cleaned, cannot be carried."""
    for check in (_length, _characters, _host, _scripts, _reserved):
        if problem := check(name):
            raise DomainError(problem, "name")


def skeleton(text: str) -> str:
    """`text` with everything that looks alike made equal; only ever compared with another skeleton."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", "".join(_prototype(sign) for sign in decomposed))


def _length(name: str) -> str:
    if not name:
        return _("Tell us the name by which others may call you.")
    return _("At most %(max)d characters, please.", max=LONGEST) if len(name) > LONGEST else ""


def _characters(name: str) -> str:
    for place, sign in enumerate(name):
        if sign in JOINERS:
            if not 0 < place < len(name) - 1 or alias(name[place - 1]) not in JOINING:
                return _("There is an invisible character in the name. Type it anew, without copying.")
        elif is_invisible(sign) or (unicodedata.category(sign)[0] in "CZ" and sign != " "):
            return _("There is an invisible character in the name. Type it anew, without copying.")
        elif not unicodedata.category(sign).startswith(("L", "M", "Nd")) and sign not in PUNCTUATION:
            return _("A name is made of letters. Take out “%(sign)s”.", sign=sign)
    if not any(sign.isalpha() for sign in name):
        return _("A name has at least one letter.")
    if is_overloaded(name):
        return _("There are too many accents on one letter.")
    return ""


def _host(name: str) -> str:
    if not HOST.search(name):
        return ""
    return _("This looks like an address on the web. Put a blank after the dot, or take it out.")


def _scripts(name: str) -> str:
    scripts = {alias(sign) for sign in name} - ANYWHERE
    if len(scripts) <= 1 or any(scripts <= allowed for allowed in TOGETHER):
        return ""
    return _(
        "The name mixes alphabets (%(scripts)s), so some of its letters look like others. Write it in one alphabet.",
        scripts=", ".join(sorted(script.replace("_", " ").title() for script in scripts)),
    )


def _reserved(name: str) -> str:
    words = re.split(r"[\W_]+", fold(name))
    weighty = [word for word in words if word and word not in FILLERS]
    if _looks_reserved(name) or (weighty and all(_looks_reserved(word) for word in weighty)):
        return _("That name could be taken for the people who run this place. Choose another one.")
    return ""


def _looks_reserved(name: str) -> bool:
    return not _looks(name).isdisjoint(_reserved_looks())


def _looks(name: str) -> set[str]:
    """How `name` can be read: as written, in small and in capital letters; blanks and punctuation hide nothing."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKC", name) if sign.isalnum())
    return {fold(skeleton(spelled)) for spelled in (bare, bare.casefold(), bare.upper())}


@cache
def _reserved_looks() -> frozenset[str]:
    return frozenset(look for word in RESERVED for look in _looks(word))


@cache
def _prototype(sign: str) -> str:
    """The sign that stands for all that look like `sign`.

    The library lists a prototype with all its look-alikes, and each look-alike with its prototype alone.
    """
    alike = [entry["c"] for entry in confusables_data.get(sign, ())]
    if len(alike) != 1:
        return sign
    other: str = alike[0]
    is_prototype = len(confusables_data.get(other, ())) > 1 or len(other) > 1
    return other if is_prototype else min(sign, other)
