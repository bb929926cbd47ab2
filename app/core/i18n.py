"""Language and time zone of a page: the member's own; for visitors what they chose, what their browser asks for, or the
community's.

Translations are kept as text in translations/<language>/LC_MESSAGES/messages.po; what gettext reads is made from it
here, whenever the text is newer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from tempfile import NamedTemporaryFile

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, get_locale

# Each language in its own words.
LOCALES = {"en": "English", "es": "Español"}
DEFAULT_LOCALE = "en"
DEFAULT_TIMEZONE = "UTC"
LANGUAGE_COOKIE = "language"
TRANSLATIONS = Path(__file__).resolve().parents[2] / "translations"

babel = Babel()


def init_app(
    app: Flask,
    member_locale: Callable[[], str],
    member_timezone: Callable[[], str],
    community_locale: Callable[[], str],
) -> None:
    """The first two callables answer for the signed-in member, "" for anybody else."""
    compile_translations()
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", str(TRANSLATIONS))

    def locale() -> str:
        if not has_request_context():
            return DEFAULT_LOCALE
        return member_locale() or chosen() or asked_for() or community_locale()

    def timezone() -> str:
        return (member_timezone() if has_request_context() else "") or DEFAULT_TIMEZONE

    babel.init_app(app, default_locale=DEFAULT_LOCALE, locale_selector=locale, timezone_selector=timezone)
    app.after_request(name_language)


def chosen() -> str:
    """The language that a visitor has chosen in this browser, or ""."""
    kept = request.cookies.get(LANGUAGE_COOKIE, "")
    return kept if kept in LOCALES else ""


def asked_for() -> str:
    """What the browser asks for most among the languages that the site speaks, or "".

    Spanish of Mexico is Spanish here; werkzeug's best_match would prefer an English that is wanted less.
    """
    wished = (re.split("[-_]", tag)[0].lower() for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in wished if language in LOCALES), "")


def name_language(response: Response) -> Response:
    """Says of a page in which language it is; redirects have nothing to read."""
    if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
        response.headers.setdefault("Content-Language", str(get_locale()))
    return response


def compile_translations(folder: Path = TRANSLATIONS) -> list[Path]:
    """Makes the catalogues for gettext whose text has changed, and returns them."""
    texts = sorted(folder.glob("*/LC_MESSAGES/*.po"))
    return [_compile(text) for text in texts if _is_newer(text, text.with_suffix(".mo"))]


def _is_newer(text: Path, made: Path) -> bool:
    return not made.exists() or made.stat().st_mtime_ns < text.stat().st_mtime_ns


def _compile(text: Path) -> Path:
    """Written beside and moved into place: several processes may start at once."""
    with text.open("rb") as source:
        catalogue = read_po(source, locale=text.parts[-3])
    with NamedTemporaryFile(dir=text.parent, suffix=".tmp", delete=False) as target:
        write_mo(target, catalogue)
    made = text.with_suffix(".mo")
    Path(target.name).replace(made)
    return made
