"""SQLite: the dump is the database itself, copied page by page while the site writes."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from app.core.backups import MOMENT_PATTERN
from scripts.lib.backups.databases import BEFORE, KEEPING, Contents, required_revision
from scripts.lib.backups.place import sync
from scripts.lib.backups.refusal import Refusal

PATIENCE = 60.0
# "SQLite format 3", then at 18 and 19 whether a write-ahead log belongs to the file.
MAGIC = b"SQLite format 3\0"


class SqliteDatabase:
    kind = "sqlite"
    dump_name = "database.sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shown = str(path)

    def dump(self, target: Path) -> Contents:
        if not self.path.exists():
            raise Refusal(f"There is no database at {self.path}.")
        _copy(self.path, target, new=True)
        self.check(target)
        return _contents(target, self.shown)

    def check(self, dump: Path) -> None:
        with closing(_opened(dump)) as copy:
            said = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise Refusal(f"The database is damaged: {said.splitlines()[-1]}.")

    def exists(self) -> bool:
        """A damaged one exists: what is left of it is kept."""
        if not self.path.exists():
            return False
        try:
            with closing(_opened(self.path)) as live:
                return bool(_tables(live))
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return True

    def address_of(self, purpose: str, moment: str) -> str:
        return f"sqlite:///{self._beside(purpose, moment)}"

    def moments(self, purpose: str) -> list[str]:
        name = re.compile(rf"{re.escape(self.path.name)}\.{purpose}_({MOMENT_PATTERN})")
        found = [name.fullmatch(path.name) for path in self.path.parent.iterdir()]
        return sorted(match[1] for match in found if match)

    def load(self, dump: Path, purpose: str, moment: str) -> None:
        _copy(dump, self._beside(purpose, moment), new=True)

    def contents(self, purpose: str, moment: str) -> Contents:
        path = self._beside(purpose, moment)
        return _contents(path, str(path))

    def drop(self, purpose: str, moment: str) -> None:
        for suffix in ("-wal", "-shm", "-journal", ""):  # what it is found by comes last
            Path(f"{self._beside(purpose, moment)}{suffix}").unlink(missing_ok=True)

    def refuse_if_used(self) -> None:
        """A file with a write-ahead log can be made one without only by the last who has it open."""
        if not self.path.exists():
            return
        try:
            with closing(_opened(self.path, patience=2)) as live:
                mode = live.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
        except sqlite3.OperationalError:
            mode = "locked"
        except sqlite3.DatabaseError:
            return  # so damaged that it cannot be in use
        if mode != "delete":
            raise Refusal(f"{self.path} is in use; stop the site and its periodic work first.")

    def switch(self, purpose: str, moment: str, aside: str) -> None:
        """The pages of the new one are written over the live one in a single transaction of SQLite's.

        So a process that has the file open all the same, such as a tick of cron, sees the one or the other.
        """
        new = self._beside(purpose, moment)
        self.check(new)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.exists():
            self._keep(aside)
        try:
            self._take_over(new)
        except (sqlite3.Error, OSError):
            self.drop(BEFORE, aside)
            raise
        self.drop(purpose, moment)

    def _keep(self, aside: str) -> None:
        """A copy of the live one; byte by byte with its log where it is too damaged to be read."""
        keeping, kept = self._beside(KEEPING, aside), self._beside(BEFORE, aside)
        try:
            _copy(self.path, keeping, new=True)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            for source, target in ((f"{self.path}-wal", f"{kept}-wal"), (self.path, keeping)):
                if Path(source).exists():
                    shutil.copyfile(source, target)
                    sync(Path(target))
        keeping.rename(kept)
        sync(kept.parent)

    def _take_over(self, new: Path) -> None:
        try:
            _copy(new, self.path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:  # pages cannot be written into what is no database any more
            for suffix in ("-wal", "-shm"):
                Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            new.replace(self.path)
            sync(self.path.parent)

    def _beside(self, purpose: str, moment: str) -> Path:
        return self.path.with_name(f"{self.path.name}.{purpose}_{moment}")


def _copy(source: Path, target: Path, new: bool = False) -> None:
    """As one transaction, on disk when this returns; a new file is given no write-ahead log."""
    with closing(_opened(source)) as opened, closing(sqlite3.connect(target, timeout=PATIENCE)) as copy:
        copy.execute("PRAGMA synchronous=FULL")
        opened.backup(copy)
        if new:
            copy.execute("PRAGMA journal_mode=DELETE")
    sync(target)
    sync(target.parent)


def _opened(path: Path, patience: float = PATIENCE) -> sqlite3.Connection:
    """An existing database, to be looked at; without write permission its log could not be read."""
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
    if start != MAGIC and os.path.getsize(path):  # noqa: PTH202 the name is long enough
        raise sqlite3.DatabaseError(f"{path} is no SQLite database")
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=patience)


def _contents(path: Path, shown: str) -> Contents:
    with closing(_opened(path)) as database:
        tables = _tables(database)
        has_version = "alembic_version" in tables
        versions = database.execute("SELECT version_num FROM alembic_version").fetchall() if has_version else []
        revision = required_revision([version for (version,) in versions], shown)
        counts = {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}  # noqa: S608
        uploads = {sha256 for (sha256,) in database.execute("SELECT DISTINCT sha256 FROM files")}
    return Contents(revision, counts, uploads, {"sqlite": sqlite3.sqlite_version})


def _tables(database: sqlite3.Connection) -> list[str]:
    listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
    return [name for (name,) in database.execute(listed)]
