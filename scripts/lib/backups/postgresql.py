"""PostgreSQL: pg_dump and pg_restore, and databases beside the live one on the same server.

Passwords reach these programs by the environment, the rest of the address by a service file; neither is seen by others.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import errors, sql
from sqlalchemy import make_url

from app.core.backups import MOMENT_PATTERN
from scripts.lib.backups.databases import BEFORE, Contents, required_revision
from scripts.lib.backups.programs import major_version, run
from scripts.lib.backups.refusal import Refusal

SERVICE = "guildhall"
# A name has 63 bytes at most, and what it is for is added to it.
LONGEST_STEM = 63 - len("_restoring_20261121_020000")
MAINTENANCE = ("postgres", "template1")
# By pg_database.datlocprovider, where it is not the C library.
PROVIDERS = {"i": " LOCALE_PROVIDER icu ICU_LOCALE {}", "b": " LOCALE_PROVIDER builtin BUILTIN_LOCALE {}"}
CONNECTION = ["--no-password", f"--dbname=service={SERVICE}"]
CONTENT = ["--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions"]
TABLES = """
    SELECT namespace.nspname, class.relname FROM pg_class class
    JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
    WHERE class.relkind = 'r' AND namespace.nspname NOT IN ('pg_catalog', 'information_schema')
      AND namespace.nspname NOT LIKE 'pg\\_toast%' AND namespace.nspname NOT LIKE 'pg\\_temp%'
    ORDER BY 1, 2
"""


class PostgresqlDatabase:
    kind = "postgresql"
    dump_name = "database.dump"

    def __init__(self, address: str) -> None:
        self.url = make_url(address)
        self.name = self.url.database or ""
        self.shown = self.url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)

    def dump(self, target: Path) -> Contents:
        """The rows are counted in the snapshot that pg_dump reads."""
        ours = major_version("pg_dump")
        with closing(self._connect(self.name)) as connection, connection.cursor() as cursor:
            server = connection.server_version // 10000
            if ours < server:
                raise Refusal(
                    f"pg_dump {ours} is older than the server ({server}) and cannot read it; "
                    f"install one that is not (Debian: apt-get install postgresql-client-{server})."
                )
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0")
            contents = _contents(cursor, self.shown)
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
            words = ["--format=custom", "--compress=0", f"--snapshot={snapshot}", "--lock-wait-timeout=60s"]
            self._run("pg_dump", self.name, *words, *CONTENT, f"--file={target}")
        versions = {"postgresql": str(server), "pg_dump": str(ours)}
        return Contents(contents.revision, contents.rows, contents.uploads, versions)

    def check(self, dump: Path) -> None:
        """Its own list of contents would be shown by a dump that ends in the middle: this reads all of it."""
        run(["pg_restore", *CONTENT, "--file=/dev/null", str(dump)])

    def exists(self) -> bool:
        with closing(self._connect(self.name)) as connection, connection.cursor() as cursor:
            cursor.execute(TABLES)
            return cursor.fetchone() is not None

    def address_of(self, purpose: str, moment: str) -> str:
        return self.url.set(database=self._beside(purpose, moment)).render_as_string(hide_password=False)

    def moments(self, purpose: str) -> list[str]:
        name = re.compile(rf"{re.escape(self._stem())}_{purpose}_({MOMENT_PATTERN})")
        with self._maintaining() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            found = [name.fullmatch(each) for (each,) in cursor.fetchall()]
        return sorted(match[1] for match in found if match)

    def load(self, dump: Path, purpose: str, moment: str) -> None:
        if major_version("pg_restore") < _dump_version(dump):
            raise Refusal("pg_restore is older than the pg_dump that made this backup; install a newer one.")
        name = self._beside(purpose, moment)
        self._create(name)
        try:
            self._run("pg_restore", name, "--single-transaction", "--exit-on-error", *CONTENT, str(dump))
        except Refusal:
            self.drop(purpose, moment)
            raise
        with closing(self._connect(name)) as connection:
            connection.autocommit = True
            connection.cursor().execute("ANALYZE")

    def contents(self, purpose: str, moment: str) -> Contents:
        name = self._beside(purpose, moment)
        with closing(self._connect(name)) as connection, connection.cursor() as cursor:
            return _contents(cursor, name)

    def drop(self, purpose: str, moment: str) -> None:
        with self._maintaining() as cursor:
            name = sql.Identifier(self._beside(purpose, moment))
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def refuse_if_used(self) -> None:
        with self._maintaining() as cursor:
            # The server's own workers have no user, and give way by themselves.
            sessions = "SELECT count(*) FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datname = %s"
            cursor.execute(sessions, (self.name,))
            count = cursor.fetchone()[0]
        if count:
            raise Refusal(
                f"{self.shown} has {count} open connections; stop the site and its periodic work first."
                if count > 1
                else f"{self.shown} has an open connection; stop the site and its periodic work first."
            )

    def switch(self, purpose: str, moment: str, aside: str) -> None:
        """Both names change in one transaction."""
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        new, live, kept = (
            sql.Identifier(name) for name in (self._beside(purpose, moment), self.name, self._beside(BEFORE, aside))
        )
        for tries_left in reversed(range(10)):
            try:
                with closing(self._maintenance()) as connection, connection, connection.cursor() as cursor:
                    cursor.execute(rename.format(live, kept))
                    cursor.execute(rename.format(new, live))
            except errors.ObjectInUse:  # a tick of cron looked in, for a moment
                if not tries_left:
                    raise
                time.sleep(0.5)
            else:
                return

    def _create(self, name: str) -> None:
        """With the encoding and the order of letters of the live one, by which its indexes were made."""
        with closing(self._connect(self.name)) as connection, connection.cursor() as cursor:
            icu = "daticulocale" if connection.server_version < 170000 else "datlocale"
            provider = f"datlocprovider, {icu}" if connection.server_version >= 150000 else "'c', NULL"
            cursor.execute(
                f"SELECT pg_encoding_to_char(encoding), datcollate, datctype, {provider} "  # noqa: S608 our own words
                "FROM pg_database WHERE datname = current_database()"
            )
            encoding, collate, ctype, kind, locale = cursor.fetchone()
        words = sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(name), *(sql.Literal(value) for value in (encoding, collate, ctype))
        )
        if kind in PROVIDERS:
            words += sql.SQL(PROVIDERS[kind]).format(sql.Literal(locale))
        with self._maintaining() as cursor:
            try:
                cursor.execute(words)
            except errors.InsufficientPrivilege as error:
                raise Refusal(
                    f"The user {self.url.username} may not make databases, which trying out and restoring a backup "
                    f"needs; an administrator of PostgreSQL allows it with: ALTER ROLE {self.url.username} CREATEDB"
                ) from error

    def _run(self, program: str, database: str, *words: str) -> None:
        options = self._options(database)
        password = options.pop("password", None)
        with tempfile.TemporaryDirectory() as folder:
            service = Path(folder) / "service"
            lines = [f"[{SERVICE}]", *(f"{name}={value}" for name, value in options.items())]
            service.write_text("\n".join(lines) + "\n")
            environ = {"PGSERVICEFILE": str(service)} | ({"PGPASSWORD": str(password)} if password else {})
            run([program, *CONNECTION, *words], environ)

    def _options(self, database: str) -> dict[str, Any]:
        """The address in the words of libpq."""
        url = self.url.set(database=database)
        options: dict[str, Any] = url.get_dialect()().create_connect_args(url)[1]
        return options

    def _connect(self, database: str) -> Any:
        return psycopg2.connect(**{"connect_timeout": 10, **self._options(database)})

    def _maintenance(self) -> Any:
        """A connection to a database that is neither the live one nor one beside it."""
        for name in MAINTENANCE[:-1]:
            try:
                return self._connect(name)
            except psycopg2.OperationalError:
                continue
        return self._connect(MAINTENANCE[-1])

    @contextmanager
    def _maintaining(self) -> Iterator[Any]:
        with closing(self._maintenance()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                yield cursor

    def _stem(self) -> str:
        return self.name[:LONGEST_STEM]

    def _beside(self, purpose: str, moment: str) -> str:
        return f"{self._stem()}_{purpose}_{moment}"


def _contents(cursor: Any, shown: str) -> Contents:
    cursor.execute(TABLES)
    tables = cursor.fetchall()
    if ("public", "alembic_version") in tables:
        cursor.execute("SELECT version_num FROM alembic_version")
    revision = required_revision(
        [version for (version,) in cursor.fetchall()] if ("public", "alembic_version") in tables else [], shown
    )
    counts: dict[str, int] = {}
    for schema, table in tables:
        cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, table)))
        counts[f"{schema}.{table}"] = cursor.fetchone()[0]
    cursor.execute("SELECT DISTINCT sha256 FROM files")
    return Contents(revision, counts, {sha256 for (sha256,) in cursor.fetchall()}, {})


def _dump_version(dump: Path) -> int:
    """The version of the pg_dump that wrote `dump`, from its head; 0 if that does not say."""
    listed = run(["pg_restore", "--list", str(dump)])
    found = re.search(r"Dumped by pg_dump version: (\d+)", listed)
    return int(found[1]) if found else 0
