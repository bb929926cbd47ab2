"""Every colour that a community may choose, in the light and in the dark: axe finds nothing."""

from __future__ import annotations

import pytest
from flask import Flask

from app.community import operations
from app.community.colours import COLOURS, DEFAULT
from app.core.db import db
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import faults
from tests.support.pages import THEMES

pytestmark = pytest.mark.browser
PLACES = (("/settings/skills?kind=offer&q=gui", "alice"), ("/admin/settings", "admin"))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("colour", sorted(set(COLOURS) - {DEFAULT}))
def test_axe_finds_nothing_in_any_colour(app: Flask, open_page: OpenPage, colour: str, theme: str) -> None:
    operations.change("colour", colour)
    db.session.commit()
    db.session.remove()
    path, who = PLACES[theme == "dark"]
    page = open_page(path, who, 1280, theme)
    accent = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent').trim()")
    assert (accent == COLOURS[colour].accent) is (theme == "light")
    assert faults(page) == []
