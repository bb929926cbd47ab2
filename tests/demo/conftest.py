"""The demo community in place of the world."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import delete

from app.accounts import demo as accounts_demo
from app.accounts.models import User
from app.core.db import db
from app.skills import demo as skills_demo


@pytest.fixture
def empty(app: Flask) -> None:
    """A database with the catalogue and no member."""
    db.session.execute(delete(User))
    db.session.commit()


@pytest.fixture
def demo(empty: None) -> None:
    accounts_demo.load()
    skills_demo.load()
    db.session.commit()
