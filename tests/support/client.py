"""A test client that reads each page as a careful reader would: well-formed, titled, every id once."""

from __future__ import annotations

import re
from collections import Counter
from contextvars import Context
from typing import Any

import html5lib
from flask import has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.db import end_reading

HTML = "{http://www.w3.org/1999/xhtml}"
# html5lib knows HTML as of 2014; what it calls unknown about newer, valid markup is not a fault of the page.
HARMLESS = {"expected-doctype-but-got-start-tag"}


class CheckedClient(FlaskClient):
    """Fails the test on a faulty page, and on a server error unless `expects_errors` is set."""

    expects_errors = False

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        if has_app_context():  # a thread of a test has none
            end_reading()  # the test's own transaction must not stand in the way of the request's
        # A context of its own, as on a server: nothing that the test or an earlier request keeps in `g` is met.
        response = Context().run(super().open, *args, **kwargs)
        if response.status_code == 500 and not self.expects_errors:
            raise AssertionError(f"{response.request.method} {response.request.path} answered 500; see the log above")
        if response.mimetype == "text/html" and response.data and not response.is_streamed:
            check_page(response.get_data(as_text=True), response.request.path)
        return response


def check_page(page: str, path: str) -> None:
    """Reading a page takes longer than making it, so pages of a shape that was found right are not read again."""
    shape = shape_of(page)
    if shape not in _right:
        read_page(page, path)
        _right.add(shape)


_right: set[str] = set()
# What is an error wherever it stands, what may begin one, and quotes: a ">" may stand between them.
STRANGE = "\"'<>&\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\ufdd0-\\ufdef\\ufffd-\\uffff\\U0001fffe-\\U0010ffff"
TEXT = re.compile(rf">[ \n]*[^\s{STRANGE}][^{STRANGE}]*")
TOKEN = re.compile(r"(?<![\w-])[\w-]{20,200}\.[\w-]{6}\.[\w-]{27}", re.ASCII)
# A parser judges an element by its type too.
VALUE = re.compile(r'(\s(?!id=|type=)[a-z-]+=)"[\w .,:;/?=+@%()#!~\'-]+"', re.ASCII)


def shape_of(page: str) -> str:
    """`page` without what its faults, its ids and whether it has a title cannot depend on."""
    return VALUE.sub(r'\1"x"', TEXT.sub(">x", TOKEN.sub("x", page)))


def read_page(page: str, path: str) -> None:
    whole = page.lstrip().lower().startswith("<!doctype")
    parser = html5lib.HTMLParser(strict=False)
    tree = parser.parse(page) if whole else parser.parseFragment(page)
    faults = [(position, code, data) for position, code, data in parser.errors if code not in HARMLESS]
    assert not faults, f"{path} is not well-formed: {faults[:3]}"
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    twice = [name for name, count in ids.items() if count > 1]
    assert not twice, f"{path} repeats the ids {twice}"
    if whole:
        title = tree.find(f".//{HTML}title")
        assert title is not None and (title.text or "").strip(), f"{path} has no title"


def csrf_token(page: str) -> str:
    """The token in a page's form or meta element."""
    found = re.search(r'name="csrf[_-]token"[^>]*?(?:value|content)="([^"]+)"', page)
    assert found, "the page has no CSRF token"
    return found[1]
