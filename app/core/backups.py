"""How old the last backup is, and where it went; scripts/backup.sh makes them.

The files themselves are the truth: one with a final name was read back as a whole before it got that name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import make_url

from app.core.clock import now

MOMENT = "%Y%m%d_%H%M%S"
MOMENT_PATTERN = r"\d{8}_\d{6}"
NAME = re.compile(rf"backup_({MOMENT_PATTERN})\.tar\.gz")
STATUS = "status.json"
# A day, and two hours for a clock that was put forward and a backup that takes its time.
LATEST = timedelta(hours=26)


@dataclass(frozen=True)
class BackupState:
    """When the last good backup was made and last copied elsewhere, None for never.

    `failure` says why the last try failed, "" if it did not. `is_foreign`: the last backup is of another database than
    this site's, as when cron knows other settings. `is_readable` is False where the site may not look at BACKUP_DIR.
    """

    made_at: datetime | None = None
    copied_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str = ""
    is_foreign: bool = False
    is_readable: bool = True
    is_expected: bool = True
    is_copy_expected: bool = False

    @property
    def is_stale(self) -> bool:
        """In development nothing is missed until there was a first backup."""
        if self.made_at is None:
            return self.is_expected
        return self.is_foreign or _is_old(self.made_at)

    @property
    def is_copy_stale(self) -> bool:
        if not self.is_copy_expected or (self.made_at is None and not self.is_expected):
            return False
        return self.copied_at is None or _is_old(self.copied_at)

    @property
    def name(self) -> str:
        """What tells this backup from the next one, "never" if there is none."""
        return _named(self.made_at)

    @property
    def copy_name(self) -> str:
        return _named(self.copied_at)


def state() -> BackupState:
    """The state of the current application's backups; no statement is sent."""
    folder: Path = current_app.config["BACKUP_DIR"]
    expected = not current_app.config["DEVELOPMENT"]
    copies: bool = current_app.config["BACKUP_IS_COPIED"]
    try:
        names = moments(folder)
        status = read_status(folder)
    except OSError:
        return BackupState(is_readable=False, is_expected=expected, is_copy_expected=copies)
    newest = max(names, default="")
    made, failed = status.get("made", {}), status.get("failed", {})
    mine = mark_of(current_app.config["SQLALCHEMY_DATABASE_URI"])
    return BackupState(
        made_at=names.get(newest),
        copied_at=_moment(status.get("copied", {})),
        failed_at=_moment(failed),
        failure=str(failed.get("why", "")),
        is_foreign=made.get("name") == newest and made.get("database", mine) != mine,
        is_expected=expected,
        is_copy_expected=copies,
    )


def moments(folder: Path) -> dict[str, datetime]:
    """Name → when it was made, of every backup in `folder`; what has another name is none. Raises OSError."""
    if not folder.exists():
        return {}
    made = {path.name: _made_at(path.name) for path in folder.iterdir()}
    return {name: moment for name, moment in made.items() if moment}


def read_status(folder: Path) -> Mapping[str, dict[str, Any]]:
    """What scripts/backup.sh noted last: `made`, `copied`, `failed`, each with its moment `at`. Raises OSError."""
    try:
        content = json.loads((folder / STATUS).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def mark_of(address: str) -> str:
    """Which database an address leads to, by kind and name: a pooler has another host and port."""
    url = make_url(address)
    return f"{url.get_backend_name()}:{url.database}"


def _named(moment: datetime | None) -> str:
    return moment.strftime(MOMENT) if moment else "never"


def _made_at(name: str) -> datetime | None:
    match = NAME.fullmatch(name)
    try:
        return datetime.strptime(match[1], MOMENT).replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def _moment(entry: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(entry["at"]))
    except (KeyError, ValueError):
        return None


def _is_old(moment: datetime) -> bool:
    return now() - moment > LATEST
