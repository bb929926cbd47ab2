"""Each accent that a community may choose keeps its contrast, light and dark (WCAG 1.4.3)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.community.colours import COLOURS, DEFAULT

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
SURFACES = {"light": ("#ffffff", "#f5f8f7", "#eef2f1"), "dark": ("#182220", "#131c1a")}
LOWEST = 4.5


def variables(colour: str, theme: str) -> dict[str, str]:
    name = "accents.css" if theme == "light" else "accents-dark.css"
    selector = f":root[data-accent={colour}]" + ("" if theme == "light" else "[data-bs-theme=dark]")
    block = (CSS / name).read_text().partition(selector + " {")[2].partition("}")[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("colour", sorted(set(COLOURS) - {DEFAULT}))
def test_accents_can_be_read(colour: str, theme: str) -> None:
    values = variables(colour, theme)
    assert contrast("#ffffff", values["accent"]) >= LOWEST
    assert contrast("#ffffff", values["accent-strong"]) >= LOWEST
    for surface in (*SURFACES[theme], values["accent-wash"]):
        assert contrast(values["accent-ink"], surface) >= LOWEST
        assert contrast(values["accent-ink-strong"], surface) >= LOWEST


@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_the_page_and_its_style_agree(colour: str) -> None:
    assert f".swatch-{colour} {{ background: {COLOURS[colour].accent}; }}" in (CSS / "accents.css").read_text()
    if colour != DEFAULT:
        assert variables(colour, "light")["accent"] == COLOURS[colour].accent


def test_there_are_eight() -> None:
    assert len(COLOURS) == 8
