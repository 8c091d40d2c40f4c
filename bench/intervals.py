"""Which interval has 95% coverage? Simulated experiments with a known true gain.

    python bench/intervals.py [--experiments 2000]

Each experiment draws a pool and a test set from ten normal distributions, and each replicate draws a training set from
the pool. Two classifiers, nearest class mean and linear discriminant analysis, are trained on it once per seed, with
random noise that stands for the seed, and are compared on the test set. The true gain is the mean difference of their
accuracies over all pools, training sets and seeds, on a very large test set. Printed for each interval method: its
coverage in percent ± its mean half-width in points.
"""

import argparse
from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

import numpy as np

from ganaug.experiment.statistics import Estimate, Interval, estimate_gain, t_interval

CLASSES, DIMENSIONS, ENDLESS = 10, 16, 200
CONFIDENCE_LEVEL = 0.95


class Setting(NamedTuple):
    """Images per class in pool, training set and test set, replicates, noise of a seed, and seeds."""

    pool: int
    train: int
    test: int
    replicates: int
    noise: float
    seeds: int
    group_size: int = 1
    """Test images per group; they share nine tenths of their variance."""

    @property
    def overlap(self) -> float:
        return self.train / self.pool


class Outcome(NamedTuple):
    """(R, S, N) differences in correctness, (N,) labels and groups, the difference on ENDLESS images, and overlap."""

    by_seed: np.ndarray
    labels: np.ndarray
    groups: np.ndarray
    endless: float
    overlap: float

    @property
    def differences(self) -> np.ndarray:
        """(R, N)."""
        return self.by_seed.mean(1)


def bootstrap(outcome: Outcome) -> Interval:
    values = outcome.differences.mean(1)
    means = np.random.default_rng(0).choice(values, (1000, len(values))).mean(1)
    low, high = np.quantile(means, [(1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2])
    return Interval(float(values.mean()), float(low), float(high), ())


def student(outcome: Outcome) -> Interval:
    return t_interval(outcome.differences.mean(1).tolist(), CONFIDENCE_LEVEL)


def nadeau_bengio(outcome: Outcome) -> Interval:
    """Widen the t interval as Nadeau and Bengio (2003) do, with overlap / (1 - overlap) as their ratio n2 / n1."""
    mean, low, high, values = student(outcome)
    reach = ((high or 0) - (low or 0)) / 2 * sqrt(1 + len(values) * outcome.overlap / (1 - outcome.overlap))
    return Interval(mean, mean - reach, mean + reach, values)


def crossed(outcome: Outcome) -> Interval:
    """Treat test images as a sample too, and training sets as disjoint."""
    return ours(outcome._replace(overlap=0.0))


def all_shared(outcome: Outcome) -> Interval:
    """Inflate all variance between replicates for overlap, including that of single predictions."""
    return estimated(outcome)._replace(unshared_variance=0.0).interval(CONFIDENCE_LEVEL)


def without_seeds(outcome: Outcome) -> Interval:
    """Inflate the variance between seeds for overlap too."""
    return ours(outcome._replace(by_seed=outcome.differences[:, None]))


def without_groups(outcome: Outcome) -> Interval:
    """Treat all test images as independent."""
    return ours(outcome._replace(groups=np.arange(len(outcome.labels))))


def ours(outcome: Outcome) -> Interval:
    return estimated(outcome).interval(CONFIDENCE_LEVEL)


def estimated(outcome: Outcome) -> Estimate:
    zeros = np.zeros_like(outcome.by_seed)
    return estimate_gain(outcome.by_seed, zeros, outcome.labels, groups=outcome.groups, overlap=outcome.overlap)


METHODS: dict[str, Callable[[Outcome], Interval]] = {
    "bootstrap of replicates": bootstrap,
    "Student's t": student,
    "t, Nadeau and Bengio": nadeau_bengio,
    "crossed": crossed,
    "crossed and overlap of all": all_shared,
    "crossed and overlap, seeds too": without_seeds,
    "crossed and overlap, no groups": without_groups,
    "crossed and overlap (ours)": ours,
}


def experiment(setting: Setting, centres: np.ndarray, randomness: np.random.Generator) -> Outcome:
    def draw(count: int, group_size: int = 1) -> np.ndarray:
        images = centres[:, None] + randomness.standard_normal((CLASSES, count, DIMENSIONS))
        if group_size == 1:
            return images
        common = randomness.standard_normal((CLASSES, count // group_size, DIMENSIONS)).repeat(group_size, axis=1)
        return centres[:, None] + (sqrt(0.1) * (images - centres[:, None]) + sqrt(0.9) * common)

    pool, test, endless = draw(setting.pool), draw(setting.test, setting.group_size), draw(ENDLESS)
    differences, truths = [], []
    for _ in range(setting.replicates):
        chosen = np.stack([images[randomness.permutation(setting.pool)[: setting.train]] for images in pool])
        within = (chosen - chosen.mean(1, keepdims=True)).reshape(-1, DIMENSIONS)
        covariance = np.cov(within, rowvar=False) + 0.3 * np.eye(DIMENSIONS)
        by_seed = []
        for _ in range(setting.seeds):
            rights = []
            for precision in (np.eye(DIMENSIONS), np.linalg.inv(covariance)):
                means = chosen.mean(1) + setting.noise * randomness.standard_normal((CLASSES, DIMENSIONS))
                bias = np.einsum("kd,de,ke->k", means, precision, means) / 2
                rights.append(
                    [
                        (images @ precision @ means.T - bias).argmax(2) == np.arange(CLASSES)[:, None]
                        for images in (test, endless)
                    ]
                )
            difference, truth = (rights[1][one].astype(float) - rights[0][one] for one in (0, 1))
            by_seed.append(difference.ravel())
            truths.append(truth.mean())
        differences.append(by_seed)
    labels = np.repeat(np.arange(CLASSES), setting.test)
    groups = np.arange(len(labels)) // setting.group_size
    return Outcome(np.array(differences), labels, groups, float(np.mean(truths)), setting.overlap)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=2000)
    count = parser.parse_args().experiments
    centres = 0.75 * np.random.default_rng(1).standard_normal((CLASSES, DIMENSIONS))
    settings = [
        Setting(pool, 10, test, replicates, noise, *more)
        for pool, test, noise, *more in (
            (1000, 70, 0.2, 1),
            (1000, 1000, 0.2, 1),
            (100, 70, 0.2, 1),
            (100, 70, 0.2, 1, 10),
            (1000, 1000, 0.0, 1, 250),
            (20, 70, 0.2, 1),
            (20, 70, 0.2, 3),
            (20, 70, 0.0, 1),
            (20, 1000, 0.0, 1),
            (12, 70, 0.2, 1),
            (12, 70, 0.2, 3),
            (12, 1000, 0.2, 1),
            (12, 1000, 0.2, 3),
            (12, 1000, 0.1, 3),
            (12, 1000, 0.0, 1),
            (12, 1000, 0.0, 3),
        )
        for replicates in (3, 5, 10)
    ]
    heads = (
        "training images / pool",
        "test images per class",
        "images per group",
        "noise",
        "seeds",
        "replicates",
        *METHODS,
    )
    print(f"| {' | '.join(heads)} |")
    print("|---" * len(heads) + "|")
    for setting in settings:
        randomness = np.random.default_rng(0)
        outcomes = [experiment(setting, centres, randomness) for _ in range(count)]
        truth = float(np.mean([one.endless for one in outcomes]))
        cells = []
        for method in METHODS.values():
            intervals = [method(one) for one in outcomes]
            held = np.mean([(one.low or 0) <= truth <= (one.high or 0) for one in intervals])
            reach = np.mean([(one.high or 0) - one.mean for one in intervals])
            cells.append(f"{100 * held:.1f} ± {100 * reach:.1f}")
        head = setting.test, setting.group_size, setting.noise, setting.seeds, setting.replicates
        print(f"| {setting.overlap:.0%} | {' | '.join([*map(str, head), *cells])} |", flush=True)


if __name__ == "__main__":
    main()
