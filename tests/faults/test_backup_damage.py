"""A backup that is not as it was written is never taken for a good one."""

from __future__ import annotations

import gzip
import random
import subprocess
import tarfile
import zlib
from dataclasses import asdict
from pathlib import Path

import pytest

from scripts.lib.backups import archive, postgresql
from scripts.lib.backups.archive import Damaged, Manifest
from scripts.lib.backups.refusal import Refusal
from tests.support.databases import PostgresqlDatabase
from tests.support.operating import Site, assert_refused


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """An archive of some hundred bytes."""
    uploads = tmp_path / "uploads"
    (uploads / "ab").mkdir(parents=True)
    (uploads / "ab" / "abcd").write_bytes(b"a picture")
    dump = tmp_path / "database.sqlite"
    dump.write_bytes(b"rows, rows, rows")
    target = tmp_path / "small.tar.gz"
    manifest = Manifest("2026-11-21T02:00:00+00:00", "sqlite", dump.name, "0001", {"users": 1}, {})
    archive.write(target, dump, uploads, set(), manifest)
    assert archive.read(target).members == manifest.members
    return target


def test_each_bit_counts(small: Path) -> None:
    content = small.read_bytes()
    damaged = small.with_name("damaged.tar.gz")
    unnoticed = 0
    for position in range(len(content)):
        flipped = bytearray(content)
        flipped[position] ^= 1 << position % 8
        damaged.write_bytes(flipped)
        with pytest.raises(Damaged):
            archive.read(damaged)
        unnoticed += reads_as_tar(damaged)
    assert unnoticed, "a plain archive would notice as much: the seal is for nothing"


def test_each_length_counts(small: Path) -> None:
    content = small.read_bytes()
    damaged = small.with_name("damaged.tar.gz")
    for length in range(len(content)):
        damaged.write_bytes(content[:length])
        with pytest.raises(Damaged):
            archive.read(damaged)
    for more in (b"\0", b"x", content):
        damaged.write_bytes(content + more)
        with pytest.raises(Damaged):
            archive.read(damaged)


def reads_as_tar(path: Path) -> bool:
    try:
        with tarfile.open(path) as tar:
            return [member.name for member in tar] == ["database.sqlite", "uploads/ab/abcd", "manifest.json"]
    except (tarfile.TarError, EOFError, gzip.BadGzipFile, zlib.error, ValueError):
        return False


@pytest.mark.parametrize("name", ["/etc/passwd", "../outside", "uploads/../../outside"])
def test_nothing_is_written_outside_of_the_folder(small: Path, tmp_path: Path, name: str) -> None:
    """Not even from an archive with a right seal."""
    made, dump = tmp_path / "made.tar.gz", tmp_path / name.replace("/", "_")
    dump.write_bytes(b"content")
    manifest = Manifest("", "sqlite", name, "0001", {}, {})
    archive.write(made, dump, tmp_path / "none", set(), manifest)
    with pytest.raises(Damaged, match="no file of a backup"):
        archive.read(made, tmp_path / "into")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("name", ["/etc/passwd", "../database.sqlite", "manifest.json"])
def test_the_dump_is_one_of_its_own_files(small: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Not even one that its maker has sealed leads to a file that lies elsewhere."""
    made = small.with_name("made.tar.gz")
    manifest = Manifest("", "sqlite", "database.sqlite", "0001", {}, {})
    monkeypatch.setattr(archive, "asdict", lambda written: {**asdict(written), "dump": name})
    archive.write(made, small.with_name("database.sqlite"), small.parent / "none", set(), manifest)
    with pytest.raises(Damaged, match="does not hold its dump"):
        archive.read(made)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["flipped", "short", "empty", "long"])
def test_a_damaged_one_is_refused_and_the_site_is_as_it_was(site: Site, kind: str) -> None:
    good = site.good_backup()
    content = good.read_bytes()
    middle = random.Random(kind).randrange(len(content))  # noqa: S311 nobody's secret
    flipped = content[:middle] + bytes([content[middle] ^ 16]) + content[middle + 1 :]
    damaged = {"flipped": flipped, "short": content[:middle], "empty": b"", "long": content + b"\0"}[kind]
    site.live_on()
    before = site.state()
    good.write_bytes(damaged)
    assert_refused(site.backup("--verify"), "is damaged")
    assert_refused(site.restore("--yes"), "is damaged")
    assert site.state() == before
    assert site.asides() == []
    assert [path.name for path in site.folder.glob("*uploads*")] == ["uploads"]
    good.write_bytes(content)
    assert site.backup("--verify").returncode == 0


@pytest.mark.slow
def test_a_list_of_contents_is_no_proof(site: Site, tmp_path: Path) -> None:
    """PostgreSQL: `pg_restore --list` accepts a dump that ends in the middle, so the whole of it is read."""
    if not isinstance(site.database, PostgresqlDatabase):
        return
    good = site.good_backup()
    manifest = archive.read(good, tmp_path / "parts")
    dump = tmp_path / "parts" / manifest.dump
    checker = postgresql.PostgresqlDatabase(site.database.url)
    checker.check(dump)
    content, accepted = dump.read_bytes(), 0
    for share in (0.5, 0.7, 0.9, 0.99):
        dump.write_bytes(content[: int(len(content) * share)])
        listed = subprocess.run(["pg_restore", "--list", str(dump)], capture_output=True, check=False)
        accepted += listed.returncode == 0
        with pytest.raises(Refusal):
            checker.check(dump)
    assert accepted, "the control: a list of contents would have been enough"
