"""A mail sent at once, to see whether mail leaves at all; what the mail server answers is told in plain words."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.viewer import Viewer
from app.core import outbox

# The most particular kinds first: most of them are kinds of OSError.
REASONS: tuple[tuple[type[Exception], Any], ...] = (
    (
        smtplib.SMTPAuthenticationError,
        _l("The mail server does not accept the user name or the password. Check MAIL_USERNAME and MAIL_PASSWORD."),
    ),
    (
        smtplib.SMTPSenderRefused,
        _l("The mail server does not let this site send under its address. Check MAIL_SENDER."),
    ),
    (smtplib.SMTPRecipientsRefused, _l("The mail server does not take mail for your address.")),
    (
        smtplib.SMTPNotSupportedError,
        _l("The site and the mail server do not agree on encryption or signing in. Check MAIL_TLS and MAIL_PORT."),
    ),
    (ssl.SSLError, _l("The mail server's encryption is not the one expected. Check MAIL_TLS and MAIL_PORT.")),
    (
        smtplib.SMTPServerDisconnected,
        _l("The mail server hung up. Often the port expects another encryption: check MAIL_TLS and MAIL_PORT."),
    ),
    (smtplib.SMTPException, _l("The mail server refused the mail; its own words say why.")),
    (socket.gaierror, _l("There is no mail server of this name. Check MAIL_SERVER.")),
    (ConnectionRefusedError, _l("Nobody answers at this port of the mail server. Check MAIL_SERVER and MAIL_PORT.")),
    (
        TimeoutError,
        _l("The mail server did not answer in time. Check MAIL_PORT, and whether a firewall is in between."),
    ),
    (Exception, _l("The mail server could not be reached.")),
)


@dataclass(frozen=True)
class Outcome:
    """`text` says what happened and what to do, `answer` is the server's own, "" where it gave none."""

    sent: bool
    text: str = ""
    answer: str = ""


def send(receiver: Viewer) -> Outcome:
    """Hands a mail for `receiver` to the configured server; no transaction may be open meanwhile."""
    if not current_app.config["MAIL_SERVER"]:
        return Outcome(False, _("No mail server is set, so nothing was sent."))
    subject, text, html = (
        render_template("emails/test.html", part=part, receiver=receiver).strip()
        for part in ("subject", "text", "html")
    )
    try:
        outbox.deliver(outbox.RenderedMail(receiver.email, subject, text + "\n", html))
    except outbox.FAULTS as error:
        return Outcome(False, _reason(error), _answer(error))
    return Outcome(True)


def _reason(error: Exception) -> str:
    return next(str(text) for kind, text in REASONS if isinstance(error, kind))


def _answer(error: Exception) -> str:
    """The server's own words, with its code where it gave one."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(_spoken(code, said) for code, said in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return _spoken(error.smtp_code, error.smtp_error)
    return str(error)[:500]


def _spoken(code: int, said: bytes | str) -> str:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"{code} {words}"[:500]
