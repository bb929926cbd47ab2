"""The accents from which a community chooses its colour; static/css/accents*.css draw them, light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class Colour:
    """`accent` is the light theme's, for the bars of a phone's browser."""

    key: str
    label: Any
    accent: str


DEFAULT = "teal"
COLOURS = {
    colour.key: colour
    for colour in (
        Colour("teal", _l("Teal"), "#0b6e5f"),
        Colour("green", _l("Green"), "#2b6e1f"),
        Colour("blue", _l("Blue"), "#1560a8"),
        Colour("indigo", _l("Indigo"), "#3f4fb8"),
        Colour("purple", _l("Purple"), "#7a3a9e"),
        Colour("raspberry", _l("Raspberry"), "#a3245e"),
        Colour("red", _l("Red"), "#ad2b2b"),
        Colour("rust", _l("Rust"), "#98480f"),
    )
}
