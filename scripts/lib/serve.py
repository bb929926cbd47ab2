"""Second half of scripts/run, for the environment's Python: checks, `flask prepare`, then server and ticks as children.

The server loads the application while `flask prepare` runs, and answers when that is done (gunicorn.conf.py waits).
If one of the two children ends, the other is stopped: half a site would look whole and send no mail.
"""

from __future__ import annotations

import ctypes
import fcntl
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from config import Config, ConfigurationError, load  # noqa: E402 the checkout is on the path only now

STOP_SECONDS = 2.5
START_SECONDS = 60
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SERVER = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "wsgi:app"]
FLASK = [sys.executable, "-m", "flask", "--app", "wsgi"]
LIBC = ctypes.CDLL(None)
SET_PARENT_DEATH_SIGNAL = 1


class Refusal(Exception):
    """Why the site does not run, in one sentence."""


class Stopped(Exception):
    """Somebody asked for the end: Ctrl-C, SIGTERM, or a closed terminal."""


def main() -> None:
    for number in SIGNALS:
        signal.signal(number, _stop)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        settings = check()
        with only_one(settings.port):
            children["server"], prepared = start_server()
            prepare()
            os.close(prepared)
            wait_until_it_answers(settings, children["server"])
            children["periodic work"] = start([*FLASK, "tick", "--loop"])
            print(f"\nGuildhall runs at {settings.public_url} — Ctrl-C stops it.", flush=True)
            wait_for_an_end(children)
    finally:
        stop(list(children.values()))


def check() -> Config:
    """What can be refused before the application is loaded."""
    require_folder(ROOT / "instance")
    require_folder(ROOT / "static" / "dist")
    settings = load()
    if settings.database_url.startswith("sqlite:///"):
        require_folder(Path(settings.database_url.removeprefix("sqlite:///")).parent)
    require_folder(settings.uploads)
    require_port(settings.host, settings.port)
    return settings


def require_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"The folder {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise Refusal(f"The folder {folder} cannot be written by this user.")


def require_port(host: str, port: int) -> None:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise Refusal(
                f"Port {port} on {host} cannot be used: {error.strerror}; "
                f"choose another one, as in: PORT={port + 1} scripts/run"
            ) from error


def only_one(port: int) -> TextIO:
    """Held until the end. Otherwise the loser of two starts would take the other's answer for its own server's."""
    lock = (ROOT / "instance" / f"run-{port}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise Refusal(f"Guildhall is being started from this folder on port {port} already.") from error
    return lock


def start_server() -> tuple[subprocess.Popen[bytes], int]:
    """The server, and the end of a pipe on whose closing it waits before it answers."""
    waits, prepared = os.pipe()
    environ = {**os.environ, "GUILDHALL_WAITS_FOR": str(waits)}
    server = start(SERVER, env=environ, pass_fds=(waits,))
    os.close(waits)
    return server, prepared


def prepare() -> None:
    """Its own words say what is wrong."""
    done = subprocess.run([*FLASK, "prepare"], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def start(command: Sequence[str], **more: Any) -> subprocess.Popen[bytes]:
    """A child in a session of its own, so that Ctrl-C reaches this process only, which then stops them in order."""
    return subprocess.Popen(command, cwd=ROOT, start_new_session=True, preexec_fn=_end_with_parent, **more)  # noqa: PLW1509 no threads here


def wait_until_it_answers(settings: Config, server: subprocess.Popen[bytes]) -> None:
    host = urlsplit(settings.public_url).netloc
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise Refusal("The server ended while it was starting; its own words are above.")
        try:
            connection = http.client.HTTPConnection(settings.host, settings.port, timeout=START_SECONDS)
            connection.request("GET", "/healthz", headers={"Host": host, "Connection": "close"})
            if connection.getresponse().status < 500:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    raise Refusal(f"The server did not answer within {START_SECONDS} seconds.")


def wait_for_an_end(children: dict[str, subprocess.Popen[bytes]]) -> None:
    os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
    for name, child in children.items():
        if child.poll() is not None:
            raise Refusal(f"The {name} ended by itself (exit code {child.returncode}), so everything was stopped.")


def stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.terminate()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print("Stopping took too long; the rest was ended by force.", file=sys.stderr)
        _kill_group(child.pid)
        child.wait()


def _kill_group(leader: int) -> None:
    """End what a child left behind, too; usually nothing."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _stop(_number: int, _frame: object) -> None:
    raise Stopped


def _end_with_parent() -> None:
    """On Linux the children end even if this process is killed without a chance to stop them."""
    if sys.platform == "linux":
        LIBC.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)


if __name__ == "__main__":
    try:
        main()
    except (Refusal, ConfigurationError) as refusal:
        sys.exit(str(refusal))
    except Stopped:
        print("\nGuildhall has stopped.")
