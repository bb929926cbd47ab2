"""A PostgreSQL server of the test run's own: made in a temporary folder, on a free port, thrown away afterwards.

PostgreSQL refuses to run as root, so root starts it as the user postgres (or nobody).
"""

from __future__ import annotations

import os
import pwd
import shlex
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

# Durability costs seconds and a test's rows need none; the tests of durability start servers of their own.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "listen_addresses": "127.0.0.1",
}
# Copying a database makes hundreds of small files: in memory that takes a twentieth of the time.
MEMORY = Path("/dev/shm")  # noqa: S108 each server makes a private folder in it
ROOM = 2 * 1024**3
_running: list[Path] = []


def start(parent: Path | None = None, **settings: str) -> str:
    """The address of a new server's database "postgres", whose user may do everything.

    `parent` must be a folder that every user may enter; the default is the system's folder for temporary files.
    `settings` go to the server on top of FAST. Raises RuntimeError when it does not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="guildhall-postgresql-", dir=parent))
    if os.geteuid() == 0:
        owner = pwd.getpwnam(_server_user())
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    try:
        _run(folder, "initdb", "-D", "data", "-U", "guildhall", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "-N")
        port = _free_port()
        options = {**FAST, **settings, "port": str(port), "unix_socket_directories": str(folder)}
        words = " ".join(f"-c {name}={value}" for name, value in options.items())
        _run(folder, "pg_ctl", "start", "-D", "data", "-l", "log", "-w", "-t", "30", "-o", words)
    except RuntimeError:
        shutil.rmtree(folder)
        raise
    _running.append(folder)
    return f"postgresql://guildhall@127.0.0.1:{port}/postgres"


def in_memory() -> Path | None:
    """A folder that lies in memory and has room for a server; None where there is none, as in many containers."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return MEMORY if usable else None


def stop() -> None:
    """Stops every server that this process started, and deletes its files."""
    while _running:
        folder = _running.pop()
        _run(folder, "pg_ctl", "stop", "-D", "data", "-m", "immediate", "-w")
        shutil.rmtree(folder)


def crash(address: str) -> None:
    """Ends the server at `address` as a failing machine would; what it has confirmed is still on its disk."""
    _run(_folder_of(address), "pg_ctl", "stop", "-D", "data", "-m", "immediate", "-w")


def revive(address: str) -> None:
    """Starts a server that has crashed, as it was."""
    folder = _folder_of(address)
    _program, _d, _data, *words = shlex.split((folder / "data" / "postmaster.opts").read_text())
    _run(folder, "pg_ctl", "start", "-D", "data", "-l", "log", "-w", "-t", "30", "-o", shlex.join(words))


def restart(address: str) -> None:
    """Crashes the server at `address` and starts it again with what it had confirmed."""
    crash(address)
    revive(address)


def _folder_of(address: str) -> Path:
    port = address.rpartition(":")[2].partition("/")[0]
    return next(path for path in _running if f"port={port}" in (path / "data" / "postmaster.opts").read_text())


def binaries() -> Path | None:
    """The folder of the server's programs, the newest version; Debian keeps them off the PATH."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    found = versions[-1] if versions else shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _run(folder: Path, program: str, *arguments: str) -> None:
    where = binaries()
    if where is None:
        raise RuntimeError("PostgreSQL's initdb is not installed (Debian: apt-get install postgresql)")
    command = [*_as_server_user(), str(where / program), *arguments]
    # A server keeps what it inherits: with a pipe for its output, reading it would never end.
    with (folder.parent / f"{folder.name}.out").open("w+") as output:
        try:
            done = subprocess.run(
                command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
            )
            output.seek(0)
            if done.returncode:
                raise RuntimeError(f"{program} failed:\n{output.read()}")
        finally:
            Path(output.name).unlink()


def _as_server_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_server_user()}", f"--regid={_server_group()}", "--clear-groups"]


def _server_user() -> str:
    return "postgres" if any(user.pw_name == "postgres" for user in pwd.getpwall()) else "nobody"


def _server_group() -> str:
    return str(pwd.getpwnam(_server_user()).pw_gid)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
