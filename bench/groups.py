"""Does the interval have 95% coverage if test images come in groups? Simulated predictions with a known mean gain.

    python bench/groups.py [--experiments 400]

The probability that a replicate's classifier is right about an image, and its reference wrong, is 1/2 plus effects of
class, group, replicate, seed and image. All are drawn from normal distributions, except the class effect: half of the
classes gain more and half less. Prints for 5 and for 10 replicates: how often the interval covers 1/2, and its median
half-width relative to an interval from the true standard error (1.96 standard errors; Student's t alone makes it 1.42
times as wide with 4 degrees of freedom and 1.15 times with 9). A second table is about differences that are so rare
that a test set may show none.
"""

import argparse

import numpy as np

from ganaug.experiment.statistics.estimate import decide, estimate_gain

GROUP, REPLICATE, SEED, IMAGE, CLASS = 0.2, 0.03, 0.02, 0.1, 0.2
"""Standard deviations of the effects; for CLASS, the distance of each class from the mean."""
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
"""The sizes of each class's groups, and whether all classes have the same groups."""


def coverage(sizes: list[list[int]], spanning: bool, replicates: int, experiments: int) -> tuple[float, float]:
    """Return how often the interval covers the truth, and its median half-width in units of 1.96 standard errors.

    sizes: the sizes of each class's groups. spanning: whether all classes have the same groups.
    """
    randomness = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(sizes)), [sum(group_sizes) for group_sizes in sizes])
    indices = np.concatenate([np.repeat(np.arange(len(group_sizes)), group_sizes) for group_sizes in sizes])
    groups = indices if spanning else 1000 * labels + indices
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
        intervals.append(estimate_gain(gained, np.zeros_like(gained), labels, groups=groups).interval(0.95))
    means, lows, highs = (np.array([interval[column] for interval in intervals]) for column in range(3))
    half_width = float(np.median(highs - means) / (1.96 * means.std()))
    return float(((lows <= 0.5) & (highs >= 0.5)).mean()), half_width


def rare_coverage(size: int, experiments: int) -> tuple[float, float]:
    """Return how often the interval covers the truth if arms differ on 3% of 40 patients, on all images of each.

    size: images of a patient. Also returns how often the verdict is a false `no effect`, where two points matter.
    """
    randomness, truth = np.random.default_rng(0), 0.03
    labels, groups = np.repeat(np.arange(40) % 2, size), np.repeat(np.arange(40), size)
    estimates = []
    for _ in range(experiments):
        gained = np.repeat(randomness.random(40) < truth, size) * np.ones((5, 1, 1))
        estimates.append(estimate_gain(gained, np.zeros_like(gained), labels, groups=groups))
    lows, highs = np.array([one.interval(0.95)[1:3] for one in estimates], float).T
    false = [decide(one, 0.02, 0.95).answer == "no effect" for one in estimates]
    return float(((lows <= truth) & (highs >= truth)).mean()), float(np.mean(false))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=400)
    experiments = parser.parse_args().experiments
    print("| groups of test images | 5 replicates: coverage in %, half-width | 10 replicates |\n|---|---|---|")
    for name, (sizes, spanning) in LAYOUTS.items():
        cells = (coverage(sizes, spanning, replicates, experiments) for replicates in (5, 10))
        print(
            f"| {name} |",
            " | ".join(f"{100 * covered:.1f}, {half_width:.2f}" for covered, half_width in cells),
            "|",
            flush=True,
        )
    print("\n| images of each of 40 patients | coverage in % | false `no effect` in % |\n|---|---|---|")
    for size in (1, 10, 50):
        covered, false = rare_coverage(size, experiments)
        print(f"| {size} | {100 * covered:.1f} | {100 * false:.1f} |", flush=True)


if __name__ == "__main__":
    main()
