"""What goes wrong while a backup or a restore is on its way: a full disk, a killed process, a program that is old."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

import config
from scripts.lib.backups import archive
from tests import postgres
from tests.support.databases import PostgresqlDatabase
from tests.support.operating import Site, assert_refused, digests

SCRIPT = str(config.ROOT / "scripts" / "backup.sh")
# At each of these the outside of the process changes; the writes of pages are too many to stop at all of them.
TURNS = {"rename": 1, "link": 1, "rmdir": 1, "unlinkat": 2, "unlink": 3, "fsync": 3, "fdatasync": 3, "pwrite64": 301}
# What PostgreSQL is told, from the first question to the commit of the two new names.
WORDS = {"sendto": 29}
# The audit of the books is a process as long as all the rest: it takes part where it writes or speaks.
AUDITED = {"fdatasync", "sendto"}
PLENTY = os.urandom(3_000_000)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """`small_disk(kilobytes)` is a folder with so much room, or has its room changed. Only root may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted: list[bool] = []

    def sized(kilobytes: int) -> Path:
        options = f"{'remount,' if mounted else ''}size={kilobytes}k"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=True)
        mounted.append(True)
        return folder

    yield sized
    if mounted:
        subprocess.run(["umount", str(folder)], check=True)


def may_mount() -> bool:
    """Root in a container often may not."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.slow
def test_a_full_disk(site: Site, small_disk: Callable[[int], Path]) -> None:
    """It fills while the database is written, or while the archive is; with room again, the next one is made.

    Where nothing can be mounted, a limit on the size of files does the same at the same places.
    """
    mounts = may_mount()
    if mounts:
        site.use_backups(small_disk(64_000))
    good = site.good_backup()
    content = good.read_bytes()
    site.upload(PLENTY)
    for kilobytes in (len(content) // 1024 + 100, 1800, 3000):
        if mounts:
            small_disk(kilobytes)
            done = site.backup()
        else:
            done = site.run("backup.sh", before=["prlimit", f"--fsize={kilobytes * 1024}", "--"])
        assert_refused(done, "")
        assert not mounts or "full" in done.stderr or "No space left" in done.stderr
        assert [path.name for path in site.archives()] == [good.name]
        assert good.read_bytes() == content
        assert site.leftovers() == []
    if mounts:
        small_disk(64_000)
    assert site.backup().returncode == 0
    assert "failed" not in site.status()


@pytest.mark.slow
def test_a_limit_on_the_size_of_files(site: Site) -> None:
    good = site.good_backup()
    for size in (1000, 100_000):
        done = site.run("backup.sh", before=["prlimit", f"--fsize={size}", "--"])
        assert_refused(done, "")
        assert site.archives() == [good]
        assert site.leftovers() == []
    assert site.backup("--verify").returncode == 0


@pytest.mark.slow
@pytest.mark.strace
@pytest.mark.timeout(1200)
def test_killed_at_any_moment_it_leaves_no_half_a_backup(site: Site) -> None:
    good = site.good_backup()
    content, left = good.read_bytes(), 0
    for turn, stride in turns(site):
        count = 1
        while killed_at(site, turn, count, "backup.sh").returncode:
            assert good.read_bytes() == content
            for path in site.archives():
                archive.read(path)
                if path != good:
                    path.unlink()
            left += bool(site.leftovers())
            count += stride
    assert left > 3, "hardly any run was killed in the middle: the test has lost its teeth"
    assert site.backup().returncode == 0
    assert site.leftovers() == []
    assert site.backup("--verify").returncode == 0


@pytest.mark.slow
@pytest.mark.strace
@pytest.mark.timeout(2400)
def test_killed_at_any_moment_a_restore_is_done_or_was_never_begun(site: Site) -> None:
    """To and fro between two backups: what is live is the one or the other, with all the uploads that it names."""
    other = (site.good_backup(), site.state())
    site.live_on()
    live = (site.good_backup(), site.state())
    outcomes = {"done": 0, "never begun": 0}
    for turn, stride in turns(site):
        code, count = 1, 1
        while code:
            words = ["--yes"] if turn in AUDITED else ["--yes", "--unaudited"]
            code = killed_at(site, turn, count, "restore.sh", str(other[0]), *words).returncode
            is_done = site.tables() == other[1][0]
            live, other = (other, live) if is_done else (live, other)
            assert site.tables() == live[1][0]
            # A file that no row names may be left: a tick sweeps it away.
            assert live[1][1].items() <= digests(site.uploads).items()
            assert is_done or code
            outcomes["done" if is_done else "never begun"] += bool(code)
            count += stride
    assert min(outcomes.values()) > 0, f"killed on one side of the switch only: {outcomes}"
    assert sum(outcomes.values()) > 10, f"hardly any run was killed in the middle: {outcomes}"
    assert site.restore("--forget", "--yes").returncode == 0
    assert site.asides() == []
    assert [path.name for path in site.folder.glob("*uploads*")] == ["uploads"]


def turns(site: Site) -> Iterator[tuple[str, int]]:
    yield from TURNS.items()
    if is_postgresql(site):
        yield from WORDS.items()


def killed_at(site: Site, turn: str, count: int, *command: str) -> subprocess.CompletedProcess[str]:
    """One run, in which each process is killed at its `count`-th `turn`; the code is 0 if none got so far."""
    inject = ["-e", f"trace={turn}", "-e", f"inject={turn}:signal=SIGKILL:when={count}"]
    return site.run(*command, before=["strace", "-f", "-qq", "-o", "/dev/null", *inject])


@pytest.mark.slow
def test_nothing_goes_on_after_it_was_killed(site: Site, tmp_path: Path) -> None:
    """A program that it started ends with it, and the next one finds no lock in its way."""
    marks = tmp_path / "marks"
    program = fake(tmp_path, "pg_dump" if is_postgresql(site) else "rsync", f"echo $$ > {marks}; exec sleep 60")
    settings = {"PATH": program, "BACKUP_COPY_TO": "other:backups"}
    site.let_go()
    run = subprocess.Popen([SCRIPT], env={**site.environ, **settings}, stderr=subprocess.DEVNULL)
    wait_for(lambda: marks.exists() and marks.read_text().strip() != "")
    run.kill()
    run.wait()
    wait_for(lambda: not is_alive(int(marks.read_text())))
    assert len(site.archives()) == (0 if is_postgresql(site) else 1)
    assert site.backup().returncode == 0
    assert site.leftovers() == []


def test_asked_to_stop_while_it_forks() -> None:
    """Python forgets what is raised in the hooks of a fork; a word of these is heard all the same."""
    words = (
        "import os, signal; from scripts.lib.backups import programs, refusal;"
        "os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGTERM));"
        "raise SystemExit(refusal.ending_well(lambda: programs.run(['sleep', '60']) and 0))"
    )
    command = [sys.executable, "-c", words]
    done = subprocess.run(command, cwd=config.ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (1, "guildhall: stopped before the end.\n")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_asked_to_stop_it_clears_up(site: Site, tmp_path: Path, number: signal.Signals) -> None:
    marks = tmp_path / "marks"
    program = fake(tmp_path, "pg_dump" if is_postgresql(site) else "rsync", f"echo $$ > {marks}; exec sleep 60")
    settings = {"PATH": program, "BACKUP_COPY_TO": "other:backups"}
    site.let_go()
    # Tests that run in the background of a shell ignore SIGINT, and what they start would too.
    heeding = ("env", f"--default-signal={number.name}", SCRIPT)
    run = subprocess.Popen(heeding, env={**site.environ, **settings}, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: marks.exists() and marks.read_text().strip() != "")
    run.send_signal(number)
    words = run.communicate(timeout=30)[1]
    assert run.returncode == 1
    assert "stopped before the end" in words
    assert site.leftovers() == []
    wait_for(lambda: not is_alive(int(marks.read_text())))


def test_an_older_pg_dump_than_the_server(site: Site, tmp_path: Path) -> None:
    """It could not read the newer server's tables. The control: the same program with its true version works."""
    address = f"{postgres.start()}"
    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE alembic_version (version_num text); CREATE TABLE files (sha256 text)")
        cursor.execute("INSERT INTO alembic_version VALUES ('0001')")
    connection.close()
    true = real("pg_dump")
    for version, good in (("9.6.24", False), ("12.22", False), ("", True)):
        say = f'[ "$1" = --version ] && echo "pg_dump (PostgreSQL) {version}" && exit 0' if version else ":"
        path = fake(tmp_path, "pg_dump", f'{say}; exec {true} "$@"')
        done = site.backup(DATABASE_URL=address, PATH=path)
        if good:
            assert done.returncode == 0, done.stderr
        else:
            assert_refused(done, f"pg_dump {version.partition('.')[0]} is older than the server")
            assert site.archives() == []


@pytest.mark.slow
def test_a_pg_dump_that_fails_in_the_middle(site: Site, tmp_path: Path) -> None:
    """Nothing asks for its exit code in a pipe: it is run by itself. SQLite has no such program, and no such fault."""
    if not is_postgresql(site):
        return
    good = site.good_backup()
    for words in ("exit 1", "kill -9 $$", "true", 'dd if=/dev/urandom of="$(last "$@")" bs=1k count=5 2>/dev/null'):
        body = 'last() { for w; do :; done; echo "${w#--file=}"; }; '
        version = f'[ "$1" = --version ] && exec {real("pg_dump")} --version'
        path = fake(tmp_path, "pg_dump", f"{body}{version}; {words}")
        done = site.backup(PATH=path)
        assert done.returncode != 0
        assert site.archives() == [good]
        assert site.leftovers() == []


@pytest.mark.slow
def test_no_password_is_seen_by_others(site: Site, tmp_path: Path) -> None:
    """What a program is started with can be read by everybody on the machine."""
    if not is_postgresql(site):
        return
    seen = tmp_path / "seen"
    for program in ("pg_dump", "pg_restore"):
        path = fake(tmp_path, program, f'echo "$0 $*" >> {seen}; exec {real(program)} "$@"')
    url = site.database.maintenance.set(password="hunter2", database=site.database.name)
    address = url.render_as_string(hide_password=False)
    for words in ((), ("--verify",)):
        done = site.backup(*words, DATABASE_URL=address, PATH=path)
        assert done.returncode == 0, done.stderr
    assert "pg_dump" in seen.read_text()
    assert "pg_restore" in seen.read_text()
    assert "hunter2" not in seen.read_text()


def is_postgresql(site: Site) -> bool:
    return isinstance(site.database, PostgresqlDatabase)


def fake(folder: Path, program: str, script: str) -> str:
    """A PATH on which `program` is this script."""
    programs = folder / "programs"
    programs.mkdir(exist_ok=True)
    (programs / program).write_text(f"#!/bin/sh\n{script}\n")
    (programs / program).chmod(0o755)
    return f"{programs}:{os.environ['PATH']}"


def real(program: str) -> str:
    found = subprocess.run(["which", program], capture_output=True, text=True, check=True)
    return found.stdout.strip()


def is_alive(pid: int) -> bool:
    """Whether it still runs; what nobody has asked about yet (a zombie) has ended."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
