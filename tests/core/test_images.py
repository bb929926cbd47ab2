"""Pictures: what we take, what we refuse, and that nothing of the original is served."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from PIL import Image

from app.core.images import MOST_BYTES, NotAPicture, squared


def picture(kind: str = "PNG", size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "#0b6e5f").save(out, kind, **options)
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A small PNG whose header claims an enormous picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_pictures_become_square_webp(app: Flask, kind: str) -> None:
    with Image.open(io.BytesIO(squared(picture(kind), 64))) as made:
        assert (made.format, made.size) == ("WEBP", (64, 64))


def test_metadata_is_left_behind(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    with Image.open(io.BytesIO(squared(picture("JPEG", exif=exif)))) as made:
        assert not made.getexif()


def test_pictures_at_once_leave_warnings_as_they_were(app: Flask) -> None:
    before = list(warnings.filters)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(squared, [picture(size=(900, 700))] * 16))
    assert warnings.filters == before


def test_see_through_parts_become_white(app: Flask) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(squared(out.getvalue(), 40))) as made:
        corner = made.convert("RGB").getpixel((5, 5))
    assert isinstance(corner, tuple)
    assert min(corner) > 240


def test_a_picture_is_turned_upright(app: Flask) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    two = Image.new("RGB", (40, 40), "red")
    two.paste("blue", (0, 0, 40, 20))
    out = io.BytesIO()
    two.save(out, "PNG", exif=exif)
    with Image.open(io.BytesIO(squared(out.getvalue(), 40))) as made:
        right = made.convert("RGB").getpixel((35, 20))
    assert isinstance(right, tuple)
    assert right[2] > 150 > right[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><svg/>",
        b"%PDF-1.7\n",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 500,
        b"GIF89a" + b"\xff" * 100,
        picture()[:-30],
        b"\0" * (MOST_BYTES + 1),
        png_claiming(60_000, 60_000),
        png_claiming(8_000, 8_000),
        b"BM" + b"\0" * 100,
    ],
    ids=["empty", "text", "svg", "svg-xml", "pdf", "png-head", "png-junk", "gif-junk", "cut", "large", "bomb", "wide",
         "bmp"],
)  # fmt: skip
def test_anything_else_is_refused(app: Flask, data: bytes) -> None:
    with pytest.raises(NotAPicture) as refused:
        squared(data)
    assert refused.value.field == "picture"
