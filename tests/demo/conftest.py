"""The demo community in place of the world."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete

from app.accounts.models import User
from app.community.presets import EVERYTHING
from app.core.db import db
from app.home import demo as home_demo


@pytest.fixture
def empty(app: Flask) -> None:
    """A database with the catalogue and no member."""
    db.session.execute(delete(User))
    db.session.commit()


@pytest.fixture
def demo(empty: None, request: pytest.FixtureRequest) -> str:
    """The demo community of the preset that a test names by indirect parametrisation, otherwise of everything."""
    preset: str = getattr(request, "param", EVERYTHING)
    home_demo.load(preset)
    return preset
