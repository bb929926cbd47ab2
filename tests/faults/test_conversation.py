"""Two browsers talk while the server is killed and the database crashes: what was acknowledged is there, once, in one
order, without anybody loading a page anew."""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import select

import config
from app.chats import operations
from app.chats.models import Message
from app.core.db import db
from app.factory import create_app
from tests import postgres
from tests import world as world_module
from tests.scripts.conftest import free_port
from tests.support.browsing import sign_in
from tests.world import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(300)]

BACK = 60_000  # milliseconds; a page waits up to 22 seconds between two tries
PATIENCE = 60.0


class Site:
    """The application as gunicorn serves it, always at the same address."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self.log = log
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._environment = {**environment, "DEMO": "0", "PORT": str(self.port)}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"],
                cwd=config.ROOT,
                env={**os.environ, **self._environment},
                stderr=log,
                start_new_session=True,
            )
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            assert time.monotonic() < deadline, f"the server does not answer\n{self.log.read_text()[-4000:]}"
            time.sleep(0.05)

    def kill(self) -> None:
        """Master and workers at once, in the middle of whatever they do."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


@dataclass
class Talk:
    """A chat on the screens of both, and what was acknowledged so far."""

    site: Site
    alice: Page
    bob: Page
    acknowledged: list[str]

    def send(self, page: Page, text: str) -> bool:
        """Whether the server has acknowledged it; otherwise it is still in the box."""
        _box(page).fill(text)
        return self.enter(page)

    def enter(self, page: Page) -> bool:
        text = _box(page).input_value()
        _box(page).press("Enter")
        return self.settled(page, text)

    def settled(self, page: Page, text: str) -> bool:
        """What became of `text`, once the page knows."""
        expect(page.locator("[data-chat-box]:not([aria-busy])")).to_have_count(1, timeout=BACK)
        if _box(page).input_value():
            assert _box(page).input_value() == text, "what was typed is kept as it was"
            expect(page.locator("[data-refused]")).not_to_be_empty()
            return False
        self.acknowledged.append(text)
        return True

    def send_again(self, page: Page) -> None:
        """What is left in the box, under its old token, until it is acknowledged."""
        deadline = time.monotonic() + PATIENCE
        while _box(page).input_value() and not self.enter(page):
            assert time.monotonic() < deadline, "it is never acknowledged"
            page.wait_for_timeout(200)

    def wait_until_both_show(self, count: int) -> list[str]:
        for page in (self.alice, self.bob):
            expect(page.locator(".bubble")).to_have_count(count, timeout=BACK)
        shown = [_texts(page) for page in (self.alice, self.bob)]
        assert shown[0] == shown[1], "both read the same in the same order"
        assert all(shown[0].count(text) == 1 for text in self.acknowledged), (shown, self.acknowledged)
        return shown[0]


def test_the_server_and_postgresql_are_killed(tmp_path: Path, browser: Browser) -> None:
    address = postgres.start(synchronous_commit="on")
    with talking(address, tmp_path, browser) as talk:
        the_server_is_killed(talk)
        the_database_crashes(talk, address)
        assert_kept(talk)


def test_the_server_is_killed_on_sqlite(tmp_path: Path, browser: Browser) -> None:
    with talking(f"sqlite:///{tmp_path}/guildhall.sqlite", tmp_path, browser) as talk:
        the_server_is_killed(talk)
        assert_kept(talk)


def the_server_is_killed(talk: Talk) -> None:
    assert talk.send(talk.alice, "A1")
    assert talk.send(talk.bob, "B1")
    talk.wait_until_both_show(2)
    _box(talk.alice).fill("A2")
    _box(talk.alice).press("Enter")  # and before it is known what became of it
    talk.site.kill()
    talk.settled(talk.alice, "A2")
    assert not talk.send(talk.bob, "B2")
    assert not talk.enter(talk.bob)
    talk.site.start()
    talk.send_again(talk.alice)
    talk.send_again(talk.bob)
    talk.wait_until_both_show(4)
    assert talk.send(talk.alice, "A3")
    talk.wait_until_both_show(5)


def the_database_crashes(talk: Talk, address: str) -> None:
    before = len(talk.acknowledged)
    _box(talk.bob).fill("B4")
    _box(talk.bob).press("Enter")
    postgres.crash(address)
    talk.settled(talk.bob, "B4")
    assert not talk.send(talk.alice, "A4")
    postgres.revive(address)
    talk.send_again(talk.alice)
    talk.send_again(talk.bob)
    talk.wait_until_both_show(before + 2)
    assert talk.send(talk.bob, "B5")
    assert talk.send(talk.alice, "A5")
    talk.wait_until_both_show(before + 4)


def assert_kept(talk: Talk) -> None:
    """The database holds what the screens show, and no page was loaded a second time."""
    db.session.rollback()
    kept = list(db.session.scalars(select(Message.body).order_by(Message.seq)))
    assert kept == talk.wait_until_both_show(len(kept))
    assert sorted(kept) == sorted(talk.acknowledged)
    assert all(page.evaluate("window.stillTheSame") for page in (talk.alice, talk.bob))


@contextmanager
def talking(address: str, folder: Path, browser: Browser) -> Iterator[Talk]:
    """Alice and Bob, each in a browser window of their own, in their chat on a new site with this database."""
    environment = {"SECRET_KEY": secrets.token_hex(24), "DATABASE_URL": address, "UPLOADS": str(folder / "uploads")}
    app = create_app(config.load(environment))
    site = Site(environment, folder / "server.log")
    with app.app_context():
        chat_id = _prepared()
        try:
            site.start()
            pages = [_opened(browser, app, site, name, chat_id) for name in ("alice", "bob")]
            yield Talk(site, *pages, acknowledged=[])
        finally:
            site.kill()
            db.session.remove()
            db.engine.dispose()


def _prepared() -> int:
    upgrade()
    world: World = world_module.build()
    chat_id = operations.open_between(world.alice, world.bob)
    db.session.commit()
    return chat_id


def _opened(browser: Browser, app: Flask, site: Site, name: str, chat_id: int) -> Page:
    context = browser.new_context(base_url=site.address, locale="en-GB")
    context.set_default_timeout(10_000)
    sign_in(context, app, site.address, name)
    page = context.new_page()
    page.goto(f"/chats/{chat_id}")
    page.evaluate("window.stillTheSame = true")
    page.wait_for_selector("html[data-live=stream]")
    return page


def _box(page: Page) -> Locator:
    return page.get_by_label("Your message", exact=True)


def _texts(page: Page) -> list[str]:
    return [text.strip() for text in page.locator(".bubble > p").all_inner_texts()]
