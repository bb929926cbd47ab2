"""A copy of the database to try things on, thrown away afterwards; the original is only read."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool


class CopyError(Exception):
    """The copy could not be made; the message is for the operator."""


@contextmanager
def copy_of(address: str) -> Iterator[str]:
    """The address of a copy of the database at `address`. Raises CopyError."""
    url = make_url(address)
    with _copy_of_file(url) if url.get_backend_name() == "sqlite" else _copy_of_database(url) as copy:
        yield copy.render_as_string(hide_password=False)


@contextmanager
def _copy_of_file(url: URL) -> Iterator[URL]:
    with tempfile.TemporaryDirectory(prefix="guildhall-drill-") as folder:
        path = Path(folder) / "copy.sqlite"
        source, target = sqlite3.connect(f"file:{url.database}?mode=ro", uri=True), sqlite3.connect(path)
        source.backup(target)
        source.close()
        target.close()
        yield url.set(database=str(path))


@contextmanager
def _copy_of_database(url: URL) -> Iterator[URL]:
    copy = url.set(database=f"{url.database}_drill_{secrets.token_hex(4)}")
    _ask(url, f'CREATE DATABASE "{copy.database}" TEMPLATE template0')
    try:
        with tempfile.NamedTemporaryFile(prefix="guildhall-drill-") as dump:
            _run("pg_dump", url, "--format=custom", f"--file={dump.name}")
            _run("pg_restore", copy, "--exit-on-error", "--no-owner", f"--dbname={copy.database}", dump.name)
        yield copy
    finally:
        _ask(url, f'DROP DATABASE "{copy.database}" WITH (FORCE)')


def _ask(url: URL, statement: str) -> None:
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))


def _run(program: str, url: URL, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise CopyError(f"{program} is not installed; it comes with PostgreSQL's client.")
    parts = {"PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password}
    environment = {**os.environ, **{name: str(part) for name, part in parts.items() if part}}
    if program == "pg_dump":
        environment["PGDATABASE"] = str(url.database)
    done = subprocess.run([found, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603 ours
    if done.returncode:
        raise CopyError(f"{program} failed: {done.stderr.strip()[-500:]}")
