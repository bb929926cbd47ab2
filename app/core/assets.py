"""Style sheet, script, sprite and images under names that carry a hash of their content, so that browsers keep them.

`build` reads `static/` and writes `static/dist/` with brotli and gzip neighbours; `asset("site.css")` is the address.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from time import monotonic
from typing import TypedDict

import brotli
import click
from flask import Flask
from flask.cli import AppGroup
from whitenoise import WhiteNoise

SOURCE = Path(__file__).resolve().parents[2] / "static"
DIST = SOURCE / "dist"
PREFIX = "/static/"
# Counts up when the shape of what is built changes, so that a built folder of an older version is rebuilt.
FORMAT = "1"
TEXT = {".css", ".js", ".svg"}
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")


class Built(TypedDict):
    """The manifest: a digest of what went in, logical name → hashed name of what came out."""

    digest: str
    files: dict[str, str]


def build(source: Path = SOURCE, dist: Path = DIST) -> dict[str, str]:
    """Logical name → hashed name of every file in `dist`; nothing is written when `source` has not changed."""
    digest = _digest(source)
    if (there := _read(dist))["digest"] == digest:
        return there["files"]
    dist.mkdir(parents=True, exist_ok=True)
    with alone(dist):
        before = _read(dist)
        if before["digest"] == digest:
            return before["files"]
        files = {name: _write_hashed(dist, name, content) for name, content in _outputs(source)}
        _replace(dist / "manifest.json", json.dumps({"digest": digest, "files": files}, indent=2).encode())
        # A process that still reads the manifest of before keeps its files; older ones go.
        _prune(dist, {*files.values(), *before["files"].values()})
    return files


@contextmanager
def alone(dist: Path) -> Iterator[None]:
    """Processes that start together build one after the other, and none lists the files that another is writing."""
    folder = os.open(dist, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        # Under gevent a folder is closed later, when the loop has its turn; until then its lock would stand.
        fcntl.flock(folder, fcntl.LOCK_UN)
        os.close(folder)


class Manifest:
    """The built names, read again when the manifest in `dist` has changed.

    It is looked at every `patience` seconds at most: a list page asks for the sprite's address hundreds of times.
    """

    def __init__(self, dist: Path, patience: float = 1.0) -> None:
        self.path = dist / "manifest.json"
        self.patience = patience
        self.looked_at = float("-inf")
        self.written_at = 0
        self.urls: dict[str, str] = {}

    def url(self, name: str) -> str:
        """The address of `name`, for example "site.css". Raises KeyError for a file that was not built."""
        if monotonic() - self.looked_at >= self.patience:
            self._look()
        return self.urls[name]

    def _look(self) -> None:
        written = self.path.stat().st_mtime_ns
        if written != self.written_at:
            self.urls = {key: PREFIX + value for key, value in _read(self.path.parent)["files"].items()}
            self.written_at = written
        self.looked_at = monotonic()


asset = Manifest(DIST).url


def serve(app: Flask) -> None:
    """Builds what has changed and lets WhiteNoise answer /static/ before the application is asked."""
    build()
    with alone(DIST):
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(DIST),
            prefix=PREFIX.strip("/") + "/",
            autorefresh=bool(app.config.get("DEVELOPMENT")),
            immutable_file_test=_is_hashed,
        )


def register_cli(app: Flask) -> None:
    """Adds `flask assets build`."""
    group = AppGroup("assets", help="Style sheet, script and images.")

    @group.command("build")
    def build_command() -> None:
        """Writes static/dist, unless nothing has changed."""
        for name, hashed in build().items():
            click.echo(f"{name} → {hashed}")

    app.cli.add_command(group)


def _is_hashed(_path: str, url: str) -> bool:
    return HASHED.search(url) is not None


def _outputs(source: Path) -> Iterator[tuple[str, bytes]]:
    yield "site.css", b"\n".join(_style(path) for path in _styles(source))
    # A semicolon between scripts: one that ends without it would call the next.
    yield "site.js", b"\n;\n".join(path.read_bytes() for path in _scripts(source))
    yield "icons.svg", (source / "vendor/icons/sprite.svg").read_bytes()
    for path in _images(source):
        yield path.relative_to(source / "img").as_posix(), path.read_bytes()


def _styles(source: Path) -> list[Path]:
    """base.css first, because it names the colours that the others stand on."""
    own = sorted((source / "css").glob("*.css"), key=lambda path: (path.name != "base.css", path.name))
    return [source / "vendor/tabler/tabler.css", *own]


def _style(path: Path) -> bytes:
    """A style sheet; the dark ones once more for "auto", so that the theme follows the system without a script."""
    content = path.read_bytes()
    if not path.stem.endswith("dark"):
        return content
    automatic = content.replace(b"[data-bs-theme=dark]", b"[data-bs-theme=auto]")
    return content + b"\n@media (prefers-color-scheme: dark) {\n" + automatic + b"}\n"


def _scripts(source: Path) -> list[Path]:
    return [source / "vendor/htmx/htmx.min.js", *sorted((source / "js").glob("*.js"))]


def _images(source: Path) -> list[Path]:
    return sorted(path for path in (source / "img").rglob("*") if path.is_file())


def _digest(source: Path) -> str:
    digest = hashlib.sha256(FORMAT.encode())
    for path in [*_styles(source), *_scripts(source), source / "vendor/icons/sprite.svg", *_images(source)]:
        digest.update(path.relative_to(source).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _write_hashed(dist: Path, name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    target = dist / hashed
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.suffix in TEXT:
        _replace(target.with_name(target.name + ".br"), brotli.compress(content, quality=11))
        _replace(target.with_name(target.name + ".gz"), gzip.compress(content, 9, mtime=0))
    _replace(target, content)
    return hashed


def _replace(target: Path, content: bytes) -> None:
    """Writes beside the target and renames: a reader finds the old file or the whole new one."""
    with NamedTemporaryFile(dir=target.parent, prefix=".building-", delete=False) as file:
        file.write(content)
    written = Path(file.name)
    written.chmod(0o644)
    written.replace(target)


def _read(dist: Path) -> Built:
    path = dist / "manifest.json"
    return json.loads(path.read_text()) if path.exists() else {"digest": "", "files": {}}


def _prune(dist: Path, kept: set[str]) -> None:
    for path in dist.rglob("*"):
        name = path.relative_to(dist).as_posix().removesuffix(".br").removesuffix(".gz")
        if HASHED.search(name) and name not in kept:
            path.unlink(missing_ok=True)
