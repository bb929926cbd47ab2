"""Transfers through the real operation beside pgbench's TPC-B on the same server in the same run.

The clients are eight processes, as pgbench's are eight connections. Beside the operation stands its function in
PostgreSQL alone, sent by pgbench in one statement, and the whole request of a member who gives a minute. The rounds
alternate, every other one backwards, because the machine does other things too; shares are taken within a round, and
the middle one counts. At the end the books are audited.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
import statistics
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import make_url, select

from app.accounts.models import User
from app.core.db import db
from app.core.money import TIME
from app.wallet import digests, kinds, owners, verify
from app.wallet.models import Wallet
from app.wallet.operations.posting import FUNCTION
from scripts.lib.bench_start import ROOT
from scripts.lib.ledger_client import Client, Giver, application
from scripts.lib.live_site import sign_in
from scripts.lib.synthetic import load, settle
from scripts.lib.timing import Timing
from tests import postgres

CLIENTS, MEMBERS, SCALE = 8, 10_000, 10
ROUNDS, SECONDS, WARM_UP = 13, 4, 3
FLOOR = -(10**9)
# Nothing is confirmed before it is on disk, neither ours nor pgbench's.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "autovacuum": "on",
    "max_wal_size": "4GB",
}
# What the operation sends, which is planned once for each connection, is a transaction of its own here; like the
# operation it waits for the disk in any case.
POST = """
\\set giver random(2, {members})
\\set receiver {receiver}
\\set amount random(1, 60)
\\set low least(:giver, :receiver)
\\set high greatest(:giver, :receiver)
\\set first CASE WHEN :giver = :low THEN -:amount ELSE :amount END
\\set second -:first
\\set key random(1, 9000000000000000000)
\\if :is_planned
\\else
PREPARE post AS SELECT ({function}).was_awaited;
\\set is_planned true
\\endif
EXECUTE post('{{:low,:high}}', '{{:first,:second}}', 'gift', 'Thank you', '', :giver, NULL, 'pgbench', ':key', now(),
    true) \\gset
\\if :was_awaited
SELECT pg_logical_emit_message(true, 'guildhall', '');
\\endif
"""
RECEIVERS = {"random": "(:giver + random(0, {members} - 4)) % ({members} - 1) + 2", "hot": "1"}
NAMES = {
    "tpcb": "TPC-B by pgbench",
    "tpcb planned": "TPC-B by pgbench, planned once",
    "function random": "ledger_post by pgbench, random",
    "function hot": "ledger_post by pgbench, one hot",
    "random": "operation, random accounts",
    "hot": "operation, one hot account",
    "request": "whole request, random accounts",
}


def run(address: str, folder: Path) -> tuple[list[Timing], dict[str, float]]:
    """Timings of each kind of transfer, the yardstick first, and how many there were a second."""
    logging.disable(logging.INFO)  # a line for each request is not what is measured
    app = application(address, str(folder))
    with app.app_context():
        upgrade()
        givers = made_givers(app)
        settle()
        db.session.remove()
        samples = on_one_file(app, givers) if address.startswith("sqlite") else on_a_server(address, folder, givers)
        audited = verify.audit()
        db.session.remove()
        db.engine.dispose()
    if audited.findings:
        raise RuntimeError(f"the books are not whole: {audited.findings[:3]}")
    timings = [Timing(NAMES[what], taken.middle) for what, taken in samples.items()]
    counted = {f"{NAMES[what]}, a second": taken.a_second for what, taken in samples.items()}
    if "tpcb" in samples:
        yardstick = samples["tpcb"]
        counted |= {f"{NAMES[what]}, × TPC-B": taken.beside(yardstick) for what, taken in samples.items()}
    return timings, {**counted, "postings audited, all of them whole": float(audited.postings)}


class Samples:
    """Milliseconds of each transfer by round."""

    def __init__(self) -> None:
        self.rounds: list[list[float]] = []

    @property
    def middle(self) -> list[float]:
        return sorted(self.rounds, key=len)[len(self.rounds) // 2]

    @property
    def a_second(self) -> float:
        return statistics.median(len(taken) for taken in self.rounds) / SECONDS

    def beside(self, yardstick: Samples) -> float:
        """How many times the yardstick's, in the middle one of the rounds: each is held against its neighbour."""
        pairs = zip(self.rounds, yardstick.rounds, strict=True)
        return statistics.median(len(own) / len(bare) for own, bare in pairs)


def made_givers(app: Flask) -> list[Giver]:
    """Members who are signed in, each with a wallet that may fall far: the hundredth transfer must not be refused."""
    cookies, moment = sign_in(app, MEMBERS), datetime.now(UTC)
    columns = ("id", "kind", "owner", "currency", "floor", "balance", "version", "head", "created_at", "digest")
    rows = (
        (*fixed, 0, 0, "", moment, digests.of_wallet(*fixed, moment))
        for fixed in ((n, kinds.MEMBER, owners.of_user(n), TIME, FLOOR) for n in range(1, MEMBERS + 1))
    )
    load(Wallet, columns, rows)
    # Who takes a break is given nothing.
    active = set(db.session.scalars(select(User.id).where(User.paused_at.is_(None))))
    db.session.rollback()
    return [Giver(user_id, user_id, cookie) for user_id, cookie in cookies.items() if user_id in active]


def on_one_file(app: Flask, givers: list[Giver]) -> dict[str, Samples]:
    """SQLite has one process with threads."""
    samples = {"random": Samples(), "hot": Samples(), "request": Samples()}
    for _round in range(ROUNDS):
        for what, taken in samples.items():
            taken.rounds.append(by_threads(app, givers, what))
    return samples


def by_threads(app: Flask, givers: list[Giver], what: str) -> list[float]:
    taken: list[float] = []

    def work(number: int) -> None:
        taken.extend(Client(app, number, givers).run(what, SECONDS))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


def on_a_server(address: str, folder: Path, givers: list[Giver]) -> dict[str, Samples]:
    samples = {what: Samples() for what in NAMES}
    pgbench(address, folder, "--initialize", "--quiet", f"--scale={SCALE}")
    for what, receiver in RECEIVERS.items():
        words = {"members": MEMBERS, "receiver": receiver.format(members=MEMBERS), "function": numbered(FUNCTION)}
        (folder / f"{what}.sql").write_text(POST.format(**words))
    with clients(address, folder, givers) as processes:
        # Connections are opened, plans are made, and the server looks at its statistics.
        for what in RECEIVERS:
            by_processes(processes, what, WARM_UP)
            by_pgbench(address, folder, f"--file={folder / what}.sql")
        settle()
        measured: list[tuple[str, Callable[[], list[float]]]] = [
            ("tpcb planned", partial(by_pgbench, address, folder, "--builtin=tpcb-like", "--protocol=prepared")),
            ("tpcb", partial(by_pgbench, address, folder, "--builtin=tpcb-like")),
            *(
                (f"function {what}", partial(by_pgbench, address, folder, f"--file={folder / what}.sql"))
                for what in RECEIVERS
            ),
            *((what, partial(by_processes, processes, what, SECONDS)) for what in ("random", "hot", "request")),
        ]
        for _round in range(ROUNDS):
            for name, measure in measured:
                samples[name].rounds.append(measure())
            # Whoever comes next pays for what the one before has left to the server.
            measured.reverse()
    return samples


def numbered(call: str) -> str:
    """`call` with the places of PREPARE."""
    numbers = itertools.count(1)
    return re.sub(r"%\(\w+\)s", lambda _place: f"${next(numbers)}", call)


def by_pgbench(address: str, folder: Path, *script: str) -> list[float]:
    """Milliseconds from pgbench's log of transactions, whose third word is microseconds."""
    log = folder / "pgbench"
    pgbench(
        address,
        folder,
        *("--no-vacuum", f"--client={CLIENTS}", "--jobs=2", f"--time={SECONDS}", "--define=is_planned=false"),
        *("--log", f"--log-prefix={log}", *script),
    )
    files = list(folder.glob("pgbench.*"))
    taken = [int(line.split()[2]) / 1000 for file in files for line in file.read_text().splitlines()]
    for file in files:
        file.unlink()
    return taken


def pgbench(address: str, folder: Path, *options: str) -> None:
    url, programs = make_url(address), postgres.binaries()
    where = ["-h", str(url.host), "-p", str(url.port), "-U", str(url.username)]
    command = [str((programs or Path()) / "pgbench"), *where, *options, str(url.database)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"pgbench failed: {done.stderr[-500:]}")


@contextmanager
def clients(address: str, folder: Path, givers: list[Giver]) -> Iterator[list[subprocess.Popen[str]]]:
    known = folder / "givers.json"
    known.write_text(json.dumps(givers))
    command = [sys.executable, "-m", "scripts.lib.ledger_client", address, str(folder)]
    processes = [
        subprocess.Popen(
            [*command, str(number), str(known)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for number in range(CLIENTS)
    ]
    try:
        for process in processes:
            answer(process)
        yield processes
    finally:
        for process in processes:
            process.communicate()


def by_processes(processes: list[subprocess.Popen[str]], what: str, seconds: float) -> list[float]:
    for process in processes:
        if process.stdin is not None:
            process.stdin.write(f"{what} {seconds}\n")
            process.stdin.flush()
    return [taken for process in processes for taken in json.loads(answer(process))]


def answer(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout is not None else ""
    if not line:
        raise RuntimeError("a client has stopped; what it said stands above")
    return line
