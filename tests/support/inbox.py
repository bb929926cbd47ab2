"""A real SMTP server for tests, and sending to it for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from flask import Flask

from app.core import outbox
from tests import postgres


class Inbox(Message):
    def __init__(self) -> None:
        super().__init__(message_class=EmailMessage)
        self.mails: list[Any] = []

    def handle_message(self, message: Any) -> None:
        self.mails.append(message)


def text_of(mail: Any) -> str:
    """The plain text of a mail that arrived."""
    part = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    text: str = part.get_payload(decode=True).decode()
    return text


@pytest.fixture
def inbox(app: Flask) -> Iterator[Inbox]:
    """A real SMTP server to which the application sends for the time of a test."""
    received = Inbox()
    server = Controller(received, hostname="127.0.0.1", port=postgres._free_port())
    server.start()
    port = server.server.sockets[0].getsockname()[1] if server.server else 0
    with sending_to(app, port):
        yield received
    server.stop()


@contextmanager
def sending_to(app: Flask, port: int) -> Iterator[None]:
    """The application sends to the mail server at `port`; at port 1 there is none."""
    before = {key: app.config[key] for key in app.config if key.startswith("MAIL_")}
    app.config.update(MAIL_BACKEND="smtp", MAIL_SERVER="127.0.0.1", MAIL_PORT=port, MAIL_USE_TLS=False)
    start_mail(app, testing=False)
    try:
        yield
    finally:
        app.config.update(before)
        start_mail(app, testing=True)


def start_mail(app: Flask, testing: bool) -> None:
    before, app.testing = app.testing, testing
    outbox.mailman.init_app(app)
    app.testing = before
