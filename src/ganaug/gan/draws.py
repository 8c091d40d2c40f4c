"""Draws random numbers per image that do not depend on the number of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from torch import Tensor, distributed

_same_images = ContextVar("same images", default=False)


def per_image(draw: Callable[..., Tensor], count: int, *size: int, **options: Any) -> Tensor:
    """Return (count, *size) random numbers, for the images of this device.

    draw: a function such as torch.randn, called with a size and `options` such as generator and device. It draws for
    the images of all devices, whose generators must be in the same state. Of n devices, each has every n-th image of
    the whole batch.
    """
    several = distributed.is_available() and distributed.is_initialized()
    if not several or _same_images.get():
        return draw(count, *size, **options)
    devices = distributed.get_world_size()
    return draw(count * devices, *size, **options)[distributed.get_rank() :: devices]


@contextmanager
def same_images() -> Iterator[None]:
    """Let `per_image` draw as on a single device, where all devices have the same images."""
    token = _same_images.set(True)
    try:
        yield
    finally:
        _same_images.reset(token)
