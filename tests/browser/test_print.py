"""The printed directory as a real PDF: A4, numbered pages, who agreed and nobody else."""

from __future__ import annotations

import io

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from app.core.db import db
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import faults
from tests.support.paper import add_many, add_printed

MANY = 120
A4 = (595, 842)

pytestmark = pytest.mark.browser


def pdf_of(page: Page) -> PdfReader:
    return PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))


def text_of(pdf: PdfReader) -> str:
    """Of all pages, with one blank where lines were broken."""
    return " ".join(" ".join(sheet.extract_text().split()) for sheet in pdf.pages)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_who_agreed_is_on_numbered_sheets_of_a4(open_page: OpenPage, theme: str) -> None:
    names = add_many(MANY)
    pdf = pdf_of(open_page("/admin/print", "mod", theme=theme))
    text = text_of(pdf)
    assert 3 <= len(pdf.pages) <= 14
    assert all(abs(size - wanted) <= 1 for size, wanted in zip(pdf.pages[0].mediabox[2:], A4, strict=True))
    assert [name for name in names if text.count(name) < 4] == []
    for other in ("Alice Adeyemi", "Bob Brandt", "Carol Castillo", "Mona Dahl"):
        assert other not in text
    for number, sheet in enumerate(pdf.pages, 1):
        assert f"{number} / {len(pdf.pages)}" in sheet.extract_text()
    assert "Skip to content" not in text
    assert "All categories" not in text


def test_one_category_fits_one_sheet_and_its_index(open_page: OpenPage) -> None:
    add_printed("Sofia Spanish", offers="Spanish", wants="Chess")
    add_printed("Chiara Chess", offers="Chess", wants="")
    db.session.commit()
    pdf = pdf_of(open_page("/admin/print?category=languages", "mod"))
    assert len(pdf.pages) == 2
    assert "Sofia Spanish" in text_of(pdf)
    assert "Chiara Chess" not in text_of(pdf)


def test_the_button_opens_the_dialogue_and_hides_without_javascript(open_page: OpenPage) -> None:
    add_many(3)
    page = open_page("/admin/print", "mod")
    page.evaluate("window.print = function () { document.title = 'asked to print'; }")
    page.get_by_role("button", name="Print", exact=True).click()
    assert page.title() == "asked to print"
    plain = open_page("/admin/print", "mod", javascript=False)
    assert plain.get_by_role("button", name="Print", exact=True).count() == 0
    assert "own print command" in plain.inner_text("main")


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1280, "dark")])
def test_axe_finds_nothing_on_the_sheets(open_page: OpenPage, width: int, theme: str) -> None:
    add_many(5)
    page = open_page("/admin/print", "mod", width=width, theme=theme)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
