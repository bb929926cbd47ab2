"""Every address in every role: an address that the matrix does not know fails here (P18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import UserSession
from app.accounts.operations import Link, make_link
from app.core.db import db
from app.reports.models import Report
from app.skills.models import Skill
from tests.architecture.access import MATRIX, ROLES, Access
from tests.conftest import WORLD, kept, new_client
from tests.directory.people import add_member
from tests.exchange.agreements import add_exchanges
from tests.exchange.posts import add_post
from tests.support.chats import add_chats
from tests.support.client import CheckedClient
from tests.support.databases import Database
from tests.support.hours import add_hours
from tests.support.imports import GOOD, stage_list
from tests.support.notices import add_notices
from tests.support.wallets import add_wallets
from tests.world import World


def test_every_address_is_in_the_matrix(shared_app: Flask) -> None:
    known = {(access.endpoint, access.method) for access in MATRIX}
    for rule in shared_app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            assert (rule.endpoint, method) in known, f"add {method} {rule.rule} to tests/architecture/access.py"


def test_the_matrix_knows_no_address_that_is_gone(shared_app: Flask) -> None:
    existing = {(rule.endpoint, method) for rule in shared_app.url_map.iter_rules() for method in rule.methods or ()}
    for access in MATRIX:
        assert (access.endpoint, access.method) in existing, f"{access} is gone"


@pytest.fixture
def made(access: Access, shared_app: Flask, database: Database, frozen_world: World) -> dict[str, int | str]:
    """What stands for the braces in the path: rows that the world has, and those that this address needs."""
    what = needed_for(access.path)
    rows = kept(shared_app, database, f"with_{what}", lambda: MAKERS[what](frozen_world)) if what else {}
    return {**asdict(frozen_world), **rows}


@pytest.fixture
def template(access: Access, made: dict[str, int | str]) -> str:
    what = needed_for(access.path)
    return f"with_{what}" if what else WORLD


@pytest.mark.parametrize("access", MATRIX, ids=str)
def test_who_may_ask(
    app: Flask, as_: Callable[[str], CheckedClient], world: World, made: dict[str, int | str], access: Access
) -> None:
    filled = {**places(world), **made}
    path = access.path.format(**filled)
    data = {name: value.format(**filled) if value.startswith("{") else value for name, value in access.data.items()}
    answers = {}
    # The owner comes last: what he does may take the row away from under the others.
    for role in sorted(ROLES, key=lambda name: name == "alice"):
        browser = as_(role) if role else new_client(app)
        answers[role] = browser.open(path, method=access.method, data=data).status_code
    assert answers == dict(zip(ROLES, access.answers, strict=True))


def needed_for(path: str) -> str:
    """The key of MAKERS of what the world does not have and this address needs; "" for nothing."""
    return next((what for mark, what in NEEDS.items() if mark in path), "")


def add_invitation(world: World) -> dict[str, int | str]:
    return {"invitation": make_link(world.mod, Link("Fair", 5, 14)).id}


def add_report(world: World) -> dict[str, int | str]:
    report = Report(reporter_id=world.carol, reported_id=world.bob, subject_id=world.bob, reason="spam")
    db.session.add(report)
    db.session.flush()
    return {"report": report.id}


# What a path has in it → what it needs; the first one counts.
NEEDS = {
    "{invitation}": "invitation",
    "{chat}": "chats",
    "{transfer}": "wallets",
    "{organisation}": "wallets",
    "{post}": "post",
    "{exchange}": "exchanges",
    "{asked}": "exchanges",
    "{hours_": "hours",
    "{offline}": "offline",
    "{import_file}": "import",
    "/notices": "notices",
    "announcement": "notices",
    "{unsubscribe}": "notices",
    "{report}": "report",
}
MAKERS: dict[str, Callable[[World], dict[str, Any]]] = {
    "invitation": add_invitation,
    "chats": add_chats,
    "wallets": add_wallets,
    "post": lambda world: {"post": add_post(world.alice)},
    "exchanges": add_exchanges,
    "hours": add_hours,
    "offline": lambda _world: {"offline": add_member("Olga Offline")},
    "import": lambda world: {"import_file": stage_list(world.admin, "members.csv", GOOD)},
    "notices": add_notices,
    "report": add_report,
}


def places(world: World) -> dict[str, int]:
    session = db.session.scalars(select(UserSession.id).where(UserSession.user_id == world.alice)).one()
    python = db.session.scalars(select(Skill.id).where(Skill.slug == "python")).one()
    db.session.remove()
    return {**asdict(world), "alice_session": session, "python": python}
