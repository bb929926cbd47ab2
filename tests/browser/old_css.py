"""The style sheet as a phone of early 2022 reads it (iOS 15.4, Chrome 99, Firefox 102), and what must still be seen.

Newer functions, selectors, rules, properties and units are given names that no browser knows. So they fail as they
do there: a declaration is dropped, a rule is dropped, a custom property stays and breaks whoever uses it.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, Route

from app.core.assets import DIST

FUNCTIONS = (
    "light-dark", "oklch", "oklab", "lch", "lab", "color-mix", "color", "color-contrast", "anchor", "anchor-size",
    "calc-size", "contrast-color", "if", "linear", "random", "round", "mod", "rem", "sin", "cos", "tan", "abs", "sign",
    "image-set", "view", "scroll", "shape", "xywh",
)  # fmt: skip
SELECTORS = ("has", "user-valid", "user-invalid", "modal", "popover-open", "open", "state", "host-context")
RULES = ("layer", "container", "scope", "starting-style", "property", "view-transition", "position-try", "function")
PROPERTIES = (
    "text-wrap", "text-wrap-mode", "text-wrap-style", "text-box", "field-sizing", "interpolate-size", "rotate", "scale",
    "translate", "mask", "backdrop-filter", "container", "container-type", "container-name", "animation-timeline",
    "scrollbar-color", "scrollbar-gutter", "position-anchor", "anchor-name", "white-space-collapse", "corner-shape",
)  # fmt: skip
UNITS = ("dvh", "svh", "lvh", "dvw", "svw", "lvw", "dvb", "svb", "lvb", "cqw", "cqh", "cqi", "cqb", "cqmin", "cqmax")

UNKNOWN = [
    (re.compile(rf"(?<![\w-])({'|'.join(FUNCTIONS)})\("), r"unknown-\1("),
    (re.compile(rf":({'|'.join(SELECTORS)})\b"), r":unknown-\1"),
    (re.compile(rf"@({'|'.join(RULES)})\b"), r"@unknown-\1"),
    (re.compile(rf"(?<=[{{;\s])({'|'.join(PROPERTIES)})(?=\s*:)"), r"unknown-\1"),
    (re.compile(rf"(?<=\d)({'|'.join(UNITS)})\b"), r"unknown-\1"),
    (re.compile(r"\(\s*(width|height)\s*([<>])"), r"(unknown-\1 \2"),
    (re.compile(r"(?<=[{;}])(\s*)&"), r"\1unknown-&"),
]

FAULTS = (Path(__file__).parent / "old_css.js").read_text()


def as_then(css: str) -> str:
    """`css` with everything newer under names that nobody knows."""
    for newer, unknown in UNKNOWN:
        css = newer.sub(unknown, css)
    return css


def serve_as_then(context: BrowserContext) -> None:
    """From now on every style sheet in `context` arrives like that."""

    def rewrite(route: Route) -> None:
        name = Path(urlsplit(route.request.url).path).name
        route.fulfill(body=as_then((DIST / name).read_text()), content_type="text/css")

    context.route("**/*.css", rewrite)


def faults_then(page: Page) -> list[str]:
    """Of all that can be seen: controls and cards without a border, links and buttons that cannot be read."""
    found: list[str] = page.evaluate(FAULTS)
    return found
