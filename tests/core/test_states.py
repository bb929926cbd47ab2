"""The one function that moves rows: what is not in the table is refused, and nobody overtakes anybody."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.core.db import db
from app.core.errors import Conflict
from app.core.states import Machine, apply
from app.reports.models import Report, ReportEvent
from app.reports.states import DISMISS, REPORTS, RESOLVE, REVIEW
from tests.world import World

MACHINES = {"reports": REPORTS}
REFUSED = [
    (name, state, action)
    for name, machine in MACHINES.items()
    for state in sorted(machine.states)
    for action in sorted(machine.actions)
    if not machine.allows(state, action)
]


def report_in(state: str, world: World) -> Report:
    report = Report(reporter_id=world.alice, reported_id=world.bob, subject_id=world.bob, reason="spam", state=state)
    report.outcome = "nothing" if state == "resolved" else ""
    db.session.add(report)
    db.session.commit()
    return report


@pytest.mark.parametrize(("name", "state", "action"), REFUSED)
def test_what_is_not_in_the_table_is_refused(app: Flask, world: World, name: str, state: str, action: str) -> None:
    report = report_in(state, world)
    with pytest.raises(Conflict):
        apply(MACHINES[name], report.id, action, actor_id=world.mod, version=1)
    db.session.rollback()
    assert (report.state, report.version) == (state, 1)
    assert db.session.scalars(select(ReportEvent)).all() == []


@pytest.mark.parametrize(("state", "action"), sorted(REPORTS.table))
def test_what_is_in_the_table_moves_and_is_written_down(app: Flask, world: World, state: str, action: str) -> None:
    report = report_in(state, world)
    values = {"outcome": "warned"} if action == RESOLVE else {}
    moved = apply(REPORTS, report.id, action, actor_id=world.mod, version=1, reason="because", **values)
    db.session.commit()
    assert (moved.state, moved.version) == (REPORTS.table[state, action], 2)
    event = db.session.scalars(select(ReportEvent)).one()
    assert (event.row_id, event.actor_id, event.action) == (report.id, world.mod, action)
    assert (event.from_state, event.to_state, event.reason) == (state, moved.state, "because")


def test_who_was_shown_something_older_is_refused(app: Flask, world: World) -> None:
    report = report_in("open", world)
    apply(REPORTS, report.id, REVIEW, actor_id=world.mod, version=1)
    with pytest.raises(Conflict):
        apply(REPORTS, report.id, DISMISS, actor_id=world.admin, version=1)


@pytest.mark.parametrize("statement", ["UPDATE report_events SET reason = 'x'", "DELETE FROM report_events"])
def test_the_history_cannot_be_changed(app: Flask, world: World, statement: str) -> None:
    report = report_in("open", world)
    apply(REPORTS, report.id, REVIEW, actor_id=world.mod, version=1)
    db.session.commit()
    with pytest.raises(IntegrityError, match="append-only"):
        db.session.execute(text(statement))
    db.session.rollback()


def test_a_machine_knows_its_states() -> None:
    machine = Machine(Report, ReportEvent, {("a", "go"): "b"})
    assert (machine.states, machine.actions) == ({"a", "b"}, {"go"})
