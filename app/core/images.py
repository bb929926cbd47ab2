"""Pictures: only raster formats that we can read, re-encoded by us, never served as they came."""

from __future__ import annotations

import io
import warnings

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
    if not data:
        raise NotAPicture(_("The file is empty. Choose a picture."), "picture")
    if len(data) > MOST_BYTES:
        raise NotAPicture(_("The picture is larger than 5 MB. Choose a smaller one."), "picture")
    if not _looks_like_picture(data):
        raise NotAPicture(_("This is not a JPEG, PNG, WebP or GIF picture."), "picture")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return _encoded(data, side)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError, Warning) as error:
        raise NotAPicture(_("This picture cannot be read. Try to save it anew as JPEG or PNG."), "picture") from error


def _looks_like_picture(data: bytes) -> bool:
    try:
        return any(guess.mime_type in SNIFFED for guess in puremagic.magic_string(data[:4096]))
    except (puremagic.PureError, ValueError):
        return False


def _encoded(data: bytes, side: int) -> bytes:
    with Image.open(io.BytesIO(data), formats=sorted(FORMATS)) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture(_("The picture has too many pixels. Make it smaller first."), "picture")
        picture.draft("RGB", (side * 2, side * 2))
        upright = ImageOps.exif_transpose(picture).convert("RGB")
        square = ImageOps.fit(upright, (side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    square.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()
