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
