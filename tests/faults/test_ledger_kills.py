"""P2 and P8: whatever is killed in the middle of an escrow's release, it has happened or it has not."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.core.db import db, dialect_name
from app.core.money import TIME
from app.wallet import kinds, operations
from tests.support.databases import Database, SqliteDatabase
from tests.support.ledger import assert_whole, balances, give_hours
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
CALLS = ("pwrite64", "write", "fsync", "fdatasync", "unlink", "ftruncate")
BEFORE, AFTER = [240, 0, 60], [240, 60, 0]


@pytest.fixture
def escrow(app: Flask, world: World) -> Callable[[], list[int]]:
    """Alice has set 60 minutes aside for exchange:1; what Alice, Bob and the escrow have, whenever it is asked."""
    alice, bob = give_hours(world.alice, 300), operations.member_wallet(world.bob)
    operations.hold(alice, "exchange:1", 60, text="Spanish", scope="exchange:1", key="hold")
    held = operations.wallet_for(kinds.ESCROW, "exchange:1", TIME)
    db.session.commit()
    return lambda: balances(alice, bob, held)


def child(verb: str, address: str, folder: Path) -> subprocess.Popen[str]:
    """A process that is about to release, and waits for a line."""
    command = [sys.executable, "-m", "tests.support.ledger_child", verb, address, str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_process_killed_inside_the_transaction_leaves_no_lock(
    app: Flask, world: World, database: Database, escrow: Callable[[], list[int]], tmp_path: Path
) -> None:
    """P8: the release is posted and not committed; the wallets are free again at once."""
    db.session.remove()
    process = child("hang", database.url, tmp_path)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("go\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n"
    process.kill()
    process.communicate()
    began = time.monotonic()
    if dialect_name() == "postgresql":
        db.session.execute(text("SET LOCAL lock_timeout = '5s'"))
    alice = operations.member_wallet(world.alice)
    operations.refund("exchange:1", alice, 60, text="Spanish", scope="exchange:1", key="refund")
    db.session.commit()
    assert time.monotonic() - began < 5
    assert escrow() == [300, 0, 0]
    assert_whole()


@pytest.mark.slow
@pytest.mark.strace
@pytest.mark.timeout(1500)
def test_a_kill_at_every_system_call_is_all_or_nothing(
    app: Flask, database: Database, escrow: Callable[[], list[int]], tmp_path: Path
) -> None:
    """P2: on SQLite, at every write, fsync, truncation and removal of the database's files, one after another."""
    if not isinstance(database, SqliteDatabase):
        return
    site = KilledSite(database, tmp_path)
    counted = site.count_calls()
    assert escrow() == AFTER
    assert counted["pwrite64"] > 5, counted
    assert counted["fdatasync"] + counted["fsync"] >= 2, counted
    assert counted["unlink"] >= 1, counted
    outcomes: list[tuple[str, int, list[int], str]] = []
    for call, times in counted.items():
        for number in range(1, times + 1):
            said = site.killed_at(call, number)
            found = escrow()
            assert_whole()
            outcomes.append((call, number, found, said))
            assert found in (BEFORE, AFTER), outcomes[-1]
            assert "done" not in said or found == AFTER, outcomes[-1]
            assert operations.release("exchange:1", site.bob, 60, **site.words).is_new is (found == BEFORE)
            db.session.commit()
            assert escrow() == AFTER
    # The control: both ends were met, so the kills struck before the commit as well as after it.
    assert {tuple(found) for _call, _number, found, _said in outcomes} == {tuple(BEFORE), tuple(AFTER)}


class KilledSite:
    """Puts the database back, and starts the child under strace, which kills it at a given system call."""

    words = {"text": "Spanish", "scope": "exchange:1", "key": "release"}

    def __init__(self, database: SqliteDatabase, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.bob = operations.wallet_for("member", "user:2", TIME)
        self.close()  # the last connection to go moves the log into the file
        self.kept = folder / "kept.sqlite"
        shutil.copyfile(database.path, self.kept)

    def close(self) -> None:
        db.session.remove()
        db.engine.dispose()

    def put_back(self) -> None:
        self.close()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.database.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.kept, self.database.path)

    def count_calls(self) -> dict[str, int]:
        """How often the child makes each call on the database's files when nobody kills it."""
        code, said = self.traced("calls")
        assert (code, said) == (0, "done\n")
        calls = re.findall(r"^(?:\d+ +)?(\w+)\(", (self.folder / "calls").read_text(), re.MULTILINE)
        return {call: calls.count(call) for call in CALLS}

    def killed_at(self, call: str, number: int) -> str:
        """What the child had printed when it was killed at its `number`-th `call`."""
        code, said = self.traced("last", f"--inject={call}:signal=KILL:when={number}")
        assert code == -9, (call, number, code)
        return said

    def traced(self, log: str, *options: str) -> tuple[int, str]:
        """The exit code and the output of a child that strace is attached to."""
        self.put_back()
        process = child("release", self.database.url, self.folder)
        files = [f"--trace-path={self.database.path}{suffix}" for suffix in ("", "-wal", "-shm", "-journal")]
        command = ["strace", "-f", f"--attach={process.pid}", f"--trace={','.join(CALLS)}", *files, *options]
        tracer = subprocess.Popen([*command, f"--output={self.folder / log}"], stderr=subprocess.PIPE, text=True)
        assert tracer.stderr is not None
        assert "attached" in tracer.stderr.readline()
        said, _errors = process.communicate("go\n", timeout=60)
        tracer.communicate(timeout=60)
        return process.returncode, said
