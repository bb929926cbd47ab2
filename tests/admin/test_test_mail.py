"""The test mail: sent at once, and what the mail server answers is shown in plain words and in its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from flask import Flask

from app.community import operations
from tests import postgres
from tests.support.client import CheckedClient
from tests.support.inbox import sending_to, start_mail

SignedIn = Callable[[str], CheckedClient]


class Postbox:
    """Takes mail, or says `answer` when somebody gives it an address."""

    def __init__(self, answer: str = "") -> None:
        self.answer = answer
        self.texts: list[str] = []

    async def handle_RCPT(self, _s: SMTP, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.answer:
            return self.answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.texts.append(envelope.content.decode())
        return "250 Taken"


@contextmanager
def listening(app: Flask, postbox: Postbox) -> Iterator[Postbox]:
    port = postgres._free_port()
    server = Controller(postbox, hostname="127.0.0.1", port=port)
    server.start()
    try:
        with sending_to(app, port):
            yield postbox
    finally:
        server.stop()


def test_it_arrives_at_the_one_who_asks(app: Flask, as_: SignedIn) -> None:
    with listening(app, Postbox()) as postbox:
        answer = as_("admin").post("/admin/test-mail")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/admin/bring-members"
    (text,) = postbox.texts
    assert "To: admin@example.org" in text
    assert "A test mail from Guildhall" in text
    assert operations.settings().mail_tested_at is not None


def test_a_refusal_is_shown_in_plain_words_and_in_the_servers_own(app: Flask, as_: SignedIn) -> None:
    with listening(app, Postbox("550 5.1.1 No such <user> here")):
        answer = as_("admin").post("/admin/test-mail")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "does not take mail for your address" in text
    assert "550 5.1.1 No such &lt;user&gt; here" in text
    assert operations.settings().mail_tested_at is None


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(111, "Connection refused"), "Nobody answers at this port"),
        (socket.gaierror(-2, "Name or service not known"), "no mail server of this name"),
        (TimeoutError("timed out"), "did not answer in time"),
        (OSError(101, "Network is unreachable"), "could not be reached"),
    ],
)
def test_what_goes_wrong_before_the_server_answers(
    app: Flask, as_: SignedIn, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    """The network is the one thing that is played here: none of it can be had on demand."""

    def refuse(*_args: object, **_kwargs: object) -> socket.socket:
        raise error

    monkeypatch.setattr(socket, "create_connection", refuse)
    with sending_to(app, 2525):
        answer = as_("admin").post("/admin/test-mail")
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)


def test_encryption_that_the_server_does_not_have(app: Flask, as_: SignedIn) -> None:
    with listening(app, Postbox()):
        app.config["MAIL_USE_TLS"] = True
        start_mail(app, testing=False)
        answer = as_("admin").post("/admin/test-mail")
    assert answer.status_code == 422
    assert "MAIL_TLS" in answer.get_data(as_text=True)


def test_without_a_mail_server_it_says_where_mail_is(as_: SignedIn) -> None:
    page = as_("admin").get("/admin/test-mail").get_data(as_text=True)
    assert "MAIL_SERVER" in page
    assert 'href="/dev/mail"' in page
    assert "Send a mail to" not in page
    assert as_("admin").post("/admin/test-mail").status_code == 422


def test_invitations_are_offered_where_members_are_brought(app: Flask, as_: SignedIn) -> None:
    page = as_("admin").get("/admin/bring-members").get_data(as_text=True)
    assert f"{app.config['PUBLIC_URL']}/sign-up" in page
    assert ('href="/admin/invitations"' in page) is ("admin.invitations" in app.view_functions)
