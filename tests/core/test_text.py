"""Text as it is compared and written into addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.text import (
    MOST_MARKS,
    clean,
    clean_lines,
    fold,
    has_forbidden,
    like_pattern,
    printable,
    slugify,
    turns_the_line,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [("JavaScript", "javascript "), ("Ä", "ä"), ("straße", "STRASSE"), ("ﬁne", "FINE"), ("a  b", "A b")],
)
def test_spellings_of_one_thing_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_signs_that_distinguish_are_kept() -> None:
    assert len({fold("C"), fold("C++"), fold("C#")}) == 3
    assert {slugify("C"), slugify("C++"), slugify("C#")} == {"c", "c-plus-plus", "c-sharp"}


@given(st.text(max_size=60))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(min_size=1, max_size=50).filter(clean))
def test_a_slug_is_always_an_address(text: str) -> None:
    assert slugify(text).isascii()


def test_lines_are_tidied() -> None:
    assert clean_lines(" a \r\n\r\n\r\n\r\nb\r") == "a \n\nb"


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\x7f", "\ud800"])
def test_control_characters_are_found(text: str) -> None:
    assert has_forbidden(text)


def test_hostile_runs_of_marks_cost_what_their_length_costs() -> None:
    """Sorting the marks of one letter takes the square of their number (CPython); 400,000 of them took minutes."""
    hostile = "a" + "\u0301\u0316" * 200_000
    assert len(clean(hostile)) <= MOST_MARKS + 1
    assert len(fold(hostile)) <= MOST_MARKS + 1
    assert len(clean_lines(hostile)) <= MOST_MARKS + 1


def test_marks_that_languages_use_are_kept() -> None:
    assert clean("Tiếng Việt, Ṛ́, กำลัง") == "Tiếng Việt, Ṛ́, กำลัง"


def test_nothing_turns_the_line_around() -> None:
    assert turns_the_line("abc\u202edef")
    assert printable("abc\u202edef\u2066\x00") == "abcdef"


def test_what_is_typed_is_never_a_pattern() -> None:
    assert like_pattern("100%_\\") == r"%100\%\_\\%"
