"""A backup is whole, private and its own proof; or it is none, and loud."""

from __future__ import annotations

import fcntl
import stat
import subprocess
import tarfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.core.backups import mark_of
from tests.support.backups import backup_name
from tests.support.databases import PostgresqlDatabase
from tests.support.operating import Site, assert_refused, digests, manifest_of

DAY = timedelta(days=1)


def test_one_private_file_holds_everything(site: Site) -> None:
    archive = site.good_backup()
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert stat.S_IMODE(site.backups.stat().st_mode) == 0o700
    assert site.leftovers() == []
    manifest = manifest_of(archive)
    prefix = "public." if isinstance(site.database, PostgresqlDatabase) else ""
    assert manifest["rows"] == {f"{prefix}{name}": int(told.split()[0]) for name, told in site.tables().items()}
    held = {name.removeprefix("uploads/"): member["sha256"] for name, member in manifest["members"].items()}
    del held[manifest["dump"]]
    assert held == digests(site.uploads)
    assert manifest["missing"] == []
    assert site.status()["made"] == {
        "at": site.status()["made"]["at"],
        "name": archive.name,
        "database": mark_of(site.database.url),
    }


@pytest.mark.slow
def test_any_tar_takes_it_apart(site: Site, tmp_path: Path) -> None:
    archive = site.good_backup()
    subprocess.run(["tar", "-xzf", str(archive), "-C", str(tmp_path)], check=True)
    assert digests(site.uploads) == digests(tmp_path / "uploads")


@pytest.mark.slow
def test_it_can_be_restored_and_is_tried(site: Site) -> None:
    archive = site.good_backup()
    for words in ([], [archive.name], [str(archive)], ["latest"]):
        done = site.backup("--verify", *words)
        assert done.returncode == 0, done.stderr
        assert f"{archive.name} can be restored" in done.stdout
    assert site.asides() == []
    assert site.leftovers() == []


@pytest.mark.slow
def test_what_is_written_meanwhile_does_not_tear_it(site: Site) -> None:
    """Each transaction adds a row to both tables: reading one after the other would have them differ."""
    engine = site.engine()
    with engine.begin() as connection:
        for name in ("heads", "tails"):
            connection.execute(text(f"CREATE TABLE {name} (id INTEGER)"))
    enough, written = threading.Event(), []

    def write() -> None:
        while not enough.is_set():
            with engine.begin() as connection:
                for name in ("heads", "tails"):
                    connection.execute(text(f"INSERT INTO {name} VALUES ({len(written)})"))  # noqa: S608
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = len(written)
        done = site.backup()
        after = len(written)
    finally:
        enough.set()
        writer.join()
    assert done.returncode == 0, done.stderr
    assert after > before, "nothing was written meanwhile"
    rows = {name.removeprefix("public."): count for name, count in manifest_of(site.archives()[-1])["rows"].items()}
    assert rows["heads"] == rows["tails"]
    assert site.backup("--verify").returncode == 0


@pytest.mark.slow
def test_an_upload_that_is_missing_is_named_and_stops_nothing(site: Site) -> None:
    digest = site.upload(b"soon gone")
    (site.uploads / digest[:2] / digest).unlink()
    done = site.backup()
    assert done.returncode == 0
    assert "UPLOADS lacks 1 files" in done.stderr
    assert manifest_of(site.archives()[-1])["missing"] == [digest]
    assert site.backup("--verify").returncode == 0


@pytest.mark.slow
def test_old_ones_go_when_a_newer_one_is_good(site: Site) -> None:
    site.backups.mkdir()
    names = {age: backup_name(age * DAY) for age in (0.5, 3, 6.9, 7.1, 30)}
    for name in (*names.values(), "backup_notes.txt"):
        (site.backups / name).touch()
    made = site.good_backup()
    assert {path.name for path in site.archives()} == {names[0.5], names[3], names[6.9], made.name}
    assert (site.backups / "backup_notes.txt").exists()
    assert site.backup(BACKUP_KEEP="1").returncode == 0
    assert {path.name for path in site.archives()} >= {names[0.5], made.name}
    assert names[3] not in {path.name for path in site.archives()}


@pytest.mark.slow
def test_the_last_good_one_is_never_deleted(site: Site) -> None:
    """However old it is, when no newer one could be made."""
    last = site.good_backup()
    old = last.rename(last.with_name(backup_name(90 * DAY)))
    assert_refused(site.backup(UPLOADS=str(site.folder), BACKUP_DIR=str(site.backups)), "lie inside each other")
    assert_refused(site.backup(DATABASE_URL="sqlite:////nowhere/at/all.sqlite"), "There is no database")
    assert site.archives() == [old]
    assert_refused(site.backup(BACKUP_KEEP="0"), "BACKUP_KEEP")


@pytest.mark.slow
def test_the_list_begins_with_the_newest(site: Site) -> None:
    assert "There is no backup" in site.backup("--list").stdout
    made = site.good_backup()
    (site.backups / (old := backup_name(3 * DAY))).write_bytes(b"x" * 2000)
    lines = site.backup("--list").stdout.splitlines()
    assert [line.split()[0] for line in lines] == [made.name, old]
    assert "2.0 kB" in lines[1]
    assert "3 days" in lines[1]


@pytest.mark.slow
@pytest.mark.parametrize("what", ["backup", "verify", "restore"])
def test_two_at_once(site: Site, what: str) -> None:
    """Nor is anything backed up while it is being replaced."""
    archive = site.good_backup()
    commands = {"backup": ("backup.sh",), "verify": ("backup.sh", "--verify"), "restore": ("restore.sh", "--yes")}
    before = site.state()
    with (site.backups / f".{what}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert_refused(site.run(*commands[what]), f"Another {what} is on its way")
    assert site.archives() == [archive]
    assert site.state() == before
    with (site.backups / ".backup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert (site.run(*commands[what]).returncode == 0) is (what == "verify")
    assert site.run(*commands[what]).returncode == 0


@pytest.mark.slow
def test_a_race_of_four(site: Site) -> None:
    outcomes: list[int] = []
    site.let_go()
    runs = [threading.Thread(target=lambda: outcomes.append(_code(site))) for _ in range(4)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert outcomes.count(0) == len(site.archives()) >= 1
    assert site.leftovers() == []
    for archive in site.archives():
        assert site.backup("--verify", str(archive)).returncode == 0


def _code(site: Site) -> int:
    command = [str(Path(__file__).parents[2] / "scripts" / "backup.sh")]
    return subprocess.run(command, env=site.environ, capture_output=True, check=False).returncode


@pytest.mark.slow
def test_a_wrong_database_is_refused(site: Site, tmp_path: Path) -> None:
    last = site.good_backup()
    content = last.read_bytes()
    for address, sentence in wrong_addresses(site, tmp_path).items():
        assert_refused(site.backup(DATABASE_URL=address), sentence)
        assert site.status()["failed"]["why"]
        assert sentence in site.status()["failed"]["why"]
        assert site.archives() == [last]
        assert site.leftovers() == []
    assert last.read_bytes() == content
    assert site.backup().returncode == 0
    assert "failed" not in site.status()


def wrong_addresses(site: Site, folder: Path) -> dict[str, str]:
    (folder / "notes.txt").write_text("This is no database at all, and long enough to be told from one.")
    foreign = f"sqlite:///{folder}/foreign.sqlite"
    with create_engine(foreign, poolclass=NullPool).begin() as connection:
        connection.execute(text("CREATE TABLE users (id INTEGER)"))
    found = {
        f"sqlite:///{folder}/missing.sqlite": "There is no database",
        f"sqlite:///{folder}/notes.txt": "is no SQLite database",
        foreign: "is not a database of Guildhall",
        "postgresql://guildhall:hunter2@127.0.0.1:1/guildhall": "Connection refused",
    }
    if isinstance(site.database, PostgresqlDatabase):
        server = site.database.maintenance
        found[server.set(database="template1").render_as_string()] = "is not a database of Guildhall"
        found[server.set(database="nothing").render_as_string()] = 'database "nothing" does not exist'
    return found


@pytest.mark.slow
def test_the_archive_holds_what_it_should_and_nothing_else(site: Site) -> None:
    (site.uploads / "link").symlink_to("/etc/passwd")
    with tarfile.open(site.good_backup()) as tar:
        names = tar.getnames()
        assert all(member.isfile() and member.mode == 0o600 for member in tar.getmembers())
    assert {name.partition("/")[0].partition(".")[0] for name in names} == {"database", "uploads", "manifest"}
    assert "uploads/link" not in names
