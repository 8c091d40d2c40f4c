"""Does the interval keep its 95 % where test images come in groups? Simulated judgements whose mean gain is known.

    python bench/groups.py [--experiments 400]

The probability that a replicate's classifier gains an image is 1/2, plus what its class, group, replicate, seed and the
image itself add, each drawn from a normal distribution but for the class, of which half gain more and half less.
Printed, for 5 and for 10 replicates: how often the interval holds 1/2, and how far it reaches, in units of what the
true standard error would make it reach were it known (1.96 of it; Student's t alone makes 1.42 of that with 4 degrees
of freedom and 1.15 with 9).
"""

import argparse

import numpy as np

from ganaug.experiment.statistics import gain_in_recall

GROUP, REPLICATE, SEED, IMAGE, CLASS = 0.2, 0.03, 0.02, 0.1, 0.2
"""Standard deviations, and how far classes are from the mean."""
HALVING = [128, 64, 32, 16, 8, 4, 2, 1]
LAYOUTS: dict[str, tuple[list[list[int]], bool]] = {
    "2 classes of 4 groups of 20": ([[20] * 4] * 2, False),
    "20 classes of 3 groups of 10": ([[10] * 3] * 20, False),
    "8 groups, 10 images of each of 2 classes": ([[10] * 8] * 2, True),
    "2 classes of 1 group of 200 and 10 of 5": ([[200] + [5] * 10] * 2, False),
    "the same groups have both classes": ([[200] + [5] * 10] * 2, True),
    "2 classes of 8 groups of 128, 64, … 1": ([HALVING] * 2, False),
    "1 group of 100, 40 of 5": ([[100], [5] * 40], False),
    "2 groups of 5, 40 of 5": ([[5] * 2, [5] * 40], False),
    "3 groups of 5, 40 of 5": ([[5] * 3, [5] * 40], False),
    "4 groups of 5, 40 of 5": ([[5] * 4, [5] * 40], False),
    "2 images, 100 images": ([[1] * 2, [1] * 100], False),
}
"""The sizes of each class's groups, and whether those of all classes are the same groups."""


def held(sizes: list[list[int]], spanning: bool, replicates: int, experiments: int) -> tuple[float, float]:
    """Return how often the interval holds the truth, and its median reach in units of 1.96 standard errors."""
    randomness = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(sizes)), [sum(one) for one in sizes])
    places = np.concatenate([np.repeat(np.arange(len(one)), one) for one in sizes])
    groups = places if spanning else 1000 * labels + places
    _, numbers = np.unique(groups, return_inverse=True)
    offset = CLASS * np.where(labels % 2, 1, -1)
    intervals = []
    for _ in range(experiments):
        probability = (
            0.5
            + offset
            + IMAGE * randomness.standard_normal(len(labels))
            + GROUP * randomness.standard_normal(numbers.max() + 1)[numbers]
            + REPLICATE * randomness.standard_normal((replicates, 1, 1))
            + SEED * randomness.standard_normal((replicates, 1, 1))
        )
        gained = (randomness.random(probability.shape) < probability).astype(float)
        intervals.append(gain_in_recall(gained, np.zeros_like(gained), labels, groups=groups).interval(0.95))
    means, lows, highs = (np.array([one[place] for one in intervals]) for place in range(3))
    reach = float(np.median(highs - means) / (1.96 * means.std()))
    return float(((lows <= 0.5) & (highs >= 0.5)).mean()), reach


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=400)
    experiments = parser.parse_args().experiments
    print("| groups of test images | 5 replicates: held %, reach | 10 replicates |\n|---|---|---|")
    for name, (sizes, spanning) in LAYOUTS.items():
        cells = (held(sizes, spanning, replicates, experiments) for replicates in (5, 10))
        print(f"| {name} |", " | ".join(f"{100 * share:.1f}, {reach:.2f}" for share, reach in cells), "|", flush=True)


if __name__ == "__main__":
    main()
