"""scripts/run: it answers, it stops, and whatever is in its way it says in one sentence."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from scripts.lib.bench_start import seconds_to_load_twice_at_once
from tests.scripts.conftest import Starter, assert_gone

# 1.1 is usual; loading takes 1.5 s where a start is promised in three.
LOADS = 2

PRODUCTION = {
    "GUILDHALL_ENV": "production",
    "SECRET_KEY": "k" * 32,
    "PUBLIC_URL": "https://guild.example.org",
    "DATABASE_URL": "postgresql://guild:hunter2@127.0.0.1:1/guild",
}


def assert_refused(output: str, code: int, sentence: str) -> None:
    assert code != 0, output
    assert sentence in output
    assert "Traceback" not in output
    assert "hunter2" not in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_within_three_seconds(start: Starter, checkout: Path, number: signal.Signals) -> None:
    run = start(checkout)
    run.wait_for_site()
    assert f"http://127.0.0.1:{run.port}" in run.output
    children = run.children()
    assert any("gunicorn" in words for words in children.values())
    assert any("tick --loop" in words for words in children.values())
    assert run.end(number) < 3
    assert run.process.returncode == 0
    assert_gone(children)
    assert run.get("/healthz") == 0


def test_it_stops_in_time_although_somebody_holds_a_connection(start: Starter, checkout: Path) -> None:
    run = start(checkout, DEMO="0")
    run.wait_for_site()
    with socket.create_connection(("127.0.0.1", run.port)) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert run.end() < 3


def test_the_demo_accounts_are_named_only_where_there_is_a_demo(start: Starter, checkout: Path) -> None:
    without = start(checkout, DEMO="0")
    without.wait_for_site()
    without.end()
    assert "example.org" not in without.output
    assert re.search(rf"http://127.0.0.1:{without.port}/setup/[\w-]{{43}}\n", without.output)
    with_demo = start(checkout)
    with_demo.wait_for_site()
    assert "alice@example.org" in with_demo.output
    assert "guildhall-demo" in with_demo.output
    assert "/setup/" not in with_demo.output


def test_a_demo_of_another_preset(start: Starter, checkout: Path) -> None:
    run = start(checkout, DEMO="research")
    run.wait_for_site()
    assert "Demo community: research, loaded" in run.output
    with urlopen(f"http://127.0.0.1:{run.port}/") as answer:
        page = answer.read().decode()
    assert "Sallow Field Research" in page
    assert "Somebody here knows the answer." in page


def test_a_demo_that_there_is_not(start: Starter, checkout: Path) -> None:
    run = start(checkout, DEMO="circus")
    code = run.wait()
    assert_refused(run.output, code, "DEMO is 'circus'; it must be 0, 1 or one of time-bank")


@pytest.mark.parametrize("child", ["gunicorn", "tick --loop"])
def test_if_one_half_dies_the_other_does_not_go_on_alone(start: Starter, checkout: Path, child: str) -> None:
    run = start(checkout, DEMO="0")
    run.wait_for_site()
    time.sleep(0.5)
    children = run.children()
    os.kill(min(pid for pid, words in children.items() if child in words), signal.SIGKILL)
    code = run.wait()
    assert_refused(run.output, code, "ended by itself")
    assert_gone(children)


def test_nothing_goes_on_after_it_was_killed(start: Starter, checkout: Path) -> None:
    run = start(checkout, DEMO="0")
    run.wait_for_site()
    children = run.children()
    run.end(signal.SIGKILL)
    assert_gone(children)


def test_a_taken_port(start: Starter, checkout: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        run = start(checkout, PORT=str(port))
        code = run.wait()
    assert_refused(run.output, code, f"Port {port} on 127.0.0.1 cannot be used")


@pytest.mark.parametrize("missing", ["SECRET_KEY", "PUBLIC_URL", "DATABASE_URL"])
def test_a_missing_setting_in_production(start: Starter, checkout: Path, missing: str) -> None:
    run = start(checkout, **{**PRODUCTION, missing: ""})
    code = run.wait()
    assert_refused(run.output, code, f"{missing} is missing")


def test_an_unreachable_database(start: Starter, checkout: Path) -> None:
    run = start(checkout, **PRODUCTION)
    code = run.wait()
    assert_refused(run.output, code, "127.0.0.1:1/guild cannot be used: Connection refused")


def test_a_folder_that_cannot_be_written(start: Starter, checkout: Path) -> None:
    (checkout / "instance").write_text("a file where a folder is needed")
    run = start(checkout)
    code = run.wait()
    assert_refused(run.output, code, f"The folder {checkout / 'instance'} cannot be made")


def test_uploads_that_cannot_be_written(start: Starter, checkout: Path) -> None:
    run = start(checkout, UPLOADS="/proc/uploads")
    code = run.wait()
    assert_refused(run.output, code, "The folder /proc/uploads cannot be made")


def test_a_machine_without_python(start: Starter, checkout: Path, tmp_path: Path) -> None:
    (checkout / ".venv").unlink()
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "dirname").symlink_to("/usr/bin/dirname")
    run = start(checkout, PATH=str(programs))
    code = run.wait()
    assert_refused(run.output, code, "needs Python 3.11 or newer")


def test_a_python_without_venv(start: Starter, checkout: Path, tmp_path: Path) -> None:
    (checkout / ".venv").unlink()
    modules = tmp_path / "modules"
    modules.mkdir()
    (modules / "ensurepip.py").write_text("raise ImportError('as on Debian without python3-venv')")
    run = start(checkout, PYTHONPATH=str(modules))
    code = run.wait()
    assert code != 0
    assert re.search(r"apt-get install python3\.\d+-venv", run.output)
    assert not (checkout / ".venv").exists()


@pytest.mark.slow
def test_a_package_with_another_hash_is_not_installed(start: Starter, bare_checkout: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "guildhall"
    checkout.mkdir()
    shutil.copytree(bare_checkout / "scripts", checkout / "scripts")
    (checkout / "requirements.txt").write_text("blinker==1.9.0 --hash=sha256:" + "0" * 64 + "\n")
    run = start(checkout)
    code = run.wait()
    assert_refused(run.output, code, "could not be installed; pip's last lines are above")
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in run.output


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_from_a_bare_checkout_to_a_running_site_and_again(start: Starter, empty_checkout: Path) -> None:
    first = start(empty_checkout)
    first.wait_for_site(patience=500)
    assert "Installing" in first.output
    assert first.end() < 3
    again = start(empty_checkout)
    again.wait_for_site()
    assert "Installing" not in again.output
    assert "Tables: up to date" in again.output
    assert again.end() < 3


@pytest.mark.slow
def test_a_second_start_takes_little_more_than_loading_the_code(start: Starter, checkout: Path) -> None:
    """The promise of three seconds as a ratio, which holds beside other work too; `scripts/bench start` has seconds."""
    start(checkout).end_when_it_answers()
    shares: list[float] = []
    while len(shares) < 5 and min(shares, default=LOADS) >= LOADS:
        load = seconds_to_load_twice_at_once(checkout)
        shares.append(start(checkout).end_when_it_answers() / load)
    assert min(shares) < LOADS, f"a second start took {shares} times as long as loading the code"


def test_two_starts_at_once_leave_one_site(start: Starter, checkout: Path) -> None:
    one, two = start(checkout, DEMO="0"), start(checkout, DEMO="0")
    deadline = time.monotonic() + 30
    while one.process.poll() is None and two.process.poll() is None:
        assert time.monotonic() < deadline, "both think that they serve"
        time.sleep(0.05)
    left, gone = (two, one) if one.process.poll() is not None else (one, two)
    assert gone.wait() != 0
    assert "Ctrl-C" not in gone.output
    left.wait_for_site()
