"""A checkout of the test's own, and scripts/run started in it."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import config
from tests.support.databases import PostgresqlDatabase

PATIENCE = 60


class Run:
    """One `scripts/run`; `seconds` is how long it took until the site answered."""

    def __init__(self, checkout: Path, environ: dict[str, str]) -> None:
        self.port = int(environ["PORT"])
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            ["scripts/run"], cwd=checkout, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        return "".join(self._lines)

    def wait_for_site(self, patience: float = PATIENCE) -> float:
        """Seconds from the start to the first answer of /healthz."""
        while time.monotonic() - self.began < patience:
            if self.get("/healthz") == 200:
                seconds = time.monotonic() - self.began
                self.wait_for_words("Ctrl-C stops it")
                return seconds
            assert self.process.poll() is None, self.output
            time.sleep(0.03)
        raise AssertionError(f"no answer within {patience} seconds\n{self.output}")

    def end_when_it_answers(self) -> float:
        """Seconds from the start to the first answer; then it is stopped."""
        seconds = self.wait_for_site()
        self.end()
        return seconds

    def wait_for_words(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while words not in self.output:
            assert time.monotonic() < deadline, self.output
            time.sleep(0.03)

    def get(self, path: str) -> int:
        """The status of the answer, 0 if there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def end(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Seconds until it has stopped."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.wait()
        return time.monotonic() - began

    def wait(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def children(self) -> dict[int, str]:
        """Process id → command line of everything that it started."""
        found: dict[int, str] = {}
        parents = {self.process.pid}
        for _ in range(3):
            parents |= {pid for pid, (parent, words) in _processes().items() if parent in parents}
        for pid in parents - {self.process.pid}:
            found[pid] = _processes().get(pid, (0, ""))[1]
        return found

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout as lines:
            self._lines.extend(iter(lines.readline, ""))


Starter = Callable[..., Run]


@pytest.fixture(scope="session")
def bare_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files as a clone has them, without virtual environment, settings and data."""
    target = tmp_path_factory.mktemp("checkout") / "guildhall"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=config.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (config.ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(config.ROOT / name, target / name)
    return target


@pytest.fixture
def empty_checkout(bare_checkout: Path, tmp_path: Path) -> Path:
    """A fresh copy in which everything has still to be installed."""
    return shutil.copytree(bare_checkout, tmp_path / "guildhall")


@pytest.fixture
def checkout(empty_checkout: Path) -> Path:
    """A fresh copy that borrows the project's virtual environment, so that nothing has to be installed."""
    (empty_checkout / ".venv").symlink_to(config.ROOT / ".venv")
    return empty_checkout


@pytest.fixture
def environ(request: pytest.FixtureRequest, tmp_path: Path, worker: str) -> dict[str, str]:
    """A new home, a free port and, where the tests run on PostgreSQL, an empty database; nothing else is set."""
    home = tmp_path / "home"
    home.mkdir()
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.startswith("PIP_")}
    made = {**kept, "HOME": str(home), "PORT": str(free_port())}
    if request.config.getoption("--database") == "postgresql":
        made["DATABASE_URL"] = PostgresqlDatabase(os.environ["GUILDHALL_TEST_SERVER"], f"{worker}_scripts").url
    return made


@pytest.fixture
def start(environ: dict[str, str]) -> Iterator[Starter]:
    """`start(checkout, DEMO="0")` runs scripts/run there; it is stopped when the test ends."""
    runs: list[Run] = []

    def started(checkout: Path, **settings: str) -> Run:
        runs.append(Run(checkout, {**environ, **settings}))
        return runs[-1]

    yield started
    for run in runs:
        if run.process.poll() is None:
            run.end()


def assert_gone(children: dict[int, str]) -> None:
    """All of them have ended, or do so in a moment; what nobody has asked about yet (defunct) has ended."""
    deadline = time.monotonic() + 5
    while left := [words for pid, (_, words) in _processes().items() if pid in children and "<defunct>" not in words]:
        assert time.monotonic() < deadline, f"still there: {left}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _processes() -> dict[int, tuple[int, str]]:
    """Process id → (parent, command line), of all that run now."""
    listed = subprocess.run(["ps", "-ewwo", "pid=,ppid=,args="], capture_output=True, text=True, check=True)
    rows = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
    return {int(row[0]): (int(row[1]), row[2]) for row in rows if len(row) == 3}
