"""The device of a session in two words, from what the browser says about itself; a courtesy, nothing relies on it."""

from __future__ import annotations

import re

from flask_babel import gettext as _

# In this order: most browsers claim to be the ones below them too.
BROWSERS = (
    (r"\bEdgA?/|EdgiOS/", "Edge"),
    (r"\bOPR/|OPiOS/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Vivaldi/", "Vivaldi"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrom(e|ium)/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
    (r"curl/", "curl"),
)
SYSTEMS = (
    (r"iPhone", "iPhone"),
    (r"iPad", "iPad"),
    (r"Android", "Android"),
    (r"CrOS", "ChromeOS"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "Mac"),
    (r"Linux|X11", "Linux"),
)
PHONES = {"iPhone", "Android"}


def described(user_agent: str) -> str:
    """As it is stored, "Firefox/Linux"; "" for what nobody knows."""
    browser, system = _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
    return f"{browser}/{system}" if browser or system else ""


def in_words(stored: str) -> str:
    """ "Firefox on Linux" from what is stored."""
    browser, slash, system = stored.partition("/")
    if not stored:
        return _("Unknown device")
    if not slash or not browser or not system:
        return browser or system
    return _("%(browser)s on %(system)s", browser=browser, system=system)


def icon_of(stored: str) -> str:
    return "device-mobile" if stored.partition("/")[2] in PHONES else "device-desktop"


def _first(table: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for pattern, name in table if re.search(pattern, text)), "")
