"""What belongs together: the settings, the database and the uploads of this checkout's site."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from sqlalchemy import make_url

from app.core.backups import mark_of
from config import ROOT, Config, load
from scripts.lib.backups.databases import Database
from scripts.lib.backups.postgresql import PostgresqlDatabase
from scripts.lib.backups.programs import Failed, run
from scripts.lib.backups.refusal import Refusal
from scripts.lib.backups.sqlite import SqliteDatabase


@dataclass(frozen=True)
class Site:
    settings: Config
    database: Database

    @property
    def uploads(self) -> Path:
        return self.settings.uploads.resolve()

    @property
    def backups(self) -> Path:
        return self.settings.backup_dir

    @property
    def mark(self) -> str:
        """Which database this is, for the site to compare with its own."""
        return mark_of(self.settings.database_url)


def of_this_checkout() -> Site:
    """Raises ConfigurationError."""
    settings = load()
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return Site(settings, SqliteDatabase(Path(url.database or "")))
    return Site(settings, PostgresqlDatabase(settings.database_direct_url))


def refuse_newer(revision: str) -> None:
    """Raises Refusal when this code does not know the version of the schema."""
    if revision not in {known.revision for known in _migrations().walk_revisions()}:
        raise Refusal(
            f"The backup belongs to a newer version of Guildhall (its tables have the version {revision}); "
            "install that version and restore there."
        )


def bring_up_to_date(address: str, revision: str) -> None:
    """Runs the migrations that came after `revision`."""
    if revision not in _migrations().get_heads():
        flask(address, "db", "upgrade")


def flask(address: str, *words: str) -> str:
    """Runs a command of the site on the database at `address`; the address goes by the environment."""
    environ = {"DATABASE_URL": address, "DATABASE_DIRECT_URL": address, "PYTHONPATH": os.fspath(ROOT)}
    return run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words], environ, cwd=ROOT, name=f"flask {' '.join(words)}"
    )


def audit_books(address: str) -> None:
    """Raises Refusal when the ledger's own audit finds something, which is said on stderr."""
    try:
        flask(address, "wallet", "verify")
    except Failed as failed:
        if "do not fit" not in failed.words:
            raise
        print(failed.words, file=sys.stderr)
        raise Refusal(
            "The books in the backup do not balance; restore.sh --unaudited takes them as they are."
        ) from failed


def _migrations() -> ScriptDirectory:
    config = AlembicConfig()
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    return ScriptDirectory.from_config(config)
