"""Errors that a member may meet: what an operation raises, and the page that says what happened and what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, SecurityError

from app.core.db import db, intending

log = structlog.get_logger()


class DomainError(Exception):
    """A rule said no. `message` is for the member; `status` is what HTTP calls it; `field` names the input at fault."""

    status = 422

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Conflict(DomainError):
    """Somebody else was faster, or the row is no longer what the form showed."""

    status = 409


class Forbidden(DomainError):
    status = 403


class TooMany(DomainError):
    """A limit was reached; `retry_after` seconds until it is worth trying again."""

    status = 429

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class ErrorText:
    title: str
    text: str


def texts() -> dict[int, ErrorText]:
    """Title and text per status, in the reader's language."""
    return {
        400: ErrorText(
            _("That request could not be read"),
            _(
                "The page may have been open for too long, or the address is damaged. Nothing was changed. "
                "Go back, reload the page and try again."
            ),
        ),
        401: ErrorText(
            _("Please sign in first"), _("This page is for members. Nothing was lost: sign in and you come back here.")
        ),
        403: ErrorText(
            _("This is not yours to do"),
            _(
                "You are signed in, but this needs other rights. Nothing was changed. "
                "If you think it should be yours, ask a coordinator."
            ),
        ),
        404: ErrorText(
            _("There is nothing here"),
            _("The address may be mistyped, or the page is gone or not open to you. Nothing was lost."),
        ),
        405: ErrorText(_("That does not work here"), _("This address does not take that kind of request.")),
        409: ErrorText(
            _("Something changed in the meantime"),
            _("Somebody, perhaps you in another tab, was faster. Nothing was overwritten: look at it as it is now."),
        ),
        413: ErrorText(
            _("That file is too large"),
            _("Files may have up to 8 MB. Nothing was saved: choose a smaller one and try again."),
        ),
        422: ErrorText(_("That cannot be done like this"), _("Nothing was changed. Correct it and try again.")),
        429: ErrorText(
            _("That was a little fast"), _("There were too many tries in a short time. Nothing was lost: please wait.")
        ),
        500: ErrorText(
            _("That was our fault"),
            _(
                "Something went wrong on our side and was written down for the people who run this site. "
                "What you sent was not saved, nothing else was touched. Please try again."
            ),
        ),
        503: ErrorText(
            _("Back in a moment"),
            _("The site is busy or being looked after. Nothing that was confirmed is lost. Try again in a minute."),
        ),
    }


def init_app(app: Flask, know_reader: Callable[[], object]) -> None:
    """`know_reader()` asks the database who is looking, once a request."""
    app.extensions["guildhall.know_reader"] = know_reader
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(CSRFError, lambda _e: error_page(400))
    app.register_error_handler(RequestEntityTooLarge, lambda _e: error_page(413))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(PoolTimeoutError, _database_away)
    app.register_error_handler(Exception, _unexpected)


def error_page(status: int, text: str = "", retry_after: int = 0) -> Response:
    """The page for `status`; from 500 on it is drawn without the database."""
    if status >= 500 or not _reader_known():
        g.outage, status = True, status if status >= 500 else 503
    known = texts()
    shown = known.get(status) or known[400 if status < 500 else 500]
    template = "errors/error.html" if status < 500 else "errors/outage.html"
    page = render_template(template, code=status, title=shown.title, text=text or shown.text, back=request.path)
    response = make_response(page, status)
    if retry_after or status == 503:
        response.headers["Retry-After"] = str(retry_after or 30)
    response.headers["Cache-Control"] = "no-store"
    return response


def _reader_known() -> bool:
    """Asks who is looking before the page is drawn, so that the page itself asks nothing."""
    try:
        with intending("read"):
            current_app.extensions["guildhall.know_reader"]()
    except (DBAPIError, PoolTimeoutError):
        _forget_session()
        return False
    return True


def _domain_error(error: DomainError) -> Response:
    db.session.rollback()
    return error_page(error.status, error.message, getattr(error, "retry_after", 0))


def _http_error(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    if isinstance(error, SecurityError):  # a foreign Host header: no address of a page could be made from it
        return make_response("This host name is not served here.\n", 400, {"Content-Type": "text/plain"})
    db.session.rollback()
    return error_page(error.code)


def _database_away(error: DBAPIError | PoolTimeoutError) -> Response:
    """A database that is away, restarting or locked is an interruption (503), not a fault of the site."""
    _forget_session()
    log.error("database_unavailable", error=type(error).__name__)
    return error_page(503)


def _unexpected(error: Exception) -> Response:
    _forget_session()
    log.exception("unexpected_error", error=type(error).__name__)
    return error_page(500)


def _forget_session() -> None:
    try:
        db.session.rollback()
    except DBAPIError:
        db.session.remove()
