"""Backups as the site sees them: names with a moment in them, in a folder of the test's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.core.backups import MOMENT
from app.core.clock import now


def backup_name(age: timedelta) -> str:
    return f"backup_{(now() - age).strftime(MOMENT)}.tar.gz"


def moment_of(name: str) -> datetime:
    return datetime.strptime(f"{name} +0000", f"backup_{MOMENT}.tar.gz %z")


def use_folder(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(app.config, "BACKUP_DIR", folder)
    folder.mkdir(exist_ok=True)
    return folder
