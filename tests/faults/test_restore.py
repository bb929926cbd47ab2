"""A restore gives back what was there, wholly or not at all, and can be taken back."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import text

from scripts.lib.backups import archive
from tests.support.databases import PostgresqlDatabase
from tests.support.ledger import give_hours
from tests.support.operating import PICTURE, Site, assert_refused, digests, manifest_of
from tests.world import World


def test_all_rows_and_uploads_come_back(site: Site) -> None:
    before = site.state()
    site.good_backup()
    site.live_on()
    changed = site.state()
    assert changed[0] != before[0]
    assert changed[1] != before[1]
    done = site.restore("--yes")
    assert done.returncode == 0, done.stderr
    assert site.state() == before
    assert "scripts/restore.sh --undo" in done.stdout


@pytest.mark.slow
def test_it_can_be_taken_back_and_changed_over_again(site: Site) -> None:
    old = site.state()
    site.good_backup()
    site.live_on()
    new = site.state()
    assert site.restore("--yes").returncode == 0
    for expected in (new, old, new):
        done = site.restore("--undo", "--yes")
        assert done.returncode == 0, done.stderr
        assert site.state() == expected
        assert len(site.asides()) == 1
    assert site.restore("--forget", "--yes").returncode == 0
    assert site.asides() == []
    assert [path.name for path in site.folder.glob("uploads*")] == ["uploads"]
    assert_refused(site.restore("--undo", "--yes"), "Nothing is kept")
    assert_refused(site.restore("--forget", "--yes"), "Nothing is kept")
    assert site.state() == new


@pytest.mark.slow
def test_nobody_is_asked_by_cron(site: Site) -> None:
    site.good_backup()
    before = site.state()
    done = site.restore()
    assert_refused(done, "--yes goes on without asking")
    assert "is put aside and replaced by the backup" in done.stdout
    assert site.state() == before
    assert site.asides() == []


@pytest.mark.slow
def test_there_is_nothing_to_restore(site: Site) -> None:
    assert_refused(site.restore("--yes"), "There is no backup in")
    assert_refused(site.restore("backup_20200101_000000.tar.gz", "--yes"), "There is no backup backup_2020")


@pytest.mark.slow
def test_a_site_that_runs_is_left_alone(site: Site) -> None:
    site.good_backup()
    before = site.state()
    engine = site.engine()
    with engine.connect() as connection:
        connection.execute(text("SELECT 1 FROM users"))
        done = site.restore("--yes")
    assert_refused(done, "stop the site and its periodic work first")
    assert site.state() == before
    assert site.restore("--yes").returncode == 0


@pytest.mark.slow
def test_on_a_new_machine(site: Site, app: Flask) -> None:
    """The database is empty or not there, and so are the uploads; nothing is kept of nothing."""
    before = site.state()
    archived = site.good_backup().rename(site.folder / "from-elsewhere.tar.gz")
    shutil.rmtree(site.uploads)
    shutil.rmtree(site.backups)
    site.empty()
    done = site.restore(str(archived), "--yes")
    assert done.returncode == 0, done.stderr
    assert site.state() == before
    assert site.asides() == []
    assert "--undo" not in done.stdout


@pytest.mark.slow
def test_an_older_one_is_brought_up_to_date(site: Site, app: Flask) -> None:
    head = manifest_of(site.good_backup())["revision"]
    site.let_go()
    downgrade(revision="-1")
    site.let_go()
    older = site.good_backup()
    assert manifest_of(older)["revision"] != head
    upgrade()
    site.let_go()
    now = site.tables()
    site.live_on()
    assert site.backup("--verify", str(older)).returncode == 0
    done = site.restore(str(older), "--yes")
    assert done.returncode == 0, done.stderr
    assert site.tables()["alembic_version"] == now["alembic_version"]
    assert site.tables()["users"] == now["users"]


@pytest.mark.slow
def test_one_of_a_newer_version_is_refused(site: Site) -> None:
    with site.engine().begin() as connection:
        known = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer = site.good_backup()
    with site.engine().begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{known}'"))  # noqa: S608
    before = site.state()
    assert_refused(site.restore("--yes"), "belongs to a newer version of Guildhall")
    assert_refused(site.backup("--verify", str(newer)), "belongs to a newer version of Guildhall")
    assert site.state() == before
    assert site.asides() == []


@pytest.mark.slow
def test_one_of_the_other_database_is_refused(site: Site) -> None:
    def turn(manifest: archive.Manifest) -> None:
        manifest.database = "postgresql" if manifest.database == "sqlite" else "sqlite"

    assert_left_alone(site, rewritten(site, turn), "DATABASE_URL leads to")


@pytest.mark.slow
def test_rows_that_are_missing_are_noticed(site: Site) -> None:
    """A dump that a faulty pg_dump left short, in an archive that is whole: only restoring it shows that."""

    def count_more(manifest: archive.Manifest) -> None:
        name = next(name for name in manifest.rows if name.endswith("users"))
        manifest.rows[name] += 1

    assert_left_alone(site, rewritten(site, count_more), "The restored database differs: ")


@pytest.mark.slow
def test_uploads_that_are_missing_are_noticed(site: Site) -> None:
    def lose(manifest: archive.Manifest) -> None:
        manifest.missing.clear()

    digest = site.upload(b"lost before the backup")
    (site.uploads / digest[:2] / digest).unlink()
    assert_left_alone(site, rewritten(site, lose), f"lacks the upload {digest}")


@pytest.mark.slow
def test_books_that_do_not_balance(site: Site, world: World) -> None:
    """Said by name, and taken only by somebody who insists: it may be the only backup there is."""
    give_hours(world.alice, 90)
    assert site.good_backup()
    assert site.backup("--verify").returncode == 0, "the control: untouched books are whole"
    with site.engine().begin() as connection:
        if connection.dialect.name == "sqlite":
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'transfers'"
            for name in connection.scalars(text(triggers)).all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE transfers SET text = 'For something else'"))
    before = site.state()
    site.good_backup()
    done = site.backup("--verify")
    assert_refused(done, "do not balance")
    assert "transfers 1: " in done.stderr
    assert_refused(site.restore("--yes"), "do not balance")
    assert site.state() == before
    assert site.asides() == []
    assert site.restore("--yes", "--unaudited").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_dump_that_ends_in_the_middle_is_noticed(site: Site, tmp_path: Path, share: float) -> None:
    """The seal is right, because the dump was short when it was packed; the control is that the archive reads well."""

    def shorten(manifest: archive.Manifest) -> None:
        dump = tmp_path / "parts" / manifest.dump
        dump.write_bytes(dump.read_bytes()[: int(dump.stat().st_size * share)])

    short = rewritten(site, shorten)
    archive.read(short)
    assert_left_alone(site, short, "")


@pytest.mark.slow
def test_the_old_uploads_take_no_room_twice(site: Site) -> None:
    site.good_backup()
    assert site.restore("--yes").returncode == 0
    kept = next(site.folder.glob("uploads.before_*"))
    assert digests(kept) == digests(site.uploads)
    assert all((kept / name).samefile(site.uploads / name) for name in digests(kept))


@pytest.mark.slow
def test_an_upload_that_was_damaged_is_put_right(site: Site) -> None:
    before = site.state()
    site.good_backup()
    damaged = next(path for path in site.uploads.rglob("*") if path.is_file() and path.read_bytes() == PICTURE)
    damaged.write_bytes(b"half a picture")
    assert site.restore("--yes").returncode == 0
    assert site.state() == before
    assert site.restore("--undo", "--yes").returncode == 0
    assert site.state() == before, "what is right already is not made wrong again"


@pytest.mark.slow
@pytest.mark.parametrize("start", [0, 20, 100_000])
def test_a_damaged_database_is_replaced(site: Site, start: int) -> None:
    """SQLite: that is what backups are for. What is left of it is kept, byte by byte."""
    if isinstance(site.database, PostgresqlDatabase):
        return
    before = site.state()
    site.good_backup()
    site.let_go()
    path = Path(site.database.url.removeprefix("sqlite:///"))
    content = bytearray(path.read_bytes())
    content[start : start + 50_000] = b"?" * 50_000
    path.write_bytes(content)
    done = site.restore("--yes")
    assert done.returncode == 0, done.stderr
    assert site.state() == before
    (kept,) = site.asides()
    assert b"?" * 4096 in path.with_name(kept).read_bytes()
    undone = site.restore("--undo", "--yes")
    if start < 100:
        assert_refused(undone, "")
        assert site.state() == before


def rewritten(site: Site, change: Callable[[archive.Manifest], None]) -> Path:
    """A backup of the present with something changed before it was packed and sealed again."""
    made = site.good_backup()
    parts = site.folder / "parts"
    shutil.rmtree(parts, ignore_errors=True)
    manifest = archive.read(made, parts)
    (parts / archive.UPLOADS).mkdir(exist_ok=True)
    change(manifest)
    members = {name for name in manifest.members if name != manifest.dump}
    manifest.members = {}
    made.unlink()
    missing = manifest.missing
    archive.write(made, parts / manifest.dump, parts / archive.UPLOADS, set(), manifest)
    assert {name for name in manifest.members if name != manifest.dump} == members
    assert json.loads(json.dumps(missing)) == missing
    return made


def assert_left_alone(site: Site, file: Path, sentence: str) -> None:
    """Neither tried nor restored, and the site is as it was, with nothing beside it."""
    before = site.state()
    assert_refused(site.backup("--verify", str(file)), sentence)
    assert_refused(site.restore(str(file), "--yes"), sentence)
    assert site.state() == before
    assert site.asides() == []
    assert site.leftovers() == []
    assert [path.name for path in site.folder.glob("uploads*")] == ["uploads"]


@pytest.mark.slow
def test_a_user_of_the_database_who_may_make_none(site: Site) -> None:
    """PostgreSQL: said in words that an administrator can act on. SQLite has no such users."""
    if not isinstance(site.database, PostgresqlDatabase):
        return
    site.database._run("CREATE ROLE poor LOGIN PASSWORD 'hunter2'", "GRANT pg_read_all_data TO poor")
    try:
        poor = site.database.maintenance.set(username="poor", password="hunter2", database=site.database.name)
        address = poor.render_as_string(hide_password=False)
        assert site.backup(DATABASE_URL=address).returncode == 0
        assert_refused(site.backup("--verify", DATABASE_URL=address), "ALTER ROLE poor CREATEDB")
        assert_refused(site.restore("--yes", DATABASE_URL=address), "ALTER ROLE poor CREATEDB")
    finally:
        site.database._run("REVOKE pg_read_all_data FROM poor", "DROP ROLE poor")
