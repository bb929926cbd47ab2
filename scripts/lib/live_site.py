"""A server with its members' pages open on it, for measuring: gunicorn as in production, one reader of all pages."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_migrate import upgrade
from sqlalchemy import select

import config
from app.accounts.models import User, UserSession
from app.core.db import db
from app.factory import create_app
from scripts.lib.bench_start import ROOT, free_port
from scripts.lib.synthetic import MEMBER_COLUMNS, load, member, settle

PATIENCE = 60.0
# As many as there are connections to the database that stay open.
AT_ONCE = 10
EVENT = re.compile(rb"event: (\S+)\ndata: ")


@contextmanager
def site(address: str, folder: Path, members: int) -> Iterator[LiveSite]:
    """An application on a new database with so many members, all signed in, and one server process beside it."""
    environment = {"SECRET_KEY": secrets.token_hex(24), "DATABASE_URL": address, "UPLOADS": str(folder / "uploads")}
    app = create_app(config.load(environment))
    with app.app_context():
        upgrade()
        cookies = sign_in(app, members)
        live = LiveSite({**environment, "DEMO": "0", "PORT": str(free_port())}, cookies)
        live.start()
        try:
            yield live
        finally:
            live.stop()
            db.session.remove()
            db.engine.dispose()


def sign_in(app: Flask, count: int) -> dict[int, str]:
    """Adds members; id → the cookie of their browser."""
    random, moment = Random(count), datetime.now(UTC)  # noqa: S311 nobody's secret
    load(User, ("id", "number", *MEMBER_COLUMNS), (member(n, set(), random) for n in range(1, count + 1)))
    ids = db.session.scalars(select(User.id).where(User.closed_at.is_(None))).all()
    columns = ("user_id", "token_hash", "created_at", "last_seen_at", "expires_at", "address", "device")
    times = (moment, moment, moment + timedelta(days=1))
    rows = ((n, hashlib.sha256(f"page of {n}".encode()).hexdigest(), *times, "", "") for n in ids)
    load(UserSession, columns, rows)
    settle()
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    if signer is None:
        raise RuntimeError("without a secret nobody can be signed in")
    name = app.config["SESSION_COOKIE_NAME"]
    return {n: f"{name}={signer.dumps({'_user_id': f'page of {n}', '_fresh': True, '_permanent': True})}" for n in ids}


class LiveSite:
    """`hear(user_id, topic)` is called by the reader's thread for each event of each page, at once."""

    def __init__(self, environment: dict[str, str], cookies: dict[int, str]) -> None:
        self.cookies = cookies
        self.hear: Callable[[int, str], None] = lambda _user_id, _topic: None
        self._environment = environment
        self._selector = selectors.DefaultSelector()
        self._opened: set[int] = set()
        self._rest: dict[int, bytes] = {}
        self._reading = True
        self._reader = threading.Thread(target=self._read, daemon=True)

    def start(self) -> None:
        command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "--workers", "1", "wsgi:app"]
        # Its log, a line for each page that is opened, is not what is measured.
        self._server = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **self._environment}, stderr=subprocess.DEVNULL
        )
        self._reader.start()
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise RuntimeError("the server did not start")
            time.sleep(0.1)

    def open_pages(self, count: int) -> list[int]:
        """One page of each of `count` more members, opened and caught up; their ids."""
        wanted = [user_id for user_id in self.cookies if user_id not in self._rest][:count]
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            for user_id in some:
                self._open(user_id)
            self._wait(lambda some=some: self._opened.issuperset(some))  # type: ignore[misc]
        return wanted

    def memory(self) -> int:
        """Bytes of the server process that are its own, in memory."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self._server.pid)], capture_output=True, text=True, check=True
        )
        status = Path(f"/proc/{listed.stdout.split()[0]}/status").read_text()
        found = re.search(r"RssAnon:\s+(\d+) kB", status)
        return int(found[1]) * 1024 if found else 0

    def stop(self) -> float:
        """Seconds until it has stopped, with all its pages open."""
        began = time.monotonic()
        self._server.send_signal(signal.SIGTERM)
        self._server.wait(PATIENCE)
        self._reading = False
        self._reader.join(PATIENCE)
        return time.monotonic() - began

    def _open(self, user_id: int) -> None:
        page = socket.create_connection(("127.0.0.1", int(self._environment["PORT"])))
        words = f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookies[user_id]}\r\n\r\n"
        page.sendall(words.encode())
        page.setblocking(False)
        self._rest[user_id] = b""
        self._selector.register(page, selectors.EVENT_READ, user_id)

    def _read(self) -> None:
        while self._reading:
            for key, _mask in self._selector.select(0.1):
                if isinstance(key.fileobj, socket.socket):
                    self._take(key.fileobj, key.data)

    def _take(self, page: socket.socket, user_id: int) -> None:
        part = page.recv(65536)
        if not part:
            self._selector.unregister(page)
            page.close()
            return
        *frames, self._rest[user_id] = (self._rest[user_id] + part).split(b"\n\n")
        for frame in frames:
            if found := EVENT.search(frame):
                self._opened.add(user_id)
                self.hear(user_id, found[1].decode())

    def _wait(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise RuntimeError("a page was not opened; are all places taken?")
            time.sleep(0.002)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", int(self._environment["PORT"])), timeout=5) as probe:
                probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                return b" 200 " in probe.recv(1000)
        except OSError:
            return False
