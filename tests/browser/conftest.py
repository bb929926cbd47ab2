"""Browsers and a live server for the tests in this folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.support.browsing import serving, sign_in
from tests.support.pages import HEIGHT

OpenPage = Callable[..., Page]


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The application on a fresh copy of the world, at this address."""
    app.config["WTF_CSRF_ENABLED"] = True
    with serving(app) as address:
        yield address


@pytest.fixture
def open_page(browser: Browser, app: Flask, live: str) -> Iterator[OpenPage]:
    """`open_page(path, who="alice", width=390, theme="dark", javascript=False, touch=True)` is a new window there.

    A script error or a refusal by the content security policy fails the test.
    """
    contexts = []
    complaints: list[str] = []

    def opened(
        path: str, who: str = "", width: int = 1280, theme: str = "light", javascript: bool = True, touch: bool = False
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT},
            has_touch=touch,
            is_mobile=touch,
            color_scheme="dark" if theme == "dark" else "light",
            java_script_enabled=javascript,
            reduced_motion="reduce",
            base_url=live,
            locale="en-GB",
        )
        contexts.append(context)
        context.set_default_timeout(10_000)
        if who:
            sign_in(context, app, live, who)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "console",
            lambda line: complaints.append(line.text) if "Content Security Policy" in line.text else None,
        )
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
