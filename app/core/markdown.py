"""Markdown that somebody wrote, as HTML that is safe to show: no raw HTML, no pictures, no scripts."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "a", "blockquote", "code", "pre",
}  # fmt: skip
# The page has the first heading; what is written below begins with the second.
BELOW_THE_TITLE = 1
_parser = MarkdownIt("commonmark", {"html": False})


def rendered(text: str) -> Markup:
    tokens = _parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + BELOW_THE_TITLE)}"
    html = _parser.renderer.render(tokens, _parser.options, {})
    safe = nh3.clean(html, tags=TAGS, attributes={"a": {"href"}}, url_schemes={"http", "https", "mailto"})
    return Markup(safe)  # noqa: S704 cleaned one line above
