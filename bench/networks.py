"""What each network's forward and backward pass costs beside the same convolutions and matrix products in plain layers.

    python bench/networks.py [--threads N] [--batch N] [--channels N]

At 32×32 in three colours, ten classes. All convolutions and matrix products of a forward pass are recorded, and done
again one by one by plain layers on tensors of the same shapes, backward pass included; everything else that a network
does (norms, activations, resizing, modulation, spectral norm, attention's softmax) is what the ratio is above 1 for.
The two run in turn; the figure is the median of the rounds' ratios. Memory is what the forward pass keeps for the
backward pass.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from ganaug.conditioning import conditions
from ganaug.networks import Shape
from ganaug.plugins import available, build, find

ROUNDS = 7
SHAPE, CLASSES = Shape(3, 32, 32), 10
aten = torch.ops.aten


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the shapes of all convolutions and matrix products."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.convolutions: list[tuple[Any, ...]] = []
        self.products: list[tuple[torch.Size, torch.Size]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func is aten.convolution.default:
            images, weight, _, *rest = args
            self.convolutions.append((images.shape, weight.shape, *rest))
        elif func in (aten.addmm.default, aten.mm.default):
            first, second = args[-2:]
            self.products.append((first.shape, second.shape))
        return func(*args, **(kwargs or {}))


def plain(recorder: Recorder) -> Callable[[], None]:
    """Return a function that does the recorded arithmetic, forward and backward."""

    def random(shape: torch.Size) -> Tensor:
        tensor = torch.randn(shape)
        tensor = tensor.contiguous(memory_format=torch.channels_last) if len(shape) == 4 else tensor
        return tensor.requires_grad_()

    convolutions = [(random(one[0]), random(one[1]), one[2:]) for one in recorder.convolutions]
    products = [(random(first), random(second)) for first, second in recorder.products]

    def run() -> None:
        for images, weight, (stride, padding, dilation, transposed, extra, groups) in convolutions:
            done = torch.convolution(images, weight, None, stride, padding, dilation, transposed, extra, groups)
            torch.autograd.backward(done, torch.ones_like(done))
        for first, second in products:
            done = first @ second
            torch.autograd.backward(done, torch.ones_like(done))

    return run


def seconds(run: Callable[[], None]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def measure(module: nn.Module, inputs: tuple[Tensor, Tensor]) -> tuple[list[float], float, float, float]:
    """Return the rounds' ratios, the milliseconds of both sides, and the megabytes kept for the backward pass."""

    def scalar() -> Tensor:
        out = module(*inputs)
        return (out if isinstance(out, Tensor) else out.realness).sum()

    def run() -> None:
        scalar().backward()  # type: ignore[no-untyped-call]

    kept: dict[int, int] = {}

    def note(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    run()
    with Recorder() as recorder:
        module(*inputs)
    with torch.autograd.graph.saved_tensors_hooks(note, lambda tensor: tensor):
        loss = scalar()
    del loss
    reference = plain(recorder)
    reference()
    rounds = [(seconds(run), seconds(reference)) for _ in range(ROUNDS)]
    mine, plainly = (1000 * statistics.median(column) for column in zip(*rounds, strict=True))
    return sorted(a / b for a, b in rounds), mine, plainly, sum(kept.values()) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--channels", type=int, default=32)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    labels = torch.arange(arguments.batch) % CLASSES
    condition = conditions(labels, CLASSES)
    print("| network | parameters, millions | ms | plain layers, ms | ratio, median [least, most] | memory, MB |")
    print("|---|---|---|---|---|---|")
    for name in available("networks"):
        fields = vars(find("networks", name))["__dataclass_fields__"]
        network = build("networks", {"name": name} | ({"channels": arguments.channels} if "channels" in fields else {}))
        images = torch.rand(arguments.batch, *SHAPE).mul(2).sub(1).contiguous(memory_format=torch.channels_last)
        for player, first in (
            ("generator", torch.randn(arguments.batch, network.z_dim)),
            ("discriminator", images.requires_grad_()),
        ):
            module = getattr(network, player)(SHAPE, CLASSES).to(memory_format=torch.channels_last)
            ratios, mine, plainly, kept = measure(module, (first, condition))
            size = sum(parameter.numel() for parameter in module.parameters()) / 1e6
            print(
                f"| {name} {player} | {size:.2f} | {mine:.0f} | {plainly:.0f} | "
                f"{statistics.median(ratios):.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}] | {kept:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
