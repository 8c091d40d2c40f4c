"""Convolutions with second derivatives as cheap as first derivatives: gradient penalties differentiate twice.

A convolution C(x, w) is linear in its input and in its weight. The gradients of ⟨C(x, w), g⟩ with respect to them,
I(g, w) and W(g, x), are linear in theirs, too, and each of the three has the other two as gradients. PyTorch computes
the second derivative of a grouped convolution group by group; here, each derivative is one call for all groups. The
idea is that of gradfix in Karras et al., Training GANs with Limited Data, 2020.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd import Function

_weight_gradients = True
"""Not thread-local: on a GPU, autograd has its own thread."""


@contextmanager
def input_gradients_only() -> Iterator[None]:
    """Skip the gradients of convolutions' weights, for `torch.autograd.grad` with respect to images.

    PyTorch skips gradients that it does not need, but has no way to tell a custom Function (pytorch/pytorch#174017).
    """
    global _weight_gradients
    _weight_gradients = False
    try:
        yield
    finally:
        _weight_gradients = True


class Geometry(NamedTuple):
    """How a convolution places its windows."""

    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int


class _Convolution(Function):
    """C(x, w)."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, w: Tensor, geometry: Geometry) -> Tensor:
        ctx.save_for_backward(x, w)
        ctx.geometry = geometry
        return torch.conv2d(x, w, None, *geometry)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (g,), (x, w) = gradients, ctx.saved_tensors
        for_x, for_w, _ = ctx.needs_input_grad
        return (
            _InputGradient.apply(g, w, x, ctx.geometry) if for_x else None,
            _WeightGradient.apply(g, x, w, ctx.geometry) if for_w and _weight_gradients else None,
            None,
        )


class _InputGradient(Function):
    """I(g, w), in the shape of `like`."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, w: Tensor, like: Tensor, geometry: Geometry) -> Tensor:
        ctx.save_for_backward(g, w)
        ctx.geometry = geometry
        return _gradients(g, like, w, geometry, (True, False, False))[0]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (x,), (g, w) = gradients, ctx.saved_tensors
        for_g, for_w, *_ = ctx.needs_input_grad
        return (
            _Convolution.apply(x, w, ctx.geometry) if for_g else None,
            _WeightGradient.apply(g, x, w, ctx.geometry) if for_w else None,
            None,
            None,
        )


class _WeightGradient(Function):
    """W(g, x), in the shape of `like`."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, x: Tensor, like: Tensor, geometry: Geometry) -> Tensor:
        ctx.save_for_backward(g, x)
        ctx.geometry = geometry
        return _gradients(g, x, like, geometry, (False, True, False))[1]

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        (w,), (g, x) = gradients, ctx.saved_tensors
        for_g, for_x, *_ = ctx.needs_input_grad
        return (
            _Convolution.apply(x, w, ctx.geometry) if for_g else None,
            _InputGradient.apply(g, w, x, ctx.geometry) if for_x else None,
            None,
            None,
        )


def _gradients(g: Tensor, x: Tensor, w: Tensor, geometry: Geometry, wanted: tuple[bool, bool, bool]) -> list[Tensor]:
    """Return I(g, w), W(g, x) and the gradient of a bias, those that are `wanted`."""
    stride, padding, dilation, groups = geometry
    return torch.ops.aten.convolution_backward(g, x, w, None, stride, padding, dilation, False, (0, 0), groups, wanted)


def conv2d(x: Tensor, w: Tensor, geometry: Geometry) -> Tensor:
    """(N, C, H, W), (O, C / groups, kernel height, kernel width) → (N, O, H', W')."""
    if torch.is_autocast_enabled(x.device.type):
        dtype = torch.get_autocast_dtype(x.device.type)
        x, w = x.to(dtype), w.to(dtype)
    return _Convolution.apply(x, w, geometry)


class GroupedConv2d(nn.Conv2d):
    """A convolution without bias that is fast for several groups. Arguments are as in `torch.nn.Conv2d`."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int | tuple[int, int], *, padding: int = 0, groups: int
    ) -> None:
        super().__init__(inputs, outputs, kernel, padding=padding, groups=groups, bias=False)
        self.geometry = Geometry(self.stride, (padding, padding), self.dilation, groups)

    def forward(self, x: Tensor) -> Tensor:
        return conv2d(x, self.weight, self.geometry)
