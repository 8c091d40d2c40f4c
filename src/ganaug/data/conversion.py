"""Converts one image to the height, width and channels that all images of a data set share."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image

from ganaug.core.pictures import MODES, picture

Fit = Literal["resize", "crop", "pad"]
Colour = tuple[int, int, int]

LUMINANCE = np.array([0.299, 0.587, 0.114])
"""Weights of red, green and blue in a grey image (ITU-R BT.601), as in Pillow."""


def over(pixels: np.ndarray, background: Colour) -> np.ndarray:
    """Lay an image with opacity over a background.

    pixels: (H, W, 2 or 4), uint8 or uint16; the last channel is opacity. background: RGB in 0 … 255. Returns
    (H, W, 1 or 3) of the same type. Colours under full transparency leave no trace.
    """
    top = int(np.iinfo(pixels.dtype).max)
    colours, opacity = pixels[..., :-1].astype(np.int64), pixels[..., -1:].astype(np.int64)
    behind = as_channels(background, colours.shape[2]).astype(np.int64) * (top // 255)
    mixed = (colours * opacity + behind * (top - opacity) + top // 2) // top
    return mixed.astype(pixels.dtype)


def fitted(pixels: np.ndarray, size: tuple[int, int], fit: Fit, background: Colour) -> np.ndarray:
    """Return an image (H, W, C) in the `size` (height, width): uint8 if it is uint8, otherwise float32.

    fit: what happens if the aspect ratios differ. resize: the image is stretched; crop: only its middle is kept; pad:
    all of it is kept, in the middle of the background, which is NaN in float32 because it has no value there yet.
    """
    height, width = size
    if pixels.shape[:2] == size:
        return pixels
    if fit == "resize":
        return _resized(pixels, height, width)
    scales = height / pixels.shape[0], width / pixels.shape[1]
    scale = max(scales) if fit == "crop" else min(scales)
    inner = [max(1, round(length * scale)) for length in pixels.shape[:2]]
    return _centred(_resized(pixels, *inner), size, background)


def _centred(pixels: np.ndarray, size: tuple[int, int], background: Colour) -> np.ndarray:
    """Crop the middle along axes longer than `size`, and pad the others with background on both sides."""
    top, left = (max(0, (have - wanted) // 2) for have, wanted in zip(pixels.shape, size, strict=False))
    pixels = pixels[top : top + size[0], left : left + size[1]]
    canvas = np.empty((*size, pixels.shape[2]), pixels.dtype)
    canvas[:] = as_channels(background, pixels.shape[2]) if pixels.dtype == np.uint8 else np.nan
    top, left = ((wanted - have) // 2 for have, wanted in zip(pixels.shape, size, strict=False))
    canvas[top : top + pixels.shape[0], left : left + pixels.shape[1]] = pixels
    return canvas


def as_channels(colour: Colour, channels: int) -> np.ndarray:
    """Return a colour as `channels` values, uint8 (channels,); an opacity channel is 0."""
    transparent = with_channels(np.array([[[*colour, 0]]], np.uint8), {1: 2, 3: 4}.get(channels, channels))
    return transparent[0, 0, :channels]


def _resized(pixels: np.ndarray, height: int, width: int) -> np.ndarray:
    if pixels.dtype == np.uint8:
        resized = picture(pixels).resize((width, height), Image.Resampling.LANCZOS)
        return np.asarray(resized).reshape(height, width, -1)
    channels = [Image.fromarray(np.ascontiguousarray(channel, np.float32)) for channel in np.moveaxis(pixels, 2, 0)]
    return np.dstack([np.asarray(channel.resize((width, height), Image.Resampling.LANCZOS)) for channel in channels])


def with_channels(pixels: np.ndarray, channels: int) -> np.ndarray:
    """Convert an image (H, W, C) to 1 (grey), 2 (grey + opacity), 3 (RGB) or 4 (RGBA) channels.

    Colours become grey by their luminance. Only uint8 images gain or lose opacity.
    """
    given = pixels.shape[2]
    if given == channels:
        return pixels
    if pixels.dtype == np.uint8:
        return np.asarray(picture(pixels).convert(MODES[channels])).reshape(*pixels.shape[:2], channels)
    if (given, channels) == (1, 3):
        return np.repeat(pixels, 3, axis=2)
    if (given, channels) == (3, 1):
        return (pixels @ LUMINANCE)[..., None].astype(np.float32)
    raise ValueError(f"images of type {pixels.dtype} cannot be converted from {given} to {channels} channels")
