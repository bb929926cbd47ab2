"""The folder of uploads, put into another state without a moment in which a file that is needed is missing.

Files are named by their content, so adding those of another state hurts nobody; the database decides which ones count.
"""

from __future__ import annotations

import filecmp
import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from app.core.backups import MOMENT_PATTERN
from scripts.lib.backups.place import PARTIAL, sync


def beside(uploads: Path, purpose: str, moment: str) -> Path:
    return uploads.with_name(f"{uploads.name}.{purpose}_{moment}")


def moments(uploads: Path, purpose: str) -> list[str]:
    name = re.compile(rf"{re.escape(uploads.name)}\.{purpose}_({MOMENT_PATTERN})")
    found = [name.fullmatch(path.name) for path in uploads.parent.iterdir()] if uploads.parent.is_dir() else []
    return sorted(match[1] for match in found if match)


def keep(uploads: Path, target: Path) -> None:
    """A second folder with the same files, which take no room twice."""
    part = target.with_name(f"{PARTIAL}{target.name}")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    add(uploads, part)
    part.rename(target)
    sync(target.parent)


def add(source: Path, uploads: Path) -> None:
    """Afterwards `uploads` has each file of `source`, on disk; others stay, and so does what is right already."""
    for name in _names(source):
        new, old = source / name, uploads / name
        if not old.exists() or not _is_right(old, new):
            old.parent.mkdir(parents=True, exist_ok=True)
            part = old.with_name(f"{PARTIAL}{old.name}")
            part.unlink(missing_ok=True)
            _link(new, part)
            part.replace(old)
    for folder in [uploads, *(path for path in uploads.rglob("*") if path.is_dir())]:
        sync(folder)


def remove_others(source: Path, uploads: Path) -> None:
    """Takes away what `source` has not."""
    wanted = set(_names(source))
    for name in list(_names(uploads)):
        if name not in wanted:
            (uploads / name).unlink(missing_ok=True)


def delete(folder: Path) -> None:
    """First under another name: half a folder must not be taken for a whole one."""
    part = folder.with_name(f"{PARTIAL}{folder.name}")
    shutil.rmtree(part, ignore_errors=True)
    folder.rename(part)
    shutil.rmtree(part)


def delete_halves(uploads: Path) -> None:
    """What was being made or deleted beside `uploads` when somebody was killed."""
    for left in uploads.parent.glob(f"{PARTIAL}{uploads.name}.*"):
        shutil.rmtree(left)


def _names(folder: Path) -> Iterator[Path]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return (path.relative_to(folder) for path in sorted(found))


def _is_right(old: Path, new: Path) -> bool:
    """The name of a file is the hash of its content, if it is one of the site's."""
    with old.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == old.name or filecmp.cmp(old, new, shallow=False)


def _link(source: Path, target: Path) -> None:
    """The same file under another name; a copy where the folders are on different disks."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
        sync(target)
