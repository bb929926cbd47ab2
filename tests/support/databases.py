"""A database per worker, put back to the world's state before each test that needs one.

The template is made once by the real migrations; SQLite copies its file, PostgreSQL copies the database. So every
test commits for real, and nothing that it leaves behind is met by the next.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool


class Database(Protocol):
    url: str

    def freeze(self) -> None:
        """Makes the present state the template."""

    def reset(self) -> None:
        """Back to the template; no connection may be open."""


class SqliteDatabase:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.sqlite"
        self.template = folder / "template.sqlite"
        self.url = f"sqlite:///{self.path}"

    def freeze(self) -> None:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        shutil.copyfile(self.path, self.template)

    def reset(self) -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self.template, self.path)


class PostgresqlDatabase:
    def __init__(self, server: str, worker: str) -> None:
        self.maintenance = make_url(server).set(drivername="postgresql+psycopg2")
        self.name = f"guildhall_{worker}"
        self.url = self.maintenance.set(database=self.name).render_as_string(hide_password=False)
        self._run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name}")

    def freeze(self) -> None:
        self._run(
            f"DROP DATABASE IF EXISTS {self.name}_template WITH (FORCE)",
            f"ALTER DATABASE {self.name} RENAME TO {self.name}_template",
        )
        self.reset()

    def reset(self) -> None:
        self._run(
            f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)",
            f"CREATE DATABASE {self.name} TEMPLATE {self.name}_template",
        )

    def _run(self, *statements: str) -> None:
        engine = create_engine(self.maintenance, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
