"""Finds the fastest precision on this device; it depends on instructions that not every processor has."""

from __future__ import annotations

import statistics
import time
from contextlib import nullcontext

import torch
from torch.nn.functional import conv2d

from ganaug.core.device import device
from ganaug.gan.trainer_settings import Precision, TrainerSettings

TYPES: dict[Precision, torch.dtype | None] = {"32-true": None, "bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
"""Data type of convolutions in each precision; None: the weights' type."""

ROUNDS = 5
WORTHWHILE = 0.9
"""A precision replaces 32 bits only if it takes at most this share of the time: its results differ."""


def choose(milliseconds: dict[Precision, float]) -> Precision:
    """Return the fastest precision, or 32-true unless it is clearly slower."""
    fastest = min(milliseconds, key=milliseconds.__getitem__)
    return fastest if milliseconds[fastest] <= WORTHWHILE * milliseconds["32-true"] else "32-true"


def measure(settings: TrainerSettings) -> dict[Precision, float]:
    """Return the milliseconds that a convolution takes, forward and backward, in each precision.

    The convolution has the size of a GAN's: 64 images. The precisions take turns, so that other work slows all alike.
    """
    where = torch.device({"auto": device(), "gpu": "cuda"}.get(settings.accelerator, settings.accelerator))
    channels, side = (64, 16) if where.type == "cpu" else (256, 32)
    layout = torch.channels_last
    x = torch.rand(64, channels, side, side, device=where).to(memory_format=layout).requires_grad_()
    w = torch.rand(channels, channels, 3, 3, device=where).to(memory_format=layout).requires_grad_()
    candidates = [each for each in TYPES if each != "16-mixed" or where.type == "cuda"]
    rounds = [{each: _seconds(x, w, each) for each in candidates} for _ in range(1 + ROUNDS)][1:]
    return {each: 1000 * statistics.median(seconds[each] for seconds in rounds) for each in candidates}


def _seconds(x: torch.Tensor, w: torch.Tensor, precision: Precision) -> float:
    dtype = TYPES[precision]
    _wait(x.device)
    start = time.perf_counter()
    with nullcontext() if dtype is None else torch.autocast(x.device.type, dtype):
        y = conv2d(x, w, padding=1)
    torch.autograd.grad(y.float().sum(), [x, w])
    _wait(x.device)
    return time.perf_counter() - start


def _wait(where: torch.device) -> None:
    """Wait until the device has finished all queued work."""
    if where.type != "cpu":
        torch.accelerator.synchronize()
