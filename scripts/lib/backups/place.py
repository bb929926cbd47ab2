"""BACKUP_DIR: one at a time, nothing unfinished under a final name, and what is kept."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.core.backups import MOMENT, STATUS, moments, read_status
from scripts.lib.backups.refusal import Refusal

PARTIAL = ".partial_"


@contextmanager
def alone(folder: Path, what: str) -> Iterator[None]:
    """Held until the end, by whoever makes, tries or restores a backup; the kernel lets it go when a process dies."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / f".{what}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refusal(f"Another {what} is on its way in {folder}; wait until it is done.") from error
        yield


@contextmanager
def work_folder(folder: Path, what: str) -> Iterator[Path]:
    """A folder beside the backups, so that a rename makes one of its files a backup; those of the dead are removed."""
    for left in folder.glob(f"{PARTIAL}{what}_*"):
        shutil.rmtree(left)
    made = Path(tempfile.mkdtemp(prefix=f"{PARTIAL}{what}_", dir=folder))
    try:
        yield made
    finally:
        shutil.rmtree(made)


def free_name(folder: Path) -> tuple[str, datetime]:
    """A name that no backup has yet; names count seconds."""
    while True:
        moment = datetime.now(UTC).replace(microsecond=0)
        name = f"backup_{moment.strftime(MOMENT)}.tar.gz"
        if not (folder / name).exists():
            return name, moment
        time.sleep(0.1)


def publish(file: Path, target: Path) -> None:
    """From now on it is a backup, whatever happens to the machine."""
    file.rename(target)
    sync(target.parent)


def prune(folder: Path, keep: timedelta, made: str) -> list[str]:
    """Deletes backups older than `keep`, except the newest and the one just `made`; the names of those deleted."""
    found = moments(folder)
    kept = {made, max(found)}
    gone = sorted(name for name, moment in found.items() if datetime.now(UTC) - moment > keep and name not in kept)
    for name in gone:
        (folder / name).unlink(missing_ok=True)
    return gone


def find(folder: Path, wanted: str) -> Path:
    """`latest`, a name in BACKUP_DIR or a path. Raises Refusal when there is none."""
    found = sorted(moments(folder))
    if wanted == "latest":
        if not found:
            raise Refusal(f"There is no backup in {folder} yet.")
        return folder / found[-1]
    path = Path(wanted)
    path = path if path.exists() or wanted not in found else folder / wanted
    if not path.is_file():
        raise Refusal(f"There is no backup {wanted}.")
    return path


def note(folder: Path, what: str, **values: Any) -> None:
    """Keeps in the status file what happened; see app.core.backups.read_status."""
    happened = {"at": datetime.now(UTC).isoformat(timespec="seconds"), **values}
    _write_status(folder, {**read_status(folder), what: happened})


def note_success(folder: Path) -> None:
    """What went wrong before is over."""
    _write_status(folder, {what: values for what, values in read_status(folder).items() if what != "failed"})


def sync(path: Path) -> None:
    """`path`, a file or a folder, is on disk when this returns."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_status(folder: Path, content: dict[str, dict[str, Any]]) -> None:
    part = folder / f"{PARTIAL}{STATUS}"
    part.write_text(json.dumps(content, indent=1) + "\n")
    part.replace(folder / STATUS)
