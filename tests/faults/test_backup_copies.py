"""A good backup goes elsewhere, and somebody elsewhere hears of it; what fails there is loud and harms nothing here."""

from __future__ import annotations

import http.server
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.backups import backup_name
from tests.support.operating import Site, assert_refused

# All that the commands need, so that what is not here is not installed.
PROGRAMS = ("bash", "env", "dirname", "readlink", "sh", "perl", "pg_dump", "pg_restore")
KEYS = {"BACKUP_S3_ACCESS_KEY": "AKIDEXAMPLE", "BACKUP_S3_SECRET_KEY": "hunter2"}
STORE = {"BACKUP_S3_BUCKET": "s3://copies/guildhall/", "BACKUP_S3_ENDPOINT": "https://s3.example.org", **KEYS}


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in PROGRAMS:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


def pretend(programs: Path, name: str, code: int = 0) -> Path:
    """`name` is installed, and notes what it is given; its arguments first, one a line, then its environment."""
    noted = programs.parent / f"{name}.noted"
    words = f"""printf '%s\\n' "$@" > {noted}; export -p >> {noted}; echo "no such place" >&2; exit {code}"""
    (programs / name).write_text(f"#!/bin/bash\n{words}\n")
    (programs / name).chmod(0o755)
    return noted


def arguments(noted: Path) -> list[str]:
    return noted.read_text().partition("declare -x")[0].splitlines()


@pytest.mark.slow
def test_another_disk(site: Site, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    (disk / ".partial_backup_20200101_000000.tar.gz").write_text("of one that was killed")
    assert site.backup(BACKUP_COPY_TO=str(disk)).returncode == 0
    made = site.archives()[-1]
    assert [path.name for path in disk.iterdir()] == [made.name]
    copied = disk / made.name
    assert copied.read_bytes() == made.read_bytes()
    assert stat.S_IMODE(copied.stat().st_mode) == 0o600
    assert site.status()["copied"]["name"] == made.name
    assert site.backup("--verify", str(copied)).returncode == 0


@pytest.mark.slow
def test_copies_are_never_deleted_from_here(site: Site, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    old = backup_name(timedelta(days=400))
    (disk / old).touch()
    assert site.backup(BACKUP_COPY_TO=str(disk)).returncode == 0
    assert {path.name for path in disk.iterdir()} == {old, site.archives()[-1].name}


@pytest.mark.slow
def test_a_disk_that_is_not_mounted(site: Site, tmp_path: Path) -> None:
    """The folder is not made: it would lie on the very disk that the copy is to survive."""
    done = site.backup(BACKUP_COPY_TO=str(tmp_path / "missing"))
    assert_refused(done, "is good, but it was not copied")
    assert "is its disk mounted?" in done.stderr
    assert not (tmp_path / "missing").exists()
    assert "is its disk mounted?" in site.status()["failed"]["why"]
    assert "copied" not in site.status()
    assert site.backup("--verify").returncode == 0


@pytest.mark.slow
def test_another_machine(site: Site, programs: Path) -> None:
    target = {"BACKUP_COPY_TO": "keeper@other.example.org:backups/"}
    assert_refused(site.backup(PATH=str(programs), **target), "rsync is not installed")
    noted = pretend(programs, "rsync")
    assert site.backup(PATH=str(programs), **target).returncode == 0
    *_, source, goal = arguments(noted)
    assert source == str(site.archives()[-1])
    assert goal == "keeper@other.example.org:backups/"
    assert "--rsh=ssh -o BatchMode=yes" in arguments(noted), "a cron job would wait for a password for ever"
    pretend(programs, "rsync", code=12)
    assert_refused(site.backup(PATH=str(programs), **target), "rsync failed: no such place")


@pytest.mark.slow
@pytest.mark.parametrize("program", ["aws", "rclone"])
def test_a_store_of_objects(site: Site, programs: Path, program: str) -> None:
    assert_refused(site.backup(PATH=str(programs), **STORE), "neither aws nor rclone is installed")
    noted = pretend(programs, program)
    done = site.backup(PATH=str(programs), **STORE)
    assert done.returncode == 0, done.stderr
    name = site.archives()[-1].name
    goals = {"aws": f"s3://copies/guildhall/{name}", "rclone": f"guildhall:copies/guildhall/{name}"}
    assert arguments(noted)[-2:] == [str(site.archives()[-1]), goals[program]]
    secrets = {"aws": "AWS_SECRET_ACCESS_KEY", "rclone": "RCLONE_CONFIG_GUILDHALL_SECRET_ACCESS_KEY"}
    assert f'{secrets[program]}="hunter2"' in noted.read_text()
    assert "hunter2" not in "".join(arguments(noted))
    assert "hunter2" not in done.stdout + done.stderr
    assert site.status()["copied"]["name"] == name
    pretend(programs, program, code=1)
    assert_refused(site.backup(PATH=str(programs), **STORE), f"{program} failed: no such place")
    assert site.status()["copied"]["name"] == name


class Listener(http.server.BaseHTTPRequestHandler):
    heard: list[str] = []
    answer = 200

    def do_GET(self) -> None:
        self.heard.append(self.path)
        self.send_response(self.answer)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def listener() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        Listener.heard, Listener.answer = [], 200
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/secret-5f2c"
        server.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_service_elsewhere_hears_of_good_ones_only(site: Site, listener: str) -> None:
    assert site.backup(BACKUP_PING_URL=listener).returncode == 0
    assert Listener.heard == ["/secret-5f2c"]
    assert site.backup(BACKUP_PING_URL=listener, BACKUP_COPY_TO="/nowhere/at/all").returncode == 1
    assert site.backup(BACKUP_PING_URL=listener, DATABASE_URL="sqlite:////nowhere/at/all").returncode == 1
    assert Listener.heard == ["/secret-5f2c"]


@pytest.mark.slow
def test_a_service_that_does_not_answer_is_said_and_spoils_nothing(site: Site, listener: str) -> None:
    Listener.answer = 404
    for address in (listener, "http://127.0.0.1:1/secret-5f2c"):
        done = site.backup(BACKUP_PING_URL=address)
        assert done.returncode == 0
        assert "the backup is good, but BACKUP_PING_URL" in done.stderr
        assert "secret-5f2c" not in done.stderr + done.stdout
    assert_refused(site.backup(BACKUP_PING_URL="guildhall"), "BACKUP_PING_URL is no address")
    assert os.environ.get("BACKUP_PING_URL") is None
