"""Fixtures for all tests: the application on one of the two databases, the world, clients, counted statements."""

from __future__ import annotations

import gc
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask, before_render_template, template_rendered
from flask_migrate import upgrade
from sqlalchemy import Engine, event

import config
from app.core.db import db
from app.factory import create_app
from tests import postgres
from tests import world as world_module
from tests.support.client import CheckedClient
from tests.support.databases import Database, PostgresqlDatabase, SqliteDatabase
from tests.support.live import forget_streams
from tests.world import World, session_token

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the one PostgreSQL server that all workers share."""
    if config.getoption("--database") == "postgresql" and not hasattr(config, "workerinput"):
        os.environ["GUILDHALL_TEST_SERVER"] = postgres.start(postgres.in_memory())


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        postgres.stop()


@pytest.fixture(scope="session")
def worker(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "alone")


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker: str) -> Database:
    if request.config.getoption("--database") == "postgresql":
        return PostgresqlDatabase(os.environ["GUILDHALL_TEST_SERVER"], worker)
    return SqliteDatabase(tmp_path_factory.mktemp("database"))


@pytest.fixture(scope="session")
def uploads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="session")
def shared_app(database: Database, uploads: Path) -> Flask:
    folders = {"UPLOADS": str(uploads), "BACKUP_DIR": str(uploads.with_name("backups"))}
    settings = config.load({"SECRET_KEY": secrets.token_hex(24), "DATABASE_URL": database.url, **folders})
    application = create_app(settings, TESTING=True)
    application.test_client_class = CheckedClient
    watch_for_lost_changes(application)
    return application


WORLD, PLACES = "world", "places"
FRESH = 300.0  # seconds: what the world does not have is made anew then, because some of it is there for minutes only
_at: set[str] = set()  # the template that the database is the same as: none once anything but a SELECT was sent to it
_kept: dict[str, tuple[float, Any]] = {}


@event.listens_for(Engine, "before_cursor_execute")
def note_writing(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    """A test that only read leaves the copy as it was, and the next one need not wait for a new one."""
    if not statement.lstrip().upper().startswith("SELECT"):
        _at.clear()


def put_back(database: Database, template: str) -> None:
    if template not in _at:
        database.reset(template)
        _at.clear()
        _at.add(template)


def freeze(database: Database, template: str) -> None:
    db.session.remove()
    db.engine.dispose()
    database.freeze(template)
    _at.clear()
    _at.add(template)


def kept(app: Flask, database: Database, template: str, make: Callable[[], Any]) -> Any:
    """What `make()` returned when it added to the world what `template` has."""
    made_at, made = _kept.get(template, (-FRESH, None))
    if time.monotonic() - made_at < FRESH:
        return made
    put_back(database, WORLD)
    with app.app_context():
        made = make()
        db.session.commit()
        freeze(database, template)
    _kept[template] = (time.monotonic(), made)
    return made


@pytest.fixture(scope="session")
def frozen_world(shared_app: Flask, database: Database) -> World:
    with shared_app.app_context():
        upgrade()
        built = world_module.build()
        freeze(database, WORLD)
    gc.collect()
    gc.freeze()  # what is there by now stays: looking it through again and again takes a tenth of a run
    gc.set_threshold(10_000, 20, 20)
    return built


@pytest.fixture
def template(request: pytest.FixtureRequest) -> str:
    """The state of the database when the test begins; a module may say another one that it has `kept`."""
    if "places" not in request.fixturenames:
        return WORLD
    request.getfixturevalue("kept_places")
    return PLACES


@pytest.fixture
def kept_places(shared_app: Flask, database: Database, frozen_world: World) -> dict[str, int | str]:
    from tests.support.pages import prepare_places  # it needs modules that need this one

    return dict(kept(shared_app, database, PLACES, lambda: prepare_places(frozen_world)))


@pytest.fixture
def app(shared_app: Flask, database: Database, frozen_world: World, template: str) -> Iterator[Flask]:
    """The application on a fresh copy of the world, with its context pushed for calls from the test itself."""
    put_back(database, template)
    _drawing.templates = []
    with shared_app.app_context():
        refuse_statements_while_drawing(shared_app)
        yield shared_app
        db.session.remove()
        forget_streams(shared_app)
        db.engine.dispose()


@pytest.fixture
def places(app: Flask, kept_places: dict[str, int | str]) -> dict[str, int | str]:
    """What stands for the braces in tests/support/pages.py; the database has in it what they show."""
    return kept_places


@pytest.fixture
def world(app: Flask, frozen_world: World) -> World:
    return frozen_world


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """Somebody who is not signed in; forms need no CSRF token here (its own tests switch it on)."""
    return new_client(app)


@pytest.fixture
def as_(app: Flask) -> Callable[[str], CheckedClient]:
    """`as_("alice")` is a browser in which Alice is signed in."""

    def signed_in(name: str) -> CheckedClient:
        browser = new_client(app)
        content = {"_user_id": session_token(name), "_fresh": True, "_permanent": True}
        cookie = app.session_interface.get_signing_serializer(app).dumps(content)  # type: ignore[attr-defined]
        browser.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie)
        return browser

    return signed_in


def new_client(app: Flask) -> CheckedClient:
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    assert isinstance(browser, CheckedClient)
    return browser


@pytest.fixture
def statements(app: Flask) -> Callable[[], Any]:
    """`with statements() as seen:` collects the SQL that is sent meanwhile."""

    @contextmanager
    def collect() -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
            # "Last seen" is noted every five minutes beside the page: a long run would meet it in some tests only.
            if not statement.startswith("UPDATE user_sessions SET last_seen_at"):
                seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return collect


def watch_for_lost_changes(application: Flask) -> None:
    """A view that answers with success and leaves changes uncommitted fails its test."""

    @event.listens_for(db.session, "after_flush")
    def flushed(session: Any, _context: object) -> None:
        session.info["unsaved"] = True

    @event.listens_for(db.session, "do_orm_execute")
    def executed(state: Any) -> None:
        if state.is_insert or state.is_update or state.is_delete:
            state.session.info["unsaved"] = True

    @event.listens_for(db.session, "after_commit")
    @event.listens_for(db.session, "after_rollback")
    def settled(session: Any) -> None:
        session.info["unsaved"] = False

    @application.after_request
    def check(response: Any) -> Any:
        session = db.session()
        left = session.info.get("unsaved") or session.new or session.dirty or session.deleted
        assert not left or response.status_code >= 400, "the view answered without committing its changes"
        return response


_drawing_watched: set[int] = set()
_drawing = threading.local()  # each thread of a live server draws its own page


def drawing() -> list[str]:
    """The templates that this thread is drawing."""
    return getattr(_drawing, "templates", [])


def refuse_statements_while_drawing(application: Flask) -> None:
    """A statement that a template causes (a lazy load, an expired row) fails its test."""
    engine = db.engine
    if id(engine) in _drawing_watched:
        return
    _drawing_watched.add(id(engine))

    def begin(_app: Flask, template: Any, **_extra: Any) -> None:
        _drawing.templates = [*drawing(), template.name or ""]

    def end(_app: Flask, **_extra: Any) -> None:
        _drawing.templates = drawing()[:-1]

    before_render_template.connect(begin, application, weak=False)
    template_rendered.connect(end, application, weak=False)

    @event.listens_for(engine, "before_cursor_execute")
    def refuse(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        assert not drawing(), f"the template {drawing()[-1]} caused a statement: {statement[:200]}"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One for all tests of a process: Playwright starts only once in it."""
    from tests.support.browsing import chromium

    with chromium() as opened:
        yield opened
