"""What members write in chats: paragraphs, emphasis, links, code; and its beginning as plain text for lists.

A line end stays a line end, an address becomes a link, and nothing that somebody types ever turns into a heading.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from app.chats.models import LONGEST_EXCERPT

TAGS = {"p", "br", "strong", "em", "a", "code", "pre"}
RULES = ("newline", "escape", "backticks", "emphasis", "link", "autolink", "entity", "fence")
MARKS = re.compile(r"[*_`\[<\\&]|~~~|https?://")
ADDRESS = re.compile(r"https?://[^\s<>\"]*[^\s<>\".,;:!?)\]}'*_]")
# Looking for the ends of brackets takes the square of their number; who opens more than this writes no links.
MOST_BRACKETS, MOST_MARKS = 300, 2000
LEAD = 40  # characters before what was found
_parser = MarkdownIt("zero", {"html": False, "breaks": True}).enable(list(RULES))


def rendered(body: str) -> Markup:
    """`body` as HTML that is safe to show; most lines hold no mark at all and need no parser."""
    if not MARKS.search(body) or _is_flooded(body):
        paragraphs = (escape(part).replace("\n", Markup("<br>\n")) for part in body.split("\n\n"))
        return Markup("").join(Markup("<p>{}</p>\n").format(part) for part in paragraphs)
    tokens = _parser.parse(body)
    for token in tokens:
        if token.type == "inline":
            token.children = list(_with_links(token.children or []))
    drawn = _parser.renderer.render(tokens, _parser.options, {})
    safe = nh3.clean(drawn, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return Markup(safe)  # noqa: S704 cleaned one line above


def _is_flooded(body: str) -> bool:
    """Whether the marks would hold up everybody who reads the thread; then they are shown as they were typed."""
    return body.count("[") > MOST_BRACKETS or len(MARKS.findall(body)) > MOST_MARKS


def excerpt_of(body: str) -> str:
    """The beginning of `body` in one line, without its marks."""
    line = _plain(body)
    return line if len(line) <= LONGEST_EXCERPT else line[: LONGEST_EXCERPT - 1].rstrip() + "…"


def excerpt_around(body: str, words: str) -> str:
    """A stretch of `body` in one line in which the first of `words` stands."""
    line = _plain(body)
    first = words.casefold().split()[0] if words.split() else ""
    start = line.casefold().find(first) - LEAD
    return excerpt_of(line) if start <= 0 else "…" + excerpt_of(line[start:].partition(" ")[2])


def _plain(body: str) -> str:
    return " ".join(html.unescape(nh3.clean(rendered(body), tags=set())).split())


def _with_links(tokens: list[Token]) -> Iterator[Token]:
    """Bare addresses become links, unless they stand in one or in code."""
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type in {"link_open", "link_close"} else 0
        if token.type == "text" and not inside:
            yield from _linked(token.content)
        else:
            yield token


def _linked(content: str) -> Iterator[Token]:
    end = 0
    for found in ADDRESS.finditer(content):
        yield _text(content[end : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": found.group()})
        yield _text(found.group())
        yield Token("link_close", "a", -1)
        end = found.end()
    yield _text(content[end:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
