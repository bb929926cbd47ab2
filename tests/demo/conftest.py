"""The demo community in place of the world."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import delete

from app.accounts.models import User
from app.community.presets import EVERYTHING
from app.core.db import db
from app.home import demo as home_demo
from tests.conftest import WORLD, kept
from tests.support.databases import Database
from tests.world import World


@pytest.fixture
def template(request: pytest.FixtureRequest, shared_app: Flask, database: Database, frozen_world: World) -> str:
    """The usual demo community takes seconds to make, so it is made once."""
    if "demo" not in request.fixturenames or preset_of(request) != EVERYTHING:
        return WORLD
    kept(shared_app, database, EVERYTHING, partial(load, EVERYTHING))
    return EVERYTHING


@pytest.fixture
def empty(app: Flask) -> None:
    """A database with the catalogue and no member."""
    empty_it()


@pytest.fixture
def demo(app: Flask, request: pytest.FixtureRequest) -> str:
    """The demo community of the preset that a test names by indirect parametrisation, otherwise of everything."""
    preset = preset_of(request)
    if preset != EVERYTHING:
        load(preset)
    return preset


def preset_of(request: pytest.FixtureRequest) -> str:
    callspec = getattr(request.node, "callspec", None)
    return str(callspec.params.get("demo", EVERYTHING)) if callspec else EVERYTHING


def load(preset: str) -> None:
    empty_it()
    home_demo.load(preset)


def empty_it() -> None:
    db.session.execute(delete(User))
    db.session.commit()
