"""Pictures: only raster formats that we can read, re-encoded by us, never served as they came."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable

import puremagic
from flask_babel import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from app.core.errors import DomainError

FORMATS = {"JPEG", "PNG", "WEBP", "GIF"}
SNIFFED = {"image/jpeg", "image/png", "image/webp", "image/gif"}
MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 30_000_000


class NotAPicture(DomainError):
    """The upload is no picture that we take."""


def squared(data: bytes, side: int = 384) -> bytes:
    """`data` as a square WebP of `side` pixels, cut from the middle, turned upright, without its metadata.

    Raises NotAPicture for anything but a JPEG, PNG, WebP or GIF within the limits on bytes and pixels.
    """
    return _remade(data, "picture", lambda picture: _square(picture, side))


def fitted(data: bytes, width: int = 320, height: int = 160) -> bytes:
    """`data` as a WebP that is at most this large, whole, with what is transparent in it; for logos.

    Raises NotAPicture (field "logo") as `squared` does.
    """
    return _remade(data, "logo", lambda picture: _fit(picture, width, height))


def _remade(data: bytes, field: str, change: Callable[[Image.Image], Image.Image]) -> bytes:
    if not data:
        raise NotAPicture(_("The file is empty. Choose a picture."), field)
    if len(data) > MOST_BYTES:
        raise NotAPicture(_("The picture is larger than 5 MB. Choose a smaller one."), field)
    if not _looks_like_picture(data):
        raise NotAPicture(_("This is not a JPEG, PNG, WebP or GIF picture."), field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _encoded(data, field, change)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise NotAPicture(_("This picture cannot be read. Try to save it anew as JPEG or PNG."), field) from error


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
    upright = ImageOps.exif_transpose(picture).convert("RGB")
    return ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS)


def _fit(picture: Image.Image, width: int, height: int) -> Image.Image:
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((width, height), Image.Resampling.LANCZOS)
    return upright
