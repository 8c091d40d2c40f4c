"""Random numbers per image, which do not depend on the number of devices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from torch import Tensor, distributed

_same_images = ContextVar("same images", default=False)


def per_image(draw: Callable[..., Tensor], count: int, *size: int, **options: Any) -> Tensor:
    """Return (count, *size) random numbers, for the images of this device.

    draw: such as torch.randn, called with a size and `options`, like generator and device. It draws for the images of
    all devices, whose generators must be in the same state. The images of a device are every n-th of the whole batch,
    for n devices.
    """
    several = distributed.is_available() and distributed.is_initialized()
    if not several or _same_images.get():
        return draw(count, *size, **options)
    devices = distributed.get_world_size()
    return draw(count * devices, *size, **options)[distributed.get_rank() :: devices]


@contextmanager
def same_images() -> Iterator[None]:
    """Let `per_image` draw as one device, where every device has the same images."""
    token = _same_images.set(True)
    try:
        yield
    finally:
        _same_images.reset(token)
