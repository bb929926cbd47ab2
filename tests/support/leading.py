"""Where a page or a mail leads: the endpoints behind every address in it, and those that a switch rules."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule

from app.core.registry import Switch

ADDRESS = re.compile(r"""\b(?:href|action|formaction|src|hx-(?:get|post|put|patch|delete))=["']([^"']*)["']""")
PLAIN = re.compile(r"https?://[^\s\"'<>]+")


def rules_of(app: Flask, switch: Switch) -> list[Rule]:
    """The addresses that `switch` rules."""
    return [rule for rule in app.url_map.iter_rules() if rules(switch, rule.endpoint)]


def rules(switch: Switch, endpoint: str) -> bool:
    return endpoint in switch.endpoints or endpoint.rpartition(".")[0] in switch.blueprints


def example(app: Flask, rule: Rule) -> str:
    """An address that `rule` matches."""
    values = {name: 1 if "Int" in type(converter).__name__ else "x" for name, converter in rule._converters.items()}
    return app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)


def endpoints_in(app: Flask, text: str) -> set[str]:
    """The endpoints that answer at the addresses in `text`, whatever asks for them: a link, a form, a script."""
    return {endpoint for address in set(_addresses(text)) for endpoint in _endpoints_at(app, address)}


def _addresses(text: str) -> Iterator[str]:
    yield from (html.unescape(found) for found in ADDRESS.findall(text))
    yield from PLAIN.findall(text)


@cache
def _endpoints_at(app: Flask, address: str) -> frozenset[str]:
    """Most pages lead to the same addresses, and the map takes its time over each."""
    path, found = urlsplit(address).path, set()
    adapter = app.url_map.bind("localhost")
    for method in ("GET", "POST") if path.startswith("/") else ():
        with suppress(HTTPException, RequestRedirect):
            found.add(str(adapter.match(path, method)[0]))
    return frozenset(found)
