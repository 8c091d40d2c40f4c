"""Are the replicates of an arm trained faster together than one after the other?

    python bench/replicates_together.py [--rounds 7]

Forward and backward pass of five small CNNs, as an arm trains them: each on its own, and all at once with the weights
stacked and the batch vectorised (`torch.func`). Batch norm keeps no running statistics here, as vectorised modules
cannot write to them. Printed: the ratio of the two times, median of interleaved rounds [least, most].
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
    """Return a step of all replicates one after the other, and one of all together."""
    images, labels = torch.randn(REPLICATES, BATCH, 1, size, size), torch.randint(CLASSES, (REPLICATES, BATCH))
    apart = [model(size).to(memory_format=torch.channels_last) for _ in range(REPLICATES)]
    stacked, buffers = stack_module_state([model(size) for _ in range(REPLICATES)])
    empty = deepcopy(model(size)).to("meta")

    def loss(weights: dict[str, Tensor], images: Tensor, labels: Tensor) -> Tensor:
        return cross_entropy(functional_call(empty, (weights, buffers), (images,)), labels)

    def alone() -> None:
        for network, some, known in zip(apart, images, labels, strict=True):
            network.zero_grad()
            loss = cross_entropy(network(some.contiguous(memory_format=torch.channels_last)), known)
            loss.backward()  # type: ignore[no-untyped-call]

    def together() -> None:
        for weight in stacked.values():
            weight.grad = None
        vmap(loss)(stacked, images, labels).sum().backward()  # type: ignore[no-untyped-call]

    return alone, together


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    print("| images | one after the other, ms | together, ms | ratio |")
    print("|---|---|---|---|")
    for size in (8, 16, 28):
        alone, together = steps(size)
        alone(), together()  # warm up
        times = [[timeit(step, number=STEPS) / STEPS for step in (alone, together)] for _ in range(rounds)]
        ratios = sorted(second / first for first, second in times)
        milliseconds = [1000 * statistics.median(one) for one in zip(*times, strict=True)]
        print(
            f"| {size}×{size} | {milliseconds[0]:.0f} | {milliseconds[1]:.0f} "
            f"| {statistics.median(ratios):.2f} [{ratios[0]:.2f}, {ratios[-1]:.2f}] |",
            flush=True,
        )


if __name__ == "__main__":
    main()
