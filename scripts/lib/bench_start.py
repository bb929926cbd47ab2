"""Seconds of a second `scripts/run`, from the command to the line that says where the site is."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from scripts.lib.timing import Timing

ROOT = Path(__file__).resolve().parents[2]


def run(database_url: str, folder: Path, times: int = 5) -> list[Timing]:
    """`database_url` is filled by a first start; nothing else is kept."""
    settings = {"DATABASE_URL": database_url, "UPLOADS": str(folder / "uploads"), "PORT": str(free_port())}
    seconds_to_start(settings)
    loads, starts = [], []
    for _ in range(times):
        loads.append(seconds_to_load_twice_at_once(ROOT) * 1000)
        starts.append(seconds_to_start(settings) * 1000)
    return [Timing("loading the code, twice at once", loads), Timing("scripts/run until it answers", starts)]


def seconds_to_load_twice_at_once(checkout: Path) -> float:
    """Which is what a start does, beside its own work: one load prepares the database, the other serves."""
    began = time.monotonic()
    command = [sys.executable, "-c", "import wsgi"]
    for load in [subprocess.Popen(command, cwd=checkout) for _ in range(2)]:
        if load.wait():
            raise RuntimeError("the application cannot be loaded; its own words are above")
    return time.monotonic() - began


def seconds_to_start(settings: dict[str, str]) -> float:
    began = time.monotonic()
    process = subprocess.Popen(
        ["scripts/run"], cwd=ROOT, env={**os.environ, **settings}, text=True, stdout=subprocess.PIPE
    )
    with process:
        assert process.stdout  # noqa: S101 it is a pipe
        said = next((line for line in process.stdout if "Ctrl-C" in line), None)
        seconds = time.monotonic() - began
        process.send_signal(signal.SIGTERM)
        process.stdout.read()  # its last words; it must not write to a closed pipe
    if said is None:
        raise RuntimeError("scripts/run did not start; its own words are above")
    return seconds


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
