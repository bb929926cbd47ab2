"""Random operations that are killed in the middle, on a copy of the database: what was confirmed is there, the rest
is not, and the books are whole.

Each worker is a process of its own. It writes a transfer's id to its output once the database has confirmed it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from flask import current_app
from sqlalchemy import create_engine, select
from sqlalchemy.pool import NullPool

from app.core import money
from app.core.db import db
from app.core.errors import DomainError
from app.wallet import kinds, operations
from app.wallet.copies import copy_of
from app.wallet.models import Posting, Transfer
from app.wallet.verify import Finding

WORKERS = 3
PLAYERS = 6
ROOT = Path(__file__).resolve().parents[2]
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi", "wallet"]


@dataclass(frozen=True)
class Report:
    """`lost` are the ids of transfers that were confirmed and are not there."""

    kills: int
    confirmed: int
    lost: list[int]
    findings: list[Finding]

    @property
    def passed(self) -> bool:
        return not self.lost and not self.findings


def run(rounds: int, seconds: float, seed: int) -> Report:
    """Kills `rounds` times after up to `seconds` of work. Raises copies.CopyError."""
    db.session.rollback()
    random, confirmed = Random(seed), list[int]()  # noqa: S311 nobody's secret
    with copy_of(current_app.config["SQLALCHEMY_DATABASE_URI"]) as address:
        for number in range(rounds):
            confirmed += _round(address, seed + number * WORKERS, random.uniform(seconds / 10, seconds))
        there = _transfers_in(address)
        return Report(rounds * WORKERS, len(confirmed), sorted(set(confirmed) - there), _findings_in(address))


def work(seed: int) -> Iterator[int]:
    """For ever: one random operation, committed, and its transfer's id."""
    random = Random(seed)  # noqa: S311 nobody's secret
    players = [operations.wallet_for(kinds.ORGANISATION, f"drill:{n}", money.TIME) for n in range(PLAYERS)]
    source = operations.wallet_for(kinds.ISSUE, "drill", money.TIME)
    db.session.commit()
    count = 0
    while True:
        count += 1
        words: dict[str, Any] = {"text": "Drill", "scope": f"drill:{seed}", "key": str(count)}
        try:
            posted = _any_of(random, players, source, words)
        except DomainError:
            db.session.rollback()
            continue
        db.session.commit()
        yield posted.transfer_id


def _any_of(random: Random, players: list[int], source: int, words: dict[str, Any]) -> operations.Posted:
    one, other = random.sample(players, 2)
    escrow, amount = f"drill:{random.randrange(PLAYERS)}", random.randint(1, 90)
    match random.randrange(6):
        case 0:
            return operations.transfer(source, one, amount * 2, kind=kinds.GRANT, **words)
        case 1:
            return operations.transfer(one, other, amount, **words)
        case 2:
            return operations.hold(one, escrow, amount, **words)
        case 3:
            return operations.release(escrow, one, amount, **words)
        case 4:
            return operations.refund(escrow, one, amount, **words)
        case _:
            mine = select(Posting.transfer_id).where(Posting.wallet_id == one)
            last = db.session.scalar(mine.order_by(Posting.wallet_version.desc()).limit(1))
            if last is None:
                return operations.transfer(source, one, amount, kind=kinds.GRANT, **words)
            return operations.reverse(last, text="Drill")


def _round(address: str, seed: int, seconds: float) -> list[int]:
    """Workers start, work for `seconds` and are killed; what they wrote is what was confirmed."""
    workers = [_start(address, seed + number) for number in range(WORKERS)]
    first = [_first_line(worker) for worker in workers]
    time.sleep(seconds)
    for worker in workers:
        worker.kill()
    rest = [worker.communicate()[0].splitlines(keepends=True) for worker in workers]
    # A line that was cut off in the middle is no confirmation.
    return [int(line) for lines in (first, *rest) for line in lines if line.endswith("\n")]


def _start(address: str, seed: int) -> subprocess.Popen[str]:
    command = [*FLASK, "drill", "--work", str(seed)]
    return subprocess.Popen(command, cwd=ROOT, env=_environment(address), stdout=subprocess.PIPE, text=True)  # noqa: S603 ours


def _first_line(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None  # noqa: S101 opened above
    return worker.stdout.readline()


def _transfers_in(address: str) -> set[int]:
    with create_engine(address, poolclass=NullPool).connect() as connection:
        return set(connection.scalars(select(Transfer.id)))


def _findings_in(address: str) -> list[Finding]:
    """Asked by a process of its own, as an operator would after a crash."""
    done = subprocess.run(  # noqa: S603 ours
        [*FLASK, "verify", "--json"],
        cwd=ROOT,
        env=_environment(address),
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return [Finding(**finding) for finding in json.loads(done.stdout)["findings"]]


def _environment(address: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": address, "DATABASE_DIRECT_URL": address}
