"""The test client reads each shape of a page once; what is wrong with a page shows all the same."""

from __future__ import annotations

import pytest

from tests.support.client import check_page, shape_of

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Members</title></head>
<body><h1 id="top" class="page-title">Members</h1>
<table><tr><td>Alice</td></tr></table><form action="/members?q=a"><input type="hidden" name="q" value="a"></form>
<p id="end" class="small">Alice &amp; Bob</p></body></html>"""


def test_pages_that_differ_in_words_have_one_shape() -> None:
    other = PAGE.replace("Members<", "Mitglieder und Gäste<").replace("Alice", "  Zoë 3").replace("?q=a", "?q=b&amp;r")
    assert shape_of(PAGE) != shape_of(other), "an address with a reference in it is read"
    assert shape_of(PAGE) == shape_of(other.replace("&amp;r", "").replace("Zoë 3 &", "Alice &"))


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("<td>Alice</td>", "<td>Alice</b></td>"),
        ("Alice &amp; Bob", "Alice & Bob &copy"),
        ("Alice &amp; Bob", "Alice < Bob"),
        ('<h1 id="top"', '<h1 id="end"'),
        ("<td>Alice", "<td>Al\x00ice"),
        ("<td>Alice", "<td>Al\x1bice"),
        ("<td>Alice", "<td>Al\ufdd0ice"),
        ("<td>Alice", "<td>\x85"),
        ('class="small"', 'class="small" class="big"'),
        ('class="small"', 'class="&bogus;"'),
        ("<title>Members", "<title>\u00a0 "),
        ("</title>", "</title>Bob"),
        ('id="end" class="small"', 'title="a > b" id="top"'),
        ("<table><tr>", '<table><input type="text"><tr>'),
    ],
)
def test_a_fault_is_found_in_a_page_that_was_right_before(right: str, wrong: str) -> None:
    check_page(PAGE, "/members")
    assert right in PAGE
    with pytest.raises(AssertionError, match="/members"):
        check_page(PAGE.replace(right, wrong), "/members")
