"""Pictures: only raster formats that we can read, re-encoded by us, never served as they came."""

from __future__ import annotations

import io
import struct
import threading
from collections.abc import Callable

import puremagic
from flask_babel import gettext as _
from PIL import Image, ImageOps

from app.core.errors import DomainError, TooMany

FORMATS = {"JPEG", "PNG", "WEBP", "GIF"}
SNIFFED = {"image/jpeg", "image/png", "image/webp", "image/gif"}
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 30_000_000
ORIENTATION = 0x0112  # Exif tag
PATIENCE_SECONDS = 15
# One decoded picture takes up to 240 MB for a moment: one at a time in a process, whoever sends how many.
_AT_A_TIME = threading.BoundedSemaphore(1)
FAULTS = (OSError, ValueError, SyntaxError, LookupError, TypeError, struct.error, EOFError, MemoryError, Warning)
Image.MAX_IMAGE_PIXELS = None  # we look at the size ourselves; Pillow would only warn


class NotAPicture(DomainError):
    """The upload is no picture that we take."""


def squared(data: bytes, side: int = 384) -> bytes:
    """`data` as a square WebP of `side` pixels, cut from the middle, turned upright, without its metadata.

    Raises NotAPicture for anything but a JPEG, PNG, WebP or GIF within the limits on bytes and pixels.
    """
    return _remade(data, "picture", lambda picture: _square(picture, side))


def fitted(data: bytes, width: int = 320, height: int = 160, field: str = "logo") -> bytes:
    """`data` as a WebP that is at most this large, whole, with what is transparent in it; for logos and posts.

    Raises NotAPicture at `field` as `squared` does.
    """
    return _remade(data, field, lambda picture: _fit(picture, width, height))


def _remade(data: bytes, field: str, change: Callable[[Image.Image], Image.Image]) -> bytes:
    if not data:
        raise NotAPicture(_("The file is empty. Choose a picture."), field)
    if len(data) > MOST_BYTES:
        raise NotAPicture(_("The picture is larger than 5 MB. Choose a smaller one."), field)
    if not _looks_like_picture(data):
        raise NotAPicture(_("This is not a JPEG, PNG, WebP or GIF picture."), field)
    if not _AT_A_TIME.acquire(timeout=PATIENCE_SECONDS):
        raise TooMany(_("Many pictures are being worked on just now. Please try again in a moment."), PATIENCE_SECONDS)
    try:
        return _encoded(data, field, change)
    except FAULTS as error:
        raise NotAPicture(_("This picture cannot be read. Try to save it anew as JPEG or PNG."), field) from error
    finally:
        _AT_A_TIME.release()


def _looks_like_picture(data: bytes) -> bool:
    try:
        return any(guess.mime_type in SNIFFED for guess in puremagic.magic_string(data[:4096]))
    except (puremagic.PureError, ValueError):
        return False


def _encoded(data: bytes, field: str, change: Callable[[Image.Image], Image.Image]) -> bytes:
    with Image.open(io.BytesIO(data), formats=sorted(FORMATS)) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture(_("The picture has too many pixels. Make it smaller first."), field)
        changed = change(picture)
    out = io.BytesIO()
    changed.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


def _square(picture: Image.Image, side: int) -> Image.Image:
    picture.draft("RGB", (side * 2, side * 2))
    # The square from the middle is the same whichever side is up, so the picture is made small first.
    upright = _upright(picture, ImageOps.fit(_plain(picture), (side, side), Image.Resampling.LANCZOS))
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright)
    return flat


def _fit(picture: Image.Image, width: int, height: int) -> Image.Image:
    small = _plain(picture)
    longest = max(width, height)
    small.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    upright = _upright(picture, small)
    upright.thumbnail((width, height), Image.Resampling.LANCZOS)
    return upright


def _plain(picture: Image.Image) -> Image.Image:
    return picture if picture.mode in {"RGB", "RGBA", "L"} else picture.convert("RGBA")


def _upright(picture: Image.Image, small: Image.Image) -> Image.Image:
    """`small`, made from `picture`, turned as the camera noted there."""
    small.getexif()[ORIENTATION] = picture.getexif().get(ORIENTATION, 1)
    return ImageOps.exif_transpose(small).convert("RGBA")
