"""The words that people read: found in the code and the templates, and kept in translations/.

A language is complete when `faults` finds nothing; `update` brings its file up to date with the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "translations"
# Folder, pattern, how it is read, and what its reader has to know. A template that cannot be read is a fault.
SOURCES = (
    ("app", "**.py", "python", {}),
    ("templates", "**.html", "jinja2", {"silent": "false", "extensions": "jinja2.ext.do"}),
)
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "_l": None,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
PARAMETER = re.compile(r"%\(\w+\)[a-z]|%%")
CONTENT_TYPE = "text/plain; charset=utf-8"
MARKUP = re.compile(r"</?\w+|&\w+;")


def files() -> list[Path]:
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))


def language_of(file: Path) -> str:
    return file.parts[-3]


def extracted() -> Catalog:
    """Every marked string with the files where it stands; without lines, so that a file changes only with its words."""
    found = Catalog(charset="utf-8")
    for folder, pattern, method, options in SOURCES:
        for name, _line, message, comments, context in extract_from_dir(
            ROOT / folder, [(pattern, method)], {pattern: options}, KEYWORDS
        ):
            found.add(
                message, None, [(f"{folder}/{Path(name).as_posix()}", 0)], context=context, auto_comments=comments
            )
    return found


def kept(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale=language_of(file))


def update(file: Path, found: Catalog) -> None:
    """Adds to `file` what is new in `found`, empty, and takes out what is gone. Nothing is guessed."""
    known = kept(file)
    fresh = Catalog(locale=language_of(file), charset="utf-8")
    for message in found:
        if message.id:
            said = known.get(message.id, message.context)
            string = said.string if said and not said.fuzzy else None
            fresh.add(message.id, string, message.locations, context=message.context)
    file.write_bytes(as_text(fresh))


def faults(translated: Catalog, found: Catalog) -> Iterator[str]:
    """What keeps a language from being complete, one sentence each."""
    known = {_key(message): message for message in translated if message.id}
    wanted = {_key(message): message for message in found if message.id}
    for key, message in wanted.items():
        yield from _faults_of(known.get(key), message)
    for key in known.keys() - wanted.keys():
        yield f"nothing says this any more: {key[0]!r}"
    for key in translated.obsolete:
        yield f"nothing says this any more: {key!r}"


def _faults_of(translated: Message | None, message: Message) -> Iterator[str]:
    first = _forms(message.id)[0]
    if translated is None:
        yield f"not in the file: {first!r}, from {message.locations[0][0]}"
        return
    if translated.fuzzy:
        yield f"only guessed: {first!r}"
    strings = _forms(translated.string)
    if len(strings) != len(_forms(translated.id)) or not all(text.strip() for text in strings):
        yield f"not translated: {first!r}"
        return
    for original, text in zip(_forms(message.id), strings, strict=True):
        for what, pattern in (("parameters", PARAMETER), ("markup", MARKUP)):
            if sorted(pattern.findall(original)) != sorted(pattern.findall(text)):
                yield f"other {what} than the original: {text!r} for {original!r}"


def _key(message: Message) -> tuple[str, str]:
    return _forms(message.id)[0], message.context or ""


def _forms(text: object) -> tuple[str, ...]:
    """Singular and plural, or the only form."""
    return tuple(text) if isinstance(text, list | tuple) else (str(text or ""),)


def as_text(catalogue: Catalog) -> bytes:
    """The file: a header without dates and names, which would change with every run, and one line for each text."""
    head = [f"Language: {catalogue.locale}", f"Plural-Forms: {catalogue.plural_forms}", f"Content-Type: {CONTENT_TYPE}"]
    lines = ['msgid ""', 'msgstr ""', *(f'"{line}\\n"' for line in head), "", ""]
    target = BytesIO()
    write_po(target, catalogue, width=0, omit_header=True, sort_by_file=True, include_lineno=False)
    return "\n".join(lines).encode() + target.getvalue()
