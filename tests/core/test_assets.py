"""The built static files: names by content, compressed neighbours, no work when nothing changed."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import brotli
import pytest
from flask import Flask

import config
from app.core import assets


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name, text in {
        "vendor/tabler/tabler.css": "tabler{}",
        "css/base.css": "base{}",
        "css/avatar.css": "avatar{}",
        "vendor/htmx/htmx.min.js": "htmx()",
        "js/menu.js": "menu()",
        "vendor/icons/sprite.svg": "<svg/>",
        "img/favicon.svg": "<svg></svg>",
    }.items():
        path = tmp_path / "static" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "static"


def test_style_sheets_are_joined_with_base_before_the_others(source: Path, tmp_path: Path) -> None:
    files = assets.build(source, tmp_path / "dist")
    assert (tmp_path / "dist" / files["site.css"]).read_text() == "tabler{}\nbase{}\navatar{}"


def test_the_dark_theme_is_repeated_for_readers_who_follow_their_system(source: Path, tmp_path: Path) -> None:
    (source / "css/dark.css").write_text("[data-bs-theme=dark]{a:b}")
    files = assets.build(source, tmp_path / "dist")
    css = (tmp_path / "dist" / files["site.css"]).read_text()
    assert "@media (prefers-color-scheme: dark) {\n[data-bs-theme=auto]{a:b}}" in css
    assert "\n[data-bs-theme=dark]{a:b}" in css


def test_scripts_are_joined_after_htmx(source: Path, tmp_path: Path) -> None:
    files = assets.build(source, tmp_path / "dist")
    assert (tmp_path / "dist" / files["site.js"]).read_text() == "htmx()\n;\nmenu()"


def test_compressed_neighbours_hold_the_same(source: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    for name in assets.build(source, dist).values():
        content = (dist / name).read_bytes()
        assert brotli.decompress((dist / f"{name}.br").read_bytes()) == content
        assert gzip.decompress((dist / f"{name}.gz").read_bytes()) == content


def test_nothing_is_written_when_nothing_changed(source: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    first = assets.build(source, dist)
    (dist / first["site.css"]).unlink()
    assert assets.build(source, dist) == first
    assert not (dist / first["site.css"]).exists()


def test_a_change_gives_a_new_name_and_leaves_the_others(source: Path, tmp_path: Path) -> None:
    first = assets.build(source, tmp_path / "dist")
    (source / "css/avatar.css").write_text("avatar{color:red}")
    second = assets.build(source, tmp_path / "dist")
    assert first["site.css"] != second["site.css"]
    assert first["site.js"] == second["site.js"]


def test_files_of_the_build_before_last_go(source: Path, tmp_path: Path) -> None:
    dist, builds = tmp_path / "dist", []
    for colour in ("red", "green", "blue"):
        (source / "css/base.css").write_text(f"base{{color:{colour}}}")
        builds.append(assets.build(source, dist)["site.css"])
    assert [(dist / name).exists() for name in builds] == [False, True, True]
    assert not (dist / f"{builds[0]}.br").exists()


def test_addresses_follow_the_manifest(source: Path, tmp_path: Path) -> None:
    dist = tmp_path / "dist"
    manifest = assets.Manifest(dist, patience=0)
    files = assets.build(source, dist)
    assert manifest.url("favicon.svg") == f"/static/{files['favicon.svg']}"
    (dist / "manifest.json").write_text(json.dumps({"digest": "", "files": {"favicon.svg": "other.svg"}}))
    assert manifest.url("favicon.svg") == "/static/other.svg"


def test_style_sheets_use_nothing_that_phones_from_before_2024_lack() -> None:
    for path in assets._styles(assets.SOURCE):
        found = re.findall(r"light-dark\(|oklch\(|oklab|color-mix\(|:has\(|@container|@layer|\bdvh\b", path.read_text())
        assert not found, f"{path.name} uses {found}: write it plainly, or compile it (scripts/vendor)."


def test_an_unknown_name_is_an_error(source: Path, tmp_path: Path) -> None:
    assets.build(source, tmp_path / "dist")
    with pytest.raises(KeyError):
        assets.Manifest(tmp_path / "dist").url("missing.png")


def test_browsers_keep_hashed_files_for_ever() -> None:
    app = Flask(__name__)
    assets.serve(app)
    with app.test_client().get(assets.asset("site.css"), headers={"Accept-Encoding": "br"}) as answer:
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Encoding"] == "br"


def test_the_command_names_what_it_built() -> None:
    app = Flask(__name__)
    assets.register_cli(app)
    result = app.test_cli_runner().invoke(args=["assets", "build"])
    assert result.exit_code == 0
    assert "site.css → site." in result.output


def test_nobody_lists_files_that_another_is_writing(source: Path, tmp_path: Path) -> None:
    """Two processes of one start: one of them looked at a file that the other one had already renamed."""
    dist = tmp_path / "dist"
    assets.build(source, dist)

    def build_often() -> None:
        for n in range(20):
            (source / "js/menu.js").write_text(f"menu({n})")
            assets.build(source, dist)

    with ThreadPoolExecutor() as threads:
        building = threads.submit(build_often)
        while not wait([building], timeout=0.001).done:
            with assets.alone(dist):
                assert all(path.stat() for path in dist.rglob("*"))
        building.result()


def test_greenlets_may_be_alone_twice(tmp_path: Path) -> None:
    """A server of greenlets closes files late, and waited for itself when it built and then listed the files."""
    twice = f"""
from gevent import get_hub, monkey
monkey.patch_all()
get_hub()
from pathlib import Path
from app.core.assets import alone
for _ in range(2):
    with alone(Path({str(tmp_path)!r})):
        print("alone")
"""
    done = subprocess.run(
        [sys.executable, "-c", twice], cwd=config.ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.split() == ["alone", "alone"]
