"""The beginning of what somebody wrote in Markdown, as one plain line for lists."""

from __future__ import annotations

import html

import nh3

from app.core.markdown import rendered
from app.exchange.models.posts import LONGEST_EXCERPT


def excerpt_of(text: str) -> str:
    line = " ".join(html.unescape(nh3.clean(rendered(text), tags=set())).split())
    return line if len(line) <= LONGEST_EXCERPT else line[: LONGEST_EXCERPT - 1].rstrip() + "…"
