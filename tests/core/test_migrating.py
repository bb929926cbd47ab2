"""Upgrades: killed in the middle, two at once, on tables with children; and the refusals at the start."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import text

import config
from app.core import migrating
from app.core.db import db
from app.core.migrating import SchemaError
from app.factory import create_app
from tests.support.databases import PostgresqlDatabase

HEADER = """
import os, signal, time
from pathlib import Path
import sqlalchemy as sa
from alembic import op
revision, down_revision = {revision!r}, {after!r}
def downgrade() -> None: ...
"""
FAMILIES = """
def upgrade() -> None:
    op.create_table("parents", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(5)))
    parent = sa.Column("parent_id", sa.ForeignKey("parents.id", name="fk_parent", ondelete="CASCADE"), type_=sa.Integer)
    op.create_table("children", sa.Column("id", sa.Integer, primary_key=True), parent)
    op.execute("INSERT INTO parents (id, name) VALUES (1, 'Ada'), (2, 'Bob')")
    op.execute("INSERT INTO children (id, parent_id) VALUES (1, 1), (2, 1), (3, 2)")
"""
WIDEN = """
def upgrade() -> None:
    with op.batch_alter_table("parents", recreate="auto") as table:
        table.alter_column("name", type_=sa.String(50))
        table.add_column(sa.Column("note", sa.String(9)))
"""
ADD_AND_DIE = """\
    op.execute("INSERT INTO children (id, parent_id) VALUES (4, 2)")
    if Path(FLAG).exists():
        os.kill(os.getpid(), signal.SIGKILL)
"""
ADD_SLOWLY = """
def upgrade() -> None:
    op.execute("INSERT INTO children (id, parent_id) SELECT max(id) + 1, 1 FROM children")
    time.sleep(1)
"""
ORPHAN = """
def upgrade() -> None:
    op.execute("UPDATE children SET parent_id = 77 WHERE id = 3")
"""


class History:
    """The project's migrations with more behind them, in a folder of the test's own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(config.ROOT / "migrations", folder)
        [self.head] = ScriptDirectory(str(folder)).get_heads()

    def add(self, revision: str, body: str) -> None:
        source = HEADER.format(revision=revision, after=self.head) + body
        (self.folder / "versions" / f"{revision}.py").write_text(source)
        self.head = revision


@pytest.fixture
def address(request: pytest.FixtureRequest, tmp_path: Path, worker: str) -> str:
    if request.config.getoption("--database") == "postgresql":
        return PostgresqlDatabase(os.environ["GUILDHALL_TEST_SERVER"], f"{worker}_migrating").url
    return f"sqlite:///{tmp_path}/test.sqlite"


@pytest.fixture
def application(address: str, tmp_path: Path) -> Iterator[Flask]:
    """On an empty database."""
    made = create_app(config.load({"SECRET_KEY": "k" * 32, "DATABASE_URL": address, "UPLOADS": str(tmp_path)}))
    with made.app_context():
        yield made
        db.engine.dispose()


@pytest.fixture
def history(application: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    made = History(tmp_path / "migrations")
    monkeypatch.setattr(application.extensions["migrate"].migrate, "directory", str(made.folder))
    return made


def upgrading(address: str, history: History) -> subprocess.Popen[str]:
    """`flask db upgrade` as another process."""
    environ = {**os.environ, "DATABASE_URL": address, "SECRET_KEY": "k" * 32, "GUILDHALL_ENV": "development"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade", "--directory", str(history.folder)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=config.ROOT, env=environ, text=True, stdout=pipe, stderr=subprocess.STDOUT)


def count(table: str) -> int:
    with db.engine.connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()  # noqa: S608 a test's own name


def test_a_new_database_is_made_and_then_current(application: Flask) -> None:
    migrating.ensure_schema(application)
    assert migrating.schema_state(db.engine) == "current"
    assert migrating.bring_up_to_date(db.engine, set()) == "current"


def test_an_empty_or_older_database_is_refused_where_upgrading_is_not_allowed(
    application: Flask, history: History
) -> None:
    migrating.ensure_schema(application)
    history.add("test_families", FAMILIES)
    application.config["AUTO_MIGRATE"] = False
    with pytest.raises(SchemaError, match="older than this version of Guildhall; upgrade it with: flask db upgrade"):
        migrating.ensure_schema(application)
    application.config["AUTO_MIGRATE"] = True
    migrating.ensure_schema(application)
    assert count("children") == 3


def test_a_newer_database_is_always_refused(application: Flask, history: History) -> None:
    history.add("test_families", FAMILIES)
    migrating.ensure_schema(application)
    (history.folder / "versions" / "test_families.py").unlink()
    shutil.rmtree(history.folder / "versions" / "__pycache__", ignore_errors=True)
    with pytest.raises(SchemaError, match="belongs to a newer version"):
        migrating.ensure_schema(application)
    assert count("children") == 3


def test_altering_a_table_keeps_the_children_of_its_rows(application: Flask, history: History) -> None:
    history.add("test_families", FAMILIES)
    history.add("test_widened", WIDEN)
    migrating.upgrade()
    assert (count("parents"), count("children")) == (2, 3)


def test_a_migration_that_leaves_orphans_changes_nothing(application: Flask, history: History) -> None:
    history.add("test_families", FAMILIES)
    migrating.upgrade()
    history.add("test_orphan", ORPHAN)
    with pytest.raises(SchemaError, match="nothing was changed"):
        migrating.upgrade()
    assert migrating.schema_state(db.engine) == "older"
    assert count("children WHERE parent_id = 2") == 1


def test_an_upgrade_killed_in_the_middle_leaves_all_as_it_was_and_can_be_repeated(
    application: Flask, history: History, address: str, tmp_path: Path
) -> None:
    history.add("test_families", FAMILIES)
    migrating.upgrade()
    flag = tmp_path / "die"
    flag.touch()
    history.add("test_killed", f"FLAG = {str(flag)!r}" + WIDEN + ADD_AND_DIE)

    killed = upgrading(address, history)
    output, _ = killed.communicate(timeout=60)
    assert killed.returncode == -signal.SIGKILL, output
    assert migrating.schema_state(db.engine) == "older"
    assert (count("parents"), count("children")) == (2, 3)

    flag.unlink()
    again = upgrading(address, history)
    output, _ = again.communicate(timeout=60)
    assert again.returncode == 0, output
    assert migrating.schema_state(db.engine) == "current"
    assert (count("parents WHERE note IS NULL"), count("children")) == (2, 4)


def test_two_upgrades_at_once_do_each_step_once(application: Flask, history: History, address: str) -> None:
    history.add("test_families", FAMILIES)
    migrating.upgrade()
    history.add("test_added", ADD_SLOWLY)
    both = [upgrading(address, history), upgrading(address, history)]
    outputs = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert count("children") == 4


def test_a_mistyped_address_makes_no_database(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "guild.sqlite"
    settings = config.load({"SECRET_KEY": "k" * 32, "DATABASE_URL": f"sqlite:///{path}", "AUTO_MIGRATE": "0"})
    with pytest.raises(SchemaError, match="There is no database at"):
        migrating.ensure_schema(create_app(settings))
    assert not path.parent.exists()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "guild.sqlite"
    path.write_text("Dear diary, " * 100)
    settings = config.load({"SECRET_KEY": "k" * 32, "DATABASE_URL": f"sqlite:///{path}"})
    with pytest.raises(SchemaError, match="cannot be used: file is not a database"):
        migrating.ensure_schema(create_app(settings))
    assert path.read_text().startswith("Dear diary")


def test_an_unreachable_server_is_named_without_its_password() -> None:
    address = "postgresql://guild:hunter2@127.0.0.1:1/guild"
    with pytest.raises(SchemaError, match="cannot be used: Connection refused") as refusal:
        migrating.ensure_schema(create_app(config.load({"SECRET_KEY": "k" * 32, "DATABASE_URL": address})))
    assert "hunter2" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_production_refuses_a_server_that_forgets(application: Flask) -> None:
    """The tests' own PostgreSQL has its durability switched off; SQLite is opened with synchronous=FULL."""
    application.config["GUILDHALL_ENV"] = "production"
    if db.engine.dialect.name == "sqlite":
        migrating.ensure_schema(application)
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        return
    with pytest.raises(SchemaError, match="fsync and full_page_writes and synchronous_commit off"):
        migrating.ensure_schema(application)


def test_a_folder_may_have_a_percent_sign_in_its_name(
    application: Flask, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = History(tmp_path / "50%off%(here)s" / "migrations")
    history.add("test_families", FAMILIES)
    monkeypatch.setattr(application.extensions["migrate"].migrate, "directory", str(history.folder))
    migrating.ensure_schema(application)
    assert migrating.schema_state(db.engine) == "current"
    assert count("children") == 3
    history.add("test_slow", ADD_SLOWLY)
    by_command = upgrading(address, history)
    said = by_command.communicate(timeout=60)[0]
    assert by_command.returncode == 0, said
    assert count("children") == 4
