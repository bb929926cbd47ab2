"""Language and time zone of a page: the member's own, otherwise what the browser asks for, or the community's."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, has_request_context, request
from flask_babel import Babel

LOCALES = {"en": "English"}
DEFAULT_LOCALE = "en"
DEFAULT_TIMEZONE = "UTC"

babel = Babel()


def init_app(
    app: Flask,
    member_locale: Callable[[], str],
    member_timezone: Callable[[], str],
    community_locale: Callable[[], str],
) -> None:
    """The first two callables answer for the signed-in member, "" for anybody else."""
    app.config.setdefault("BABEL_TRANSLATION_DIRECTORIES", "../translations")

    def locale() -> str:
        if not has_request_context():
            return DEFAULT_LOCALE
        return member_locale() or request.accept_languages.best_match(LOCALES) or community_locale()

    def timezone() -> str:
        return (member_timezone() if has_request_context() else "") or DEFAULT_TIMEZONE

    babel.init_app(app, default_locale=DEFAULT_LOCALE, locale_selector=locale, timezone_selector=timezone)
