"""A site as an operator has it: its database, its uploads and its backups, with scripts/backup.sh and restore.sh."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Engine, create_engine, inspect, select, text
from sqlalchemy.pool import NullPool

import config
from app.core import files
from app.core.backups import NAME
from app.core.db import db
from app.core.models import StoredFile
from tests.support.databases import Database, PostgresqlDatabase

# What a developer's own .env says must not reach a test.
UNSET = ("BACKUP_COPY_TO", "BACKUP_S3_BUCKET", "BACKUP_S3_ENDPOINT", "BACKUP_PING_URL", "DATABASE_DIRECT_URL")
PICTURE = b"a picture that was there from the start " * 50
ASIDE = r"(before|keeping|restoring|verify)_\d{8}_\d{6}"


class Site:
    """`environ` is all that the commands know. The application of the test has no connection open meanwhile."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.uploads = folder / "uploads"
        self.backups = folder / "backups"
        self.environ = {
            **dict.fromkeys(UNSET, ""),
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPYCACHEPREFIX": str(config.ROOT / ".venv" / "bytecode"),
            "SECRET_KEY": "s" * 40,
            "DATABASE_URL": database.url,
            "UPLOADS": str(self.uploads),
            "BACKUP_DIR": str(self.backups),
            "DEMO": "0",
        }

    # ── what an operator types

    def backup(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return self.run("backup.sh", *words, **environ)

    def restore(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return self.run("restore.sh", *words, **environ)

    def run(self, script: str, *words: str, before: Sequence[str] = (), **environ: str) -> Any:
        """`before` stands in front of the command, as in `strace -f`."""
        self.let_go()
        command = [*before, str(config.ROOT / "scripts" / script), *words]
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.environ, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=110,
        )

    def good_backup(self) -> Path:
        """A backup that was made just now."""
        done = self.backup()
        assert done.returncode == 0, done.stderr
        return self.archives()[-1]

    # ── what is there

    def archives(self) -> list[Path]:
        """The oldest first."""
        found = self.backups.iterdir() if self.backups.is_dir() else []
        return sorted(path for path in found if NAME.fullmatch(path.name))

    def leftovers(self) -> list[str]:
        """What an unfinished backup has left."""
        return sorted(path.name for path in self.backups.glob(".partial_*"))

    def status(self) -> dict[str, dict[str, str]]:
        content: dict[str, dict[str, str]] = json.loads((self.backups / "status.json").read_text())
        return content

    def state(self) -> tuple[dict[str, str], dict[str, str]]:
        """Hashes of all tables and of all uploads: two states are the same when these are."""
        return self.tables(), digests(self.uploads)

    def tables(self) -> dict[str, str]:
        engine = self.engine()
        with engine.connect() as connection:
            names = inspect(connection).get_table_names()
            found = {}
            for name in sorted(names):
                rows = sorted(repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"')))  # noqa: S608
                found[name] = f"{len(rows)} {hashlib.sha256(chr(10).join(rows).encode()).hexdigest()}"
        return found

    def engine(self) -> Engine:
        return create_engine(self.database.url, poolclass=NullPool)

    def asides(self) -> list[str]:
        """Databases beside the live one."""
        if isinstance(self.database, PostgresqlDatabase):
            with create_engine(self.database.maintenance, poolclass=NullPool).connect() as connection:
                names = list(connection.scalars(text("SELECT datname FROM pg_database")))
            return sorted(name for name in names if re.fullmatch(rf"{self.database.name}_{ASIDE}", name))
        path = self._sqlite_path()
        return sorted(each.name for each in path.parent.iterdir() if re.fullmatch(rf"{path.name}\.{ASIDE}", each.name))

    # ── what happens to it

    def upload(self, content: bytes) -> str:
        """A file of a member's, with its row; its hash. Commits."""
        owner = db.session.scalars(text("SELECT min(id) FROM users")).one()
        row = files.store(content, owner_id=owner, name="picture.webp", media_type="image/webp")
        digest = row.sha256
        db.session.commit()
        return digest

    def live_on(self) -> None:
        """Time goes by: rows and uploads come, change and go. Commits."""
        self.upload(os.urandom(3000))
        gone = db.session.scalars(select(StoredFile).order_by(StoredFile.id).limit(1)).one()
        files.path_of(gone.sha256).unlink(missing_ok=True)
        db.session.delete(gone)
        db.session.execute(text("UPDATE users SET bio = bio || '!'"))
        db.session.commit()
        self.let_go()

    def empty(self) -> None:
        """As on a new machine: the database without tables, or no file."""
        self.let_go()
        if isinstance(self.database, PostgresqlDatabase):
            name = self.database.name
            self.database._run(f"DROP DATABASE {name} WITH (FORCE)", f"CREATE DATABASE {name}")
        else:
            self._sqlite_path().unlink()

    def use_backups(self, folder: Path) -> None:
        """Another BACKUP_DIR."""
        self.backups = folder
        self.environ["BACKUP_DIR"] = str(folder)

    def let_go(self) -> None:
        db.session.remove()
        db.engine.dispose()

    def tidy(self) -> None:
        """The next test finds no database of this one's."""
        self.let_go()
        for name in self.asides():
            if isinstance(self.database, PostgresqlDatabase):
                self.database._run(f"DROP DATABASE {name} WITH (FORCE)")
            else:
                self._sqlite_path().with_name(name).unlink()

    def _sqlite_path(self) -> Path:
        return Path(self.database.url.removeprefix("sqlite:///"))


def new_site(database: Database, folder: Path) -> Site:
    """With the uploads of the world, and one more."""
    site = Site(database, folder)
    shutil.copytree(current_app.config["UPLOADS"], site.uploads)
    current_app.config["UPLOADS"] = site.uploads
    site.upload(PICTURE)
    site.let_go()
    return site


def digests(folder: Path) -> dict[str, str]:
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def manifest_of(archive: Path) -> dict[str, Any]:
    with tarfile.open(archive) as tar:
        content = tar.extractfile("manifest.json")
        assert content
        manifest: dict[str, Any] = json.load(content)
    return manifest


def assert_refused(done: subprocess.CompletedProcess[str], sentence: str) -> None:
    """One sentence on stderr, another code than 0, no traceback and no password."""
    assert done.returncode != 0, done.stdout
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
