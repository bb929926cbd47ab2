"""Every word that people read can be read in every language of the site."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages import Catalog
from flask import Flask
from jinja2 import nodes

import config
from app.core.i18n import DEFAULT_LOCALE, LOCALES

TEMPLATES = sorted((config.ROOT / "templates").rglob("*.html"))
CODE = sorted((config.ROOT / "app").rglob("*.py"))
SPOKEN_ATTRIBUTES = {"title", "aria-label", "placeholder", "alt", "label", "data-label"}
SILENT_ELEMENTS = {"code", "kbd", "script", "style"}
MARKS = {"_", "_l", "gettext", "ngettext", "lazy_gettext", "lazy_ngettext", "pgettext", "lazy_pgettext"}
# What is said to people by being handed to these: the first argument.
SAYS = re.compile(r"flash|DomainError|Conflict|Forbidden|TooMany|ValidationError|required|chosen|.*Field")
# The same in every language: names, addresses.
NAMES = {"Guildhall", "/dev/mail"}
# In expressions: names of people in samples, names of colour schemes and of field types.
PEOPLE = "Marta Silva|Jonas Weber|Amina Diallo|Pedro Costa|Lin Zhao|Sam Hughes|Rosa Martínez|Ana Lima"
SAMPLES = {*PEOPLE.split("|"), "Alice Ahrens", "Bob Brandt", "Python", "light dark", "Select"}
# Drawn into an attribute of the layout.
NOT_READ = re.compile(r"{% block body_class %}.*?{% endblock %}|<{{ tag }}[^>]*>")
WORD = re.compile(r"[^\W\d_]{2,}")
# In an expression, what reads like language: two words, or one that begins like a label.
SENTENCE = re.compile(r"[^\W\d_]+[,.:…]? [^\W\d_]+|[A-Z][a-z]+[.…?!]?$")


def name_of(path: Path) -> str:
    return str(path.relative_to(config.ROOT))


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    sys.path.insert(0, str(config.ROOT / "scripts" / "lib"))
    try:
        return importlib.import_module("messages")
    finally:
        sys.path.pop(0)


@pytest.fixture(scope="module")
def found(messages: ModuleType) -> Catalog:
    catalogue: Catalog = messages.extracted()
    return catalogue


@pytest.mark.parametrize("language", sorted(LOCALES.keys() - {DEFAULT_LOCALE}))
def test_every_language_is_complete(messages: ModuleType, found: Catalog, language: str) -> None:
    file = messages.TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    faults = list(messages.faults(messages.kept(file), found))
    listed = "\n".join(faults)
    assert not faults, f"{language}: run scripts/translate and see docs/translating.md\n{listed}"


def test_every_translation_belongs_to_a_language_of_the_site(messages: ModuleType) -> None:
    assert {messages.language_of(file) for file in messages.files()} == LOCALES.keys() - {DEFAULT_LOCALE}


class Spoken(HTMLParser):
    """Collects what a template says outside its expressions."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.said += [value or "" for name, value in attrs if name in SPOKEN_ATTRIBUTES]
        if tag in SILENT_ELEMENTS:
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_say_nothing_unmarked(path: Path) -> None:
    bare = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", NOT_READ.sub(" ", path.read_text()), flags=re.DOTALL)
    reader = Spoken()
    reader.feed(bare)
    said = {text.strip() for text in reader.said if WORD.search(text)} - NAMES
    assert not said, f"{name_of(path)}: put into {{{{ _(…) }}}}: {sorted(said)}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_expressions_say_nothing_unmarked(shared_app: Flask, path: Path) -> None:
    said = [
        text
        for text in constants(shared_app.jinja_env.parse(path.read_text()))
        if SENTENCE.match(text) and text not in SAMPLES
    ]
    assert not said, f"{name_of(path)}: put into _(…): {said}"


def constants(node: nodes.Node) -> Iterator[str]:
    """The texts in expressions of a template, without those that are marked."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in MARKS:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    for child in node.iter_child_nodes():
        yield from constants(child)


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_code_says_nothing_unmarked(path: Path) -> None:
    tree = ast.parse(path.read_text())
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        said = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if SAYS.fullmatch(said) and call.args:
            assert not is_bare(call.args[0]), f"{name_of(path)}:{call.lineno}: {said}() takes _(…)"


def is_bare(text: ast.expr) -> bool:
    if isinstance(text, ast.Constant):
        return isinstance(text.value, str) and bool(WORD.search(text.value))
    return isinstance(text, ast.JoinedStr)
