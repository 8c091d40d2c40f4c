"""Time each network's forward and backward pass against the same arithmetic in plain PyTorch operations.

    python bench/networks.py [--threads N] [--batch N] [--channels N] [--only NETWORK]

Images are 32×32 with three channels, in ten classes. The reference consists of the operations that PyTorch executes in
a forward pass of the network: convolutions, matrix products, norms, activations, resizing, sums, noise, the power
iteration of spectral norm. They are recorded once, replayed in order on tensors of the same sizes and layout, and
differentiated by autograd: what a chain of plain layers would do, without the project's modules around it.

The ratio to this reference is the overhead of the modules around those operations; it does not show whether there are
too many operations. A second, stricter reference omits what layers without the papers' refinements would not need:
every multiplication by a smaller tensor. These are modulation and demodulation, the gains of an equalised learning rate
and of activations, and spectral norm's division; plain layers have such a factor in their weights. The inputs of the
factor (styles, norms of weights) are still computed, but nothing is propagated back through them. Gain and bias of a
conditional batch norm stay, as an activation lies between them and the next weights. A convolution's bias stays as the
network adds it: given to the convolution itself, it makes PyTorch slower on the CPU.

Network and references take turns. Prints the medians of the rounds' ratios. Memory is what the forward pass saves for
the backward pass.
"""

import argparse
import statistics
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from operator import getitem
from timeit import timeit
from typing import Any
from unittest.mock import patch

import torch
from choice import chosen
from torch import Tensor, nn
from torch.fx import Graph, GraphModule, Node
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from ganaug.core.plugins import available, build, find
from ganaug.gan import convolution
from ganaug.gan.conditioning import conditions
from ganaug.gan.networks import Network, Shape

ROUNDS = 9
SHAPE, CLASSES = Shape(3, 32, 32), 10
aten = torch.ops.aten
SAME = {aten.detach.default, aten.alias.default, aten.lift_fresh.default}
SCALINGS = {aten.mul.Tensor, aten.mul_.Tensor, aten.div.Tensor}


@dataclass
class Call:
    """One operation: its arguments and result, and whether autograd was on."""

    function: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    differentiated: bool


class Native:
    """PyTorch's own convolution in place of the project's."""

    @staticmethod
    def apply(x: Tensor, w: Tensor, geometry: convolution.Geometry) -> Tensor:
        return torch.conv2d(x, w, None, *geometry)


class Recorder(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Records every operation that PyTorch executes, and keeps all tensors alive so that no memory is reused."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[Call] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.calls.append(Call(func, args, kwargs or {}, result, torch.is_grad_enabled()))
        return result


def key(tensor: Tensor) -> tuple[Any, ...]:
    """Identify a value: autograd wraps one piece of memory in several tensors."""
    return tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype


class Reference:
    """Turns recorded calls into a function that replays them, with or without multiplications by smaller tensors."""

    def __init__(self, *, scales: bool) -> None:
        self.scales = scales
        self.graph = Graph()
        self.constants: dict[str, Tensor] = {}
        self.nodes: dict[tuple[Any, ...], Node] = {}  # by value, the last node that produced it
        self.differentiated = True

    def function(self, calls: list[Call]) -> Callable[[], Tensor]:
        """Return the function, whose result is that of the last call."""
        for call in calls:
            replacement = self._replacement(call)
            if replacement is not None:
                self.nodes[key(call.result)] = replacement
                continue
            if call.differentiated != self.differentiated:
                self.differentiated = call.differentiated
                self.graph.call_function(torch._C._set_grad_enabled, (self.differentiated,))
            arguments = tree_map_only(Tensor, self._node, (call.args, call.kwargs))
            node = self.graph.call_function(call.function, *arguments)
            results = [call.result] if isinstance(call.result, Tensor) else call.result
            for index, tensor in enumerate(results):
                is_whole = tensor is call.result
                self.nodes[key(tensor)] = node if is_whole else self.graph.call_function(getitem, (node, index))
        self.graph.output(self._node(calls[-1].result))
        return GraphModule(self.constants, self.graph)

    def _node(self, tensor: Tensor) -> Node:
        if key(tensor) not in self.nodes:
            name = f"constant{len(self.constants)}"
            self.constants[name] = tensor
            self.nodes[key(tensor)] = self.graph.get_attr(name)
        return self.nodes[key(tensor)]

    def _replacement(self, call: Call) -> Node | None:
        """Return the node whose value replaces the result of a call; None if the call is needed."""
        if call.function in SAME:
            return self._node(call.args[0])
        if call.function in SCALINGS and not self.scales:
            tensors = (argument for argument in call.args if isinstance(argument, Tensor))
            large = [tensor for tensor in tensors if tensor.shape == call.result.shape]
            return self._node(large[0]) if len(large) == 1 else None
        return None


def measure(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[list[list[float]], float]:
    """Return each round's seconds for network and both references, and the megabytes saved for the backward pass."""

    def scalar() -> Tensor:
        out = module(*inputs)
        return (out if isinstance(out, Tensor) else out.realness).square().mean()  # a sum's gradient is one number

    def backward(forward: Callable[[], Tensor]) -> Callable[[], None]:
        def run() -> None:
            for tensor in (*module.parameters(), *inputs):
                tensor.grad = None  # or gradients would accumulate
            forward().backward()  # type: ignore[no-untyped-call]

        return run

    saved: dict[int, int] = {}  # bytes by address

    def record(tensor: Tensor) -> Tensor:
        saved[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(record, lambda tensor: tensor):
        loss = scalar()
    del loss
    with patch.object(convolution, "_Convolution", Native), Recorder() as recorder:
        scalar()  # inside an autograd Function, PyTorch records no gradients
    references = [backward(Reference(scales=scales).function(recorder.calls)) for scales in (True, False)]
    del recorder
    runs = [backward(scalar), *references]
    for run in runs:
        run()
    return [[timeit(run, number=1) for run in runs] for _ in range(ROUNDS)], sum(saved.values()) / 1e6


def build_network(name: str, channels: int) -> Network:
    """Return the network `name`, with this number of channels if it has any; missing options are as in `small`."""
    plugin: Any = find("gan.networks", name)
    needed = [field.name for field in fields(plugin) if field.default is MISSING]
    options = {option: getattr(plugin.small(), option) for option in needed}
    if hasattr(plugin, "channels"):
        options["channels"] = channels
    network: Network = build("gan.networks", {"name": name} | options)
    return network


def ratio(rounds: list[list[float]], reference: int) -> str:
    """Return the median ratio of the network's time to a reference's, with minimum and maximum."""
    ratios = sorted(seconds[0] / seconds[reference] for seconds in rounds)
    return f"{statistics.median(ratios):.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--channels", type=int, default=32)
    parser.add_argument("--only", default="")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    names = chosen({name: name for name in available("gan.networks")}, arguments.only)
    labels = torch.arange(arguments.batch) % CLASSES
    condition = conditions(labels, CLASSES)
    print(
        "| network | parameters, millions | ms | ratio, median [min, max] "
        "| ratio to the reference without scalings | memory, MB |"
    )
    print("|---|---|---|---|---|---|")
    for name in names:
        network = build_network(name, arguments.channels)
        images = torch.rand(arguments.batch, *SHAPE).mul(2).sub(1).contiguous(memory_format=torch.channels_last)
        for player, first in (
            ("generator", torch.randn(arguments.batch, network.z_dim)),
            ("discriminator", images.requires_grad_()),
        ):
            module = getattr(network, player)(SHAPE, CLASSES).to(memory_format=torch.channels_last)
            source = (images,) if getattr(module, "translates", False) else ()
            rounds, megabytes = measure(module, (first, condition, *source))
            milliseconds = 1000 * statistics.median(seconds[0] for seconds in rounds)
            size = sum(parameter.numel() for parameter in module.parameters()) / 1e6
            print(
                f"| {name} {player} | {size:.2f} | {milliseconds:.0f} | {ratio(rounds, 1)} | {ratio(rounds, 2)} "
                f"| {megabytes:.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
