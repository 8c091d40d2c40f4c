"""Which interval has 95% coverage? Simulated experiments with a known true gain.

    python bench/intervals.py [--experiments 2000]

Each experiment draws a pool and a test set from ten normal distributions, and each replicate draws a training set from
the pool. Two classifiers, nearest class mean and linear discriminant analysis, are trained on it once per seed, with
random noise that stands for the seed, and are compared on the test set. The true gain is the mean difference of their
accuracies over all pools, training sets and seeds, on a very large test set. Prints for each interval method: its
coverage in percent ± its mean half-width in points.
"""

import argparse
from collections.abc import Callable
from math import sqrt
from typing import NamedTuple

import numpy as np

from ganaug.experiment.statistics.estimate import Estimate, Interval, estimate_gain

CLASSES, DIMENSIONS, TRUTH_IMAGES = 10, 16, 200
CONFIDENCE_LEVEL = 0.95


class Setting(NamedTuple):
    """Images per class in pool, training set and test set; number of replicates; noise per seed; number of seeds."""

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
    """Results of one experiment."""

    by_seed: np.ndarray
    """(R, S, N): differences in correctness, −1, 0 or 1."""
    labels: np.ndarray
    """(N,)."""
    groups: np.ndarray
    """(N,)."""
    truth: float
    """Mean difference on TRUTH_IMAGES further images per class."""
    overlap: float
    """Fraction of training images that two replicates share."""

    @property
    def differences(self) -> np.ndarray:
        """(R, N): means over seeds."""
        return self.by_seed.mean(1)


def bootstrap(outcome: Outcome) -> Interval:
    values = outcome.differences.mean(1)
    means = np.random.default_rng(0).choice(values, (1000, len(values))).mean(1)
    low, high = np.quantile(means, [(1 - CONFIDENCE_LEVEL) / 2, (1 + CONFIDENCE_LEVEL) / 2])
    return Interval(float(values.mean()), float(low), float(high), ())


def student(outcome: Outcome) -> Interval:
    """Student's t interval over replicates alone."""
    values = outcome.differences.mean(1)
    variance = float(values.var(ddof=1))
    return Estimate(float(values.mean()), tuple(values.tolist()), variance, 0.0).interval(CONFIDENCE_LEVEL)


def nadeau_bengio(outcome: Outcome) -> Interval:
    """Widen the t interval as Nadeau and Bengio (2003) do, with overlap / (1 - overlap) as their ratio n2 / n1."""
    mean, low, high, values = student(outcome)
    half_width = ((high or 0) - (low or 0)) / 2 * sqrt(1 + len(values) * outcome.overlap / (1 - outcome.overlap))
    return Interval(mean, mean - half_width, mean + half_width, values)


def crossed(outcome: Outcome) -> Interval:
    """Treat test images as a sample too, and training sets as disjoint."""
    return project(outcome._replace(overlap=0.0))


def all_shared(outcome: Outcome) -> Interval:
    """Inflate all variance between replicates for overlap, including that of single predictions."""
    return estimated(outcome)._replace(unshared_variance=0.0).interval(CONFIDENCE_LEVEL)


def without_seeds(outcome: Outcome) -> Interval:
    """Inflate the variance between seeds for overlap too."""
    return project(outcome._replace(by_seed=outcome.differences[:, None]))


def without_groups(outcome: Outcome) -> Interval:
    """Treat all test images as independent."""
    return project(outcome._replace(groups=np.arange(len(outcome.labels))))


def project(outcome: Outcome) -> Interval:
    return estimated(outcome).interval(CONFIDENCE_LEVEL)


def estimated(outcome: Outcome) -> Estimate:
    zeros = np.zeros_like(outcome.by_seed)
    return estimate_gain(outcome.by_seed, zeros, outcome.labels, groups=outcome.groups, overlap=outcome.overlap)


METHODS: dict[str, Callable[[Outcome], Interval]] = {
    "bootstrap over replicates": bootstrap,
    "Student's t": student,
    "Student's t, Nadeau and Bengio": nadeau_bengio,
    "crossed": crossed,
    "crossed, overlap on everything": all_shared,
    "crossed, overlap on seeds too": without_seeds,
    "crossed, overlap, no groups": without_groups,
    "crossed, overlap (ours)": project,
}


def experiment(setting: Setting, centres: np.ndarray, randomness: np.random.Generator) -> Outcome:
    def draw(count: int, group_size: int = 1) -> np.ndarray:
        images = centres[:, None] + randomness.standard_normal((CLASSES, count, DIMENSIONS))
        if group_size == 1:
            return images
        common = randomness.standard_normal((CLASSES, count // group_size, DIMENSIONS)).repeat(group_size, axis=1)
        return centres[:, None] + (sqrt(0.1) * (images - centres[:, None]) + sqrt(0.9) * common)

    pool, test, truth_images = draw(setting.pool), draw(setting.test, setting.group_size), draw(TRUTH_IMAGES)
    differences, truths = [], []
    for _ in range(setting.replicates):
        chosen = np.stack([images[randomness.permutation(setting.pool)[: setting.train]] for images in pool])
        within = (chosen - chosen.mean(1, keepdims=True)).reshape(-1, DIMENSIONS)
        covariance = np.cov(within, rowvar=False) + 0.3 * np.eye(DIMENSIONS)
        by_seed = []
        for _ in range(setting.seeds):
            correct = []
            for precision in (np.eye(DIMENSIONS), np.linalg.inv(covariance)):
                means = chosen.mean(1) + setting.noise * randomness.standard_normal((CLASSES, DIMENSIONS))
                bias = np.einsum("kd,de,ke->k", means, precision, means) / 2
                correct.append(
                    [
                        (images @ precision @ means.T - bias).argmax(2) == np.arange(CLASSES)[:, None]
                        for images in (test, truth_images)
                    ]
                )
            difference, truth = (second.astype(float) - first for first, second in zip(*correct, strict=True))
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
    headings = (
        "share of the pool in a training set",
        "test images per class",
        "images per group",
        "noise",
        "seeds",
        "replicates",
        *METHODS,
    )
    print(f"| {' | '.join(headings)} |")
    print("|---" * len(headings) + "|")
    for setting in settings:
        randomness = np.random.default_rng(0)
        outcomes = [experiment(setting, centres, randomness) for _ in range(count)]
        truth = float(np.mean([outcome.truth for outcome in outcomes]))
        cells = []
        for method in METHODS.values():
            intervals = [method(outcome) for outcome in outcomes]
            coverage = np.mean([(interval.low or 0) <= truth <= (interval.high or 0) for interval in intervals])
            half_width = np.mean([(interval.high or 0) - interval.mean for interval in intervals])
            cells.append(f"{100 * coverage:.1f} ± {100 * half_width:.1f}")
        options = setting.test, setting.group_size, setting.noise, setting.seeds, setting.replicates
        print(f"| {setting.overlap:.0%} | {' | '.join([*map(str, options), *cells])} |", flush=True)


if __name__ == "__main__":
    main()
