"""What a typed text looks like in a thread and in a list."""

from __future__ import annotations

import time

import pytest

from app.chats.models import LONGEST_EXCERPT
from app.chats.text import excerpt_around, excerpt_of, rendered


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("One\nTwo\n\nThree", "<p>One<br>\nTwo</p>\n<p>Three</p>\n"),
        ("**bold** and *italic*", "<p><strong>bold</strong> and <em>italic</em></p>\n"),
        ("`a < b`", "<p><code>a &lt; b</code></p>\n"),
        ("```\nx = 1\n```", "<pre><code>x = 1\n</code></pre>\n"),
        ("# no heading", "<p># no heading</p>\n"),
        ("1 < 2 & 3", "<p>1 &lt; 2 &amp; 3</p>\n"),
    ],
)
def test_marks(typed: str, shown: str) -> None:
    assert rendered(typed) == shown


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("see https://example.org/a?b=1&c=2.", 'href="https://example.org/a?b=1&amp;c=2"'),
        ("(https://example.org)", 'href="https://example.org"'),
        ("[here](https://example.org)", 'href="https://example.org"'),
        ("<https://example.org>", 'href="https://example.org"'),
    ],
)
def test_links(typed: str, address: str) -> None:
    shown = rendered(typed)
    assert address in shown
    assert shown.count("<a ") == 1
    assert 'rel="noopener noreferrer"' in shown


@pytest.mark.parametrize(
    "typed",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "![x](https://example.org/x.png)",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "<img src=x onerror=alert(1)> **x**",
        'https://example.org/"onmouseover="alert(1)',
    ],
)
def test_nothing_runs(typed: str) -> None:
    shown = rendered(typed).lower()
    for evil in ("<script", "<img", 'javascript:alert(1)"', 'href="data:', " onmouseover=", "<a onerror"):
        assert evil not in shown


def test_long_texts_do_not_take_long() -> None:
    for typed in ("*" * 8000, "[" * 8000, "`" * 7999, "<" * 8000, "https://" * 1000, "a" * 8000, "_*" * 4000):
        assert rendered(typed)


def test_excerpts() -> None:
    assert excerpt_of("**Hello**\n\n`you` & me") == "Hello you & me"
    assert len(excerpt_of("word " * 500)) <= LONGEST_EXCERPT
    assert excerpt_around("a " * 200 + "needle here", "NEEDLE") == "…" + "a " * 19 + "needle here"


@pytest.mark.parametrize("piece", ["[[](", "[", "[a](", "![", "**_", "a_*", "`` `", "<http://", "&amp;"])
def test_a_flood_of_marks_holds_up_no_reader(piece: str) -> None:
    """A thread shows forty such lines at once. Counted in time of this thread: another one may be busy."""
    body = (piece * 8000)[:8000]
    began = time.thread_time()
    shown = rendered(body)
    assert time.thread_time() - began < 0.1
    assert "<script" not in shown
