"""Embeds pictures in the page: small WebP files as data URLs."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

from ganaug.core.pictures import grid

LARGEST_SIDE = 1200
"""Maximum length of the longer side, in pixels."""
LARGEST_LOSSLESS = 60_000
"""Maximum size of a losslessly stored picture, in bytes; small images stay below it."""


def data_url(picture: Image.Image) -> str:
    """Return a picture as a data URL: lossless if that is small, which keeps single pixels sharp."""
    shown = picture.convert("RGBA" if "A" in picture.getbands() else "RGB")
    shown.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    content = _webp(shown, lossless=True, quality=60, method=2)
    if len(content) > LARGEST_LOSSLESS:
        content = min(content, _webp(shown, quality=82, method=2), key=len)
    return f"data:image/webp;base64,{base64.b64encode(content).decode()}"


def file_url(path: Path) -> str:
    """Return a picture file as a data URL."""
    with Image.open(path) as picture:
        return data_url(picture)


def strip(images: np.ndarray) -> str:
    """Return images (N, C, H, W) uint8 side by side, N at least 1."""
    return data_url(grid(images, len(images), min_width=1))


def _webp(picture: Image.Image, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", **options)
    return buffer.getvalue()
