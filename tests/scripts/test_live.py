"""Open streams on a real server: how many, what they cost others, who reaches them, how they end."""

from __future__ import annotations

import hashlib
import http.client
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import Engine, create_engine, insert, select

import config
from app.accounts.models import User, UserSession
from tests.scripts.conftest import Run, Starter

SECRET = "s" * 32
PAGES = 50
# Fewer than one process gives to one member.
A_MEMBER = 2


@pytest.fixture
def run(start: Starter, checkout: Path) -> Run:
    started = start(checkout, SECRET_KEY=SECRET)
    started.wait_for_site()
    return started


@pytest.fixture
def engine(environ: dict[str, str], checkout: Path) -> Iterator[Engine]:
    """The site's database."""
    address = environ.get("DATABASE_URL") or f"sqlite:///{checkout}/instance/guildhall.sqlite"
    made = create_engine(config.database_address(address))
    yield made
    made.dispose()


def test_fifty_open_pages_leave_room_for_a_sign_in_and_do_not_keep_it_from_stopping(run: Run, engine: Engine) -> None:
    with opened(run, cookies(engine, PAGES // A_MEMBER), PAGES) as streams:
        answers = [stream.status for stream in streams]
        open_ones = PAGES if engine.dialect.name == "postgresql" else 16
        assert answers.count(200) == open_ones
        assert answers.count(503) == PAGES - open_ones
        assert "Alice" in sign_in(run)
        assert run.end() < 3
        assert "by force" not in run.output


def test_what_another_process_commits_reaches_every_open_page(
    run: Run, engine: Engine, checkout: Path, environ: dict[str, str]
) -> None:
    members = cookies(engine, 4)
    with opened(run, members, 8) as streams:
        wait_until_heard(streams, "resync")
        code = (
            "from app.core import live; from app.core.db import db; from app.factory import create_app\n"
            f"with create_app().app_context(): live.publish({sorted(members)}, 'notices', 5); db.session.commit()"
        )
        subprocess.run([".venv/bin/python", "-c", code], cwd=checkout, env=environ, check=True)
        began = time.monotonic()
        wait_until_heard(streams, "notices")
        assert time.monotonic() - began < 1


def cookies(engine: Engine, count: int) -> dict[int, str]:
    """`count` members of the demo, signed in: id → the cookie of their browser."""
    signer = SecureCookieSessionInterface().get_signing_serializer(_application())
    assert signer is not None
    made = {}
    with engine.begin() as connection:
        here = (User.is_active, User.approved_at.is_not(None), User.closed_at.is_(None), User.emptied_at.is_(None))
        for user_id in connection.scalars(select(User.id).where(*here).order_by(User.id).limit(count)).all():
            token, moment = f"open page of {user_id}", datetime.now(UTC)
            row = {
                "user_id": user_id, "token_hash": hashlib.sha256(token.encode()).hexdigest(), "created_at": moment,
                "last_seen_at": moment, "expires_at": moment + timedelta(days=1), "address": "", "device": "",
            }  # fmt: skip
            connection.execute(insert(UserSession.__table__), row)  # type: ignore[arg-type]
            made[user_id] = f"guildhall={signer.dumps({'_user_id': token, '_fresh': True, '_permanent': True})}"
    assert len(made) == count
    return made


def _application() -> Flask:
    signing = Flask("signing")
    signing.secret_key = SECRET
    return signing


@contextmanager
def opened(run: Run, members: dict[int, str], count: int) -> Iterator[list[http.client.HTTPResponse]]:
    """The answers to `count` pages that ask for their stream, the members taking turns."""
    connections, answers = [], []
    browsers = list(members.values())
    for number in range(count):
        connections.append(http.client.HTTPConnection("127.0.0.1", run.port, timeout=20))
        connections[-1].request("GET", "/live", headers={"Cookie": browsers[number % len(browsers)]})
        answers.append(connections[-1].getresponse())
    yield answers
    for connection in connections:
        connection.close()


def wait_until_heard(streams: list[http.client.HTTPResponse], topic: str) -> None:
    for stream in streams:
        while stream.readline() != f"event: {topic}\n".encode():
            assert not stream.isclosed()


def sign_in(run: Run) -> str:
    """Alice's first page, by way of the form."""
    site = f"http://127.0.0.1:{run.port}"
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{site}/sign-in", timeout=10) as answer:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    assert token
    form = {"csrf_token": token[1], "email": "alice@example.org", "password": "guildhall-demo"}
    with browser.open(f"{site}/sign-in", urlencode(form).encode(), timeout=10) as answer:
        return answer.read().decode()
