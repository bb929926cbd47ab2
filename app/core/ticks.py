"""Periodic work: `flask tick` does what is due once, `flask tick --loop` for ever.

Each piece of work is a row in `leases`, claimed by one guarded update, so two loops at once do each thing once.
"""

from __future__ import annotations

import secrets
import signal
import threading
from datetime import UTC, datetime
from types import FrameType

import click
import structlog
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import OperationalError

from app.core.clock import now
from app.core.db import db, dialect_name
from app.core.models import Lease
from app.core.registry import Tick, registry

log = structlog.get_logger()

PAUSE_SECONDS = 1.0
PAUSE_AFTER_OUTAGE_SECONDS = 5.0
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def init_app(app: Flask) -> None:
    app.cli.add_command(tick_command)


@click.command("tick")
@click.option("--loop", is_flag=True, help="Go on until stopped.")
def tick_command(loop: bool) -> None:
    """Do the periodic work that is due: mail, expiries, clean-ups."""
    if not loop:
        click.echo(f"{run_due()} pieces of work done")
        return
    stopped = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopped.is_set():
        stopped.wait(PAUSE_SECONDS if _round() else PAUSE_AFTER_OUTAGE_SECONDS)


def _round() -> bool:
    try:
        run_due()
    except OperationalError as error:
        log.error("tick_database_unavailable", error=type(error).__name__)
        db.session.remove()
        return False
    return True


def run_due() -> int:
    """Runs every registered tick whose time has come; returns how many ran. One that fails does not stop the others."""
    holder = secrets.token_hex(8)
    ran = 0
    for tick in registry().ticks.values():
        if _claim(tick, holder):
            _run(tick)
            ran += 1
    return ran


def last_done() -> datetime | None:
    """When the latest piece of work was done: how the site knows that its ticks are alive."""
    return db.session.scalar(select(Lease.done_at).order_by(Lease.done_at.desc()).limit(1))


def _claim(tick: Tick, holder: str) -> bool:
    moment = now()
    claimed = (
        update(Lease)
        .where(Lease.name == tick.name, Lease.held_until <= moment, Lease.done_at <= moment - tick.every)
        .values(holder=holder, held_until=moment + tick.longest)
        .returning(Lease.name)
    )
    if db.session.scalar(select(Lease.name).where(Lease.name == tick.name)) is None:
        insert = sqlite_insert if dialect_name() == "sqlite" else postgresql_insert
        row = {"name": tick.name, "held_until": LONG_AGO, "done_at": LONG_AGO}
        db.session.execute(insert(Lease).values(row).on_conflict_do_nothing())
    mine = db.session.scalar(claimed) is not None
    db.session.commit()
    return mine


def _run(tick: Tick) -> None:
    try:
        count = tick.handler()
    # The edge of the process: whatever one piece of work does wrong, the others and the site go on.
    except Exception as error:
        db.session.rollback()
        log.exception("tick_failed", tick=tick.name, error=type(error).__name__)
    else:
        if count:
            log.info("tick", tick=tick.name, count=count)
    db.session.execute(update(Lease).where(Lease.name == tick.name).values(held_until=LONG_AGO, done_at=now()))
    db.session.commit()
