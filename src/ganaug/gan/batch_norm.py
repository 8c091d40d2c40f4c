"""Batch norm over the images of all devices, as if one device had the whole batch."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from pytorch_lightning.plugins import LayerSync
from torch import Tensor, distributed, nn

LAYERS = {nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d}


class GlobalBatchNorm(LayerSync):
    """Makes a network's batch norms use the statistics of all devices; Lightning applies it if there are several.

    PyTorch's SyncBatchNorm works on GPUs only. Subclasses of batch norms stay as they are.
    """

    def apply(self, model: nn.Module) -> nn.Module:
        """Replace the layers' forward passes, but keep parameters, buffers and their names."""
        for layer in model.modules():
            if type(layer) in LAYERS:
                layer.forward = partial(_forward, layer)
        return model

    def revert(self, model: nn.Module) -> nn.Module:
        """Restore the layers' forward passes."""
        for layer in model.modules():
            if type(layer) in LAYERS:
                vars(layer).pop("forward", None)
        return model


def _forward(layer: Any, x: Tensor) -> Tensor:
    if not layer.training:
        return type(layer).forward(layer, x)
    axes = [0, *range(2, x.ndim)]
    shape = [1, -1, *[1] * (x.ndim - 2)]
    mean = _mean_over_devices(x.float().mean(axes))
    centred = x.float() - mean.view(shape)
    variance = _mean_over_devices(centred.square().mean(axes))
    _update_statistics(layer, mean, variance, x.numel() // x.shape[1] * distributed.get_world_size())
    normalised = centred * (variance + layer.eps).rsqrt().view(shape)
    if layer.affine:
        normalised = torch.addcmul(layer.bias.view(shape), normalised, layer.weight.view(shape))
    return normalised.to(x.dtype)


@torch.no_grad()
def _update_statistics(layer: Any, mean: Tensor, variance: Tensor, count: int) -> None:
    """Average the running statistics as PyTorch does: with the unbiased variance of all `count` values."""
    if not layer.track_running_stats:
        return
    layer.num_batches_tracked.add_(1)
    weight = 1 / layer.num_batches_tracked if layer.momentum is None else layer.momentum
    layer.running_mean.lerp_(mean, weight)
    layer.running_var.lerp_(variance * count / max(count - 1, 1), weight)


class _MeanOverDevices(torch.autograd.Function):
    """A mean over devices. Its gradient is the mean of the devices' gradients: every device's loss depends on it."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        total = values.clone()
        distributed.all_reduce(total)
        return total / distributed.get_world_size()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return _mean_over_devices(gradient)


def _mean_over_devices(values: Tensor) -> Tensor:
    """Return the mean of all devices' `values`; each has the same number of images."""
    return _MeanOverDevices.apply(values)
