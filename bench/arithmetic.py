"""Counts the additions and multiplications that PyTorch does."""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import conv_flop_count, flop_registry


class Arithmetic(TorchDispatchMode):
    """Counts additions and multiplications in matrix products and convolutions."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.flops = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        packet = func.overloadpacket
        if packet == torch.ops.aten.convolution_backward:
            self.flops += _of_gradients(*args)
        elif packet in flop_registry:
            self.flops += flop_registry[packet](*args, **(kwargs or {}), out_val=result)
        return result


def _of_gradients(g: torch.Tensor, x: torch.Tensor, w: torch.Tensor, *options: Any) -> int:
    """Return the arithmetic of a convolution's two gradients, which each cost as much as the convolution.

    PyTorch's own formula takes the gradient of the weight for that of a convolution without groups.
    """
    _, _, _, _, transposed, _, _, (for_input, for_weight, _) = options
    return (for_input + for_weight) * conv_flop_count(list(x.shape), list(w.shape), list(g.shape), transposed)
