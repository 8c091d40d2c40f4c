"""Would the replicates of an arm train faster together than one after the other?

    python bench/replicates_together.py [--rounds 7]

Forward and backward pass of five small CNNs, as an arm trains them: each on its own, and all at once with the weights
stacked and the forward pass vectorised (`torch.func`). Batch norm keeps no running statistics here, as vectorised
modules cannot write to them. Prints the ratio of the time together to the time one after the other, median of
interleaved rounds [least, most].
"""

import argparse
import statistics
from collections.abc import Callable
from copy import deepcopy
from timeit import timeit

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.functional import cross_entropy

from ganaug.classifier.architectures.small_cnn import SmallCNN

REPLICATES, BATCH, CLASSES, STEPS = 5, 64, 10, 5


def model(size: int) -> nn.Module:
    network = SmallCNN().build((1, size, size), CLASSES)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.track_running_stats, layer.running_mean, layer.running_var = False, None, None
            layer.num_batches_tracked = None
    return network


def steps(size: int) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return two functions: a step of all replicates one after the other, and one of all together."""
    images, labels = torch.randn(REPLICATES, BATCH, 1, size, size), torch.randint(CLASSES, (REPLICATES, BATCH))
    networks = [model(size).to(memory_format=torch.channels_last) for _ in range(REPLICATES)]
    stacked, buffers = stack_module_state([model(size) for _ in range(REPLICATES)])
    skeleton = deepcopy(model(size)).to("meta")

    def loss(weights: dict[str, Tensor], images: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(functional_call(skeleton, (weights, buffers), (images,)), labels)

    def one_by_one() -> None:
        for network, batch, targets in zip(networks, images, labels, strict=True):
            network.zero_grad()
            loss = cross_entropy(network(batch.contiguous(memory_format=torch.channels_last)), targets)
            loss.backward()  # type: ignore[no-untyped-call]

    def together() -> None:
        for weight in stacked.values():
            weight.grad = None
        vmap(loss)(stacked, images, labels).sum().backward()  # type: ignore[no-untyped-call]

    return one_by_one, together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print("| images | one after the other, ms | together, ms | ratio |")
    print("|---|---|---|---|")
    for size in (8, 16, 28):
        one_by_one, together = steps(size)
        one_by_one(), together()  # warm up
        times = [[timeit(step, number=STEPS) / STEPS for step in (one_by_one, together)] for _ in range(rounds)]
        ratios = sorted(second / first for first, second in times)
        milliseconds = [1000 * statistics.median(column) for column in zip(*times, strict=True)]
        print(
            f"| {size}×{size} | {milliseconds[0]:.0f} | {milliseconds[1]:.0f} "
            f"| {statistics.median(ratios):.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}] |",
            flush=True,
        )


if __name__ == "__main__":
    main()
