"""Rules about templates, style and scripts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if "emails" not in path.parts]
OWN_CSS = sorted((ROOT / "static" / "css").glob("*.css"))
OWN_JS = sorted((ROOT / "static" / "js").glob("*.js"))
NEWER_CSS = re.compile(r"light-dark\(|oklch|oklab|color-mix|:has\(|@container|@layer|text-wrap|inset-inline\b(?!-)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_inline_style_or_script(path: Path) -> None:
    found = re.search(r"\sstyle=|\son[a-z]+=|<style|<script(?![^>]*\ssrc=)|javascript:", path.read_text())
    assert not found, f"{name_of(path)}: the content security policy refuses {found and found[0]!r}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_htmx_expressions(path: Path) -> None:
    found = re.search(r"hx-on|\bjs:|hx-trigger=\"[^\"]*\[", path.read_text())
    assert not found, f"{name_of(path)}: {found and found[0]!r} would need unsafe-eval"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_forms_that_change_something_carry_the_token(path: Path) -> None:
    text = path.read_text()
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        if re.search(r'method="post"', form, re.IGNORECASE):
            token = "csrf_token" in form or "hidden_fields(" in form or "hidden_tag(" in form
            assert token, f"{name_of(path)}: a form without CSRF token: {form[:120]}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_templates_draw_and_do_not_decide(path: Path) -> None:
    found = re.search(r"\.role\s*[=!]=|\.query\b|db\.session", path.read_text())
    assert not found, f"{name_of(path)}: ask a policy instead of {found and found[0]!r}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_templates_stay_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= 130, f"{name_of(path)} has {lines} lines: a component hides in it"


def test_no_macro_is_unused() -> None:
    everything = "\n".join(path.read_text() for path in TEMPLATES)
    for path in TEMPLATES:
        for macro in re.findall(r"{%-?\s*macro\s+(\w+)\(", path.read_text()):
            uses = len(re.findall(rf"\b{macro}\(", everything))
            assert uses > 1, f"{name_of(path)}: nothing uses the macro {macro}"


@pytest.mark.parametrize("path", OWN_CSS, ids=name_of)
def test_own_style_works_on_older_phones(path: Path) -> None:
    found = NEWER_CSS.search(path.read_text())
    assert not found, f"{name_of(path)}: {found and found[0]!r} is unknown to phones of 2022"


@pytest.mark.parametrize("path", OWN_JS, ids=name_of)
def test_scripts_do_not_evaluate(path: Path) -> None:
    found = re.search(r"\beval\(|new Function|innerHTML|document\.write|\.style\.", path.read_text())
    assert not found, f"{name_of(path)}: {found and found[0]!r}"


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    sprite = (ROOT / "static/vendor/icons/sprite.svg").read_text()
    known = set(re.findall(r'id="(?:icon-)?([a-z0-9-]+)"', sprite))
    used: set[str] = set()
    for path in TEMPLATES:
        used |= set(re.findall(r"\bicon\(\s*\"([a-z0-9-]+)\"", path.read_text()))
    for path in (ROOT / "app").rglob("*.py"):
        used |= set(re.findall(r"(?:Entry|Verb)\([^)]*?_l\([^)]*\),\s*\"([a-z0-9-]+)\"", path.read_text()))
    assert used <= known, f"add to static/vendor/icons.txt: {sorted(used - known)}"
