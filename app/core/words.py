"""Words that follow what a community is: a time bank and a research team are not spoken to in the same way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l

# By word, then by preset; "" answers for every preset that has none of its own.
WORDS: dict[str, dict[str, Any]] = {
    "motto": {
        "": _l("An hour of what you know for an hour of what you would like to know."),
        "time-bank": _l("An hour is an hour, whoever gives it."),
        "collective": _l("Good work, shared among people who trust each other."),
        "research": _l("Ask the people who know, and keep what they said."),
    },
    "headline": {
        "": _l("Everybody here can teach you something."),
        "time-bank": _l("Everybody here can help you with something."),
        "collective": _l("Everybody here is good at something."),
        "research": _l("Somebody here knows the answer."),
    },
    "pitch": {
        "": _l(
            "%(name)s is where people swap skills: an hour of what you know for an hour of what you would like to know."
        ),
        "time-bank": _l(
            "%(name)s is where neighbours help each other: the hours that you give are the hours that you get."
        ),
        "collective": _l("%(name)s is where people with different skills find each other and work together."),
        "research": _l("%(name)s is where a team finds the people who know, and asks them."),
    },
    "meeting": {
        "": _l("Meet and swap"),
        "time-bank": _l("Meet and help"),
        "collective": _l("Meet and start"),
        "research": _l("Meet and ask"),
    },
    "meeting-text": {
        "": _l("Write, meet, learn. An hour is an hour, whatever it is spent on."),
        "collective": _l("Write, meet, and agree who does what."),
        "research": _l("Write, meet, and take notes that others can use."),
    },
}


def init_app(app: Flask, preset: Callable[[], str]) -> None:
    """`preset()` is the key of what this community is."""
    app.extensions["guildhall.preset"] = preset
    names: dict[str, Any] = {"word": word}
    app.jinja_env.globals.update(names)


def word(key: str, **values: str) -> str:
    """The word or sentence `key` as this community says it, in the reader's language, with `values` put in."""
    preset: Callable[[], str] = current_app.extensions["guildhall.preset"]
    said = str(WORDS[key].get(preset(), WORDS[key][""]))
    return said % values if values else said
