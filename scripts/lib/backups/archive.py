"""One backup in one file: a gzipped tar of the database, the uploads and a manifest, sealed with its own SHA-256.

The seal is a second gzip member of a fixed length at the end: `tar -xzf` takes such a file apart like any other, and
every bit before it counts. Whoever reads an archive reads all of it, or is told that it is damaged.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import struct
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from scripts.lib.backups.refusal import Refusal

FORMAT = 1
MANIFEST = "manifest.json"
UPLOADS = "uploads"
BLOCK = 1 << 20
# Photographs do not get smaller; a database does, and most of that by the first levels.
LEVEL = 5


class Damaged(Refusal):
    """An archive that is not as it was written."""


@dataclass(frozen=True)
class Member:
    """A file in the archive."""

    size: int
    sha256: str


@dataclass
class Manifest:
    """What a backup holds. `rows` are counted in the snapshot that the dump was made of, by table.

    `members` is by name in the archive; `missing` are contents that rows name and UPLOADS had not.
    """

    made_at: str
    database: str
    dump: str
    revision: str
    rows: dict[str, int]
    versions: dict[str, str]
    missing: list[str] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def row_count(self) -> int:
        return sum(self.rows.values())


def write(target: Path, dump: Path, uploads: Path, named: set[str], manifest: Manifest) -> None:
    """Writes `target`, on disk when this returns, and completes `manifest`; `named` are the contents that rows name."""
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123 a descriptor
        sealed = _Hashing(file)
        with (
            gzip.GzipFile("", "wb", LEVEL, sealed, 0) as packed,  # type: ignore[arg-type] it only writes
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            manifest.members[manifest.dump] = _add(tar, manifest.dump, dump)
            for path in sorted(uploads.rglob("*")) if uploads.is_dir() else []:
                name = f"{UPLOADS}/{path.relative_to(uploads).as_posix()}"
                if added := _add_if_there(tar, name, path):
                    manifest.members[name] = added
            held = {PurePosixPath(name).name for name in manifest.members}
            manifest.missing = sorted(named - held)
            content = json.dumps(asdict(manifest), indent=1).encode()
            tar.addfile(_header(MANIFEST, len(content)), io.BytesIO(content))
        file.write(_seal(sealed.digest.hexdigest()))
        file.flush()
        os.fsync(file.fileno())


def read(path: Path, into: Path | None = None) -> Manifest:
    """Reads all of `path` and compares each file with the manifest; puts them into the folder `into`, if given.

    Raises Damaged.
    """
    _check_seal(path)
    try:
        with gzip.open(path) as packed, tarfile.open(fileobj=packed, mode="r|") as tar:
            found, manifest = _take(tar, into)
    except (EOFError, gzip.BadGzipFile, zlib.error, tarfile.TarError, ValueError, TypeError, KeyError) as error:
        raise Damaged(f"{path.name} is damaged: {error}.") from error
    if manifest.format != FORMAT:
        raise Refusal(f"{path.name} has the format {manifest.format}, which this version of Guildhall does not know.")
    if manifest.dump not in found:
        raise Damaged(f"{path.name} is damaged: it does not hold its dump, {manifest.dump}.")
    if found != manifest.members:
        different = sorted(set(found.items()) ^ set(manifest.members.items()))
        raise Damaged(f"{path.name} is damaged: {different[0][0]} is not what its manifest says.")
    return manifest


def _take(tar: tarfile.TarFile, into: Path | None) -> tuple[dict[str, Member], Manifest]:
    found: dict[str, Member] = {}
    manifest: Manifest | None = None
    for entry in tar:
        content = tar.extractfile(entry)
        name = PurePosixPath(entry.name)
        if content is None or name.is_absolute() or ".." in name.parts:
            raise ValueError(f"it holds {entry.name!r}, which is no file of a backup")
        if entry.name == MANIFEST:
            manifest = _manifest(content.read())
        else:
            found[entry.name] = _copy(content, into / name if into else None)
    if manifest is None:
        raise ValueError("its manifest is missing")
    return found, manifest


def _manifest(content: bytes) -> Manifest:
    values: dict[str, Any] = json.loads(content)
    members = {name: Member(**member) for name, member in values.pop("members").items()}
    return Manifest(**values, members=members)


def _copy(content: IO[bytes], target: Path | None) -> Member:
    digest, size = hashlib.sha256(), 0
    with _opened(target) as copy:
        while block := content.read(BLOCK):
            digest.update(block)
            size += len(block)
            copy.write(block)
    return Member(size, digest.hexdigest())


@contextmanager
def _opened(target: Path | None) -> Iterator[IO[bytes]]:
    if target:
        target.parent.mkdir(parents=True, exist_ok=True)
    with (target or Path(os.devnull)).open("wb") as file:
        yield file


def _add_if_there(tar: tarfile.TarFile, name: str, path: Path) -> Member | None:
    """None for a folder, a link, and a file that was swept away meanwhile: no row of the snapshot names it."""
    if path.is_symlink() or not path.is_file():
        return None
    try:
        return _add(tar, name, path)
    except FileNotFoundError:
        return None


def _add(tar: tarfile.TarFile, name: str, path: Path) -> Member:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = _Hashing(file)
        tar.addfile(_header(name, size), content)  # type: ignore[arg-type] it only reads
    return Member(size, content.digest.hexdigest())


def _header(name: str, size: int) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.size, header.mode = size, 0o600
    return header


class _Hashing:
    """Passes on what is read or written, and keeps its hash."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.digest.update(block)
        return block

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        return self.file.write(block)

    def flush(self) -> None:
        self.file.flush()


def _seal(digest: str) -> bytes:
    """A gzip member (RFC 1952) with one stored block, spelled out: libraries differ in how they write one."""
    content = f"{digest}\n".encode()
    length = len(content)
    stored = struct.pack("<BHH", 1, length, length ^ 0xFFFF) + content
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + stored + struct.pack("<II", zlib.crc32(content), length)


SEAL_LENGTH = len(_seal("0" * 64))


def _check_seal(path: Path) -> None:
    """Raises Damaged when the hash at the end is not that of everything before it."""
    digest, left = hashlib.sha256(), path.stat().st_size - SEAL_LENGTH
    with path.open("rb") as file:
        while left > 0 and (block := file.read(min(left, BLOCK))):
            digest.update(block)
            left -= len(block)
        seal = file.read()
    if left or seal != _seal(digest.hexdigest()):
        raise Damaged(f"{path.name} is damaged: it is not whole, or not what was written.")
