"""A database per worker, put back to the world's state before each test that needs one.

Templates are made once, the first by the real migrations; SQLite copies its file, PostgreSQL copies the database. So
every test commits for real, and nothing that it leaves behind is met by the next.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Protocol

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool


class Database(Protocol):
    url: str

    def freeze(self, template: str) -> None:
        """Keeps the present state as `template`; no connection may be open."""

    def reset(self, template: str) -> None:
        """Back to `template`; no connection may be open."""


class SqliteDatabase:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "test.sqlite"
        self.url = f"sqlite:///{self.path}"

    def freeze(self, template: str) -> None:
        engine = create_engine(self.url, poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        shutil.copyfile(self.path, self._kept(template))

    def reset(self, template: str) -> None:
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._kept(template), self.path)

    def _kept(self, template: str) -> Path:
        return self.path.with_name(f"{template}.sqlite")


class PostgresqlDatabase:
    def __init__(self, server: str, worker: str) -> None:
        self.maintenance = make_url(server).set(drivername="postgresql+psycopg2")
        self.name = f"guildhall_{worker}"
        self.url = self.maintenance.set(database=self.name).render_as_string(hide_password=False)
        self._run(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)", f"CREATE DATABASE {self.name}")

    def freeze(self, template: str) -> None:
        self._run(
            f"DROP DATABASE IF EXISTS {self.name}_as_{template} WITH (FORCE)",
            f"ALTER DATABASE {self.name} RENAME TO {self.name}_as_{template}",
        )
        self.reset(template)

    def reset(self, template: str) -> None:
        self._run(
            f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)",
            f"CREATE DATABASE {self.name} TEMPLATE {self.name}_as_{template}",
        )

    def _run(self, *statements: str) -> None:
        engine = create_engine(self.maintenance, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
