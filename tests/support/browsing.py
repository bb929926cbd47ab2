"""A real browser at a real server: headless Chromium as Debian ships it, and the application in a thread."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server

from app.accounts.states import joining_mark
from tests.support.live import end_requests
from tests.world import PASSWORD_HASH, session_token

NEWCOMER = "nora.newman@example.org"  # has just signed up, see pages.prepare_places
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@runtime_checkable
class Closing(Protocol):
    def close(self) -> None: ...


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the block lasts."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert path, "Chromium is not installed (Debian: apt-get install chromium)"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def serving(application: Flask) -> Iterator[str]:
    """The address at which `application` answers for as long as the block lasts."""
    server = make_server("127.0.0.1", 0, _closing(application), threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        end_requests(application)


def _closing(application: Flask) -> Callable[[Any, Any], Iterable[bytes]]:
    """Werkzeug's server does not close an answer, with its open file, when the browser hangs up while it is read out:
    a generator closes what it holds whatever happens to it."""

    def answer(environ: Any, start_response: Any) -> Iterator[bytes]:
        parts = application(environ, start_response)
        try:
            yield from parts
        finally:
            if isinstance(parts, Closing):
                parts.close()

    return answer


def sign_in(context: BrowserContext, application: Flask, address: str, name: str) -> None:
    """Puts the session cookie of the world's member `name`, or of the newcomer, into `context`."""
    signer = application.session_interface.get_signing_serializer(application)  # type: ignore[attr-defined]
    value = signer.dumps(_joining(application) if name == "newcomer" else _signed_in(name))
    context.add_cookies([{"name": application.config["SESSION_COOKIE_NAME"], "value": value, "url": address}])


def _signed_in(name: str) -> dict[str, object]:
    return {"_user_id": session_token(name), "_fresh": True, "_permanent": True}


def _joining(application: Flask) -> dict[str, object]:
    with application.app_context():
        return {"joining": {"email": NEWCOMER, "mark": joining_mark(PASSWORD_HASH)}}
