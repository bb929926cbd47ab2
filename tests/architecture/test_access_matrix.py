"""Every address in every role: an address that the matrix does not know fails here (P18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import UserSession
from app.accounts.operations import Link, make_link
from app.core.db import db
from app.reports.models import Report
from app.skills.models import Skill
from tests.architecture.access import MATRIX, ROLES, Access
from tests.conftest import new_client
from tests.directory.people import add_member
from tests.exchange.agreements import add_exchanges
from tests.exchange.posts import add_post
from tests.support.chats import add_chats
from tests.support.client import CheckedClient
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


@pytest.mark.parametrize("access", MATRIX, ids=str)
def test_who_may_ask(app: Flask, as_: Callable[[str], CheckedClient], world: World, access: Access) -> None:
    filled = {**places(world), **made_for(access.path, world)}
    path = access.path.format(**filled)
    data = {name: value.format(**filled) if value.startswith("{") else value for name, value in access.data.items()}
    answers = {}
    # The owner comes last: what he does may take the row away from under the others.
    for role in sorted(ROLES, key=lambda name: name == "alice"):
        browser = as_(role) if role else new_client(app)
        answers[role] = browser.open(path, method=access.method, data=data).status_code
    assert answers == dict(zip(ROLES, access.answers, strict=True))


def made_for(path: str, world: World) -> dict[str, int | str]:
    """Rows that the world does not have and this address needs."""
    if "{invitation}" in path:
        made = {"invitation": make_link(world.mod, Link("Fair", 5, 14)).id}
        db.session.commit()
        db.session.remove()
        return made
    if "{chat}" in path:
        made = add_chats(world)
        db.session.commit()
        db.session.remove()
        return made
    if "{transfer}" in path or "{organisation}" in path:
        made = add_wallets(world)
        db.session.commit()
        db.session.remove()
        return made
    if "{post}" in path:
        return {"post": add_post(world.alice)}
    if "{exchange}" in path or "{asked}" in path:
        return add_exchanges(world)
    if "{hours_" in path:
        return add_hours(world)
    if "{offline}" in path:
        return {"offline": add_member("Olga Offline")}
    if "{import_file}" in path:
        return {"import_file": stage_list(world.admin, "members.csv", GOOD)}
    if "/notices" in path or "announcement" in path or "{unsubscribe}" in path:
        return add_notices(world)
    if "{report}" not in path:
        return {}
    report = Report(reporter_id=world.carol, reported_id=world.bob, subject_id=world.bob, reason="spam")
    db.session.add(report)
    db.session.commit()
    made = {"report": report.id}
    db.session.remove()
    return made


def places(world: World) -> dict[str, int]:
    session = db.session.scalars(select(UserSession.id).where(UserSession.user_id == world.alice)).one()
    python = db.session.scalars(select(Skill.id).where(Skill.slug == "python")).one()
    db.session.remove()
    return {**asdict(world), "alice_session": session, "python": python}
