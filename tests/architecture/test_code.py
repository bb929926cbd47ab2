"""Rules about the code itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "app").rglob("*.py"))
PACKAGES = {
    "core", "community", "accounts", "skills", "notices", "chats", "imports", "reports", "directory", "home", "admin",
    "wallet", "exchange", "menu",
}  # fmt: skip


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_say_what_they_are(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), f"{name_of(path)}: begin with a docstring"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_can_be_known(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 320, f"{name_of(path)} has {lines} lines: split it by noun"


@pytest.mark.parametrize("path", [p for p in MODULES if "operations" in {p.stem, *p.parts}], ids=name_of)
def test_operations_know_no_request(path: Path) -> None:
    imported = re.search(r"from flask import .*\brequest\b", path.read_text())
    assert not imported, f"{name_of(path)}: pass values, not the request"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_only_operations_and_queries_cross_packages(path: Path) -> None:
    """`routes` and `forms` belong to their own package; the factory alone sees all."""
    own = path.relative_to(ROOT / "app").parts[0]
    if own in {"factory.py", "models.py"}:
        return
    for module in re.findall(r"^from app\.(\w+)\.(?:routes|forms)\b", path.read_text(), re.MULTILINE):
        assert module in {own, "core"}, f"{name_of(path)} reaches into the {module} package's routes or forms"


def test_no_package_is_unknown_to_the_layers() -> None:
    found = {path.parent.name for path in (ROOT / "app").glob("*/__init__.py")}
    assert found <= PACKAGES, f"add {found - PACKAGES} to the layers in pyproject.toml and here"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_package_is_imported_at_the_top(path: Path) -> None:
    inner = re.search(r"^ +(?:from app|import app)[ .]", path.read_text(), re.MULTILINE)
    assert not inner, f"{name_of(path)}: an import inside a function usually hides an arrow that points upwards"
