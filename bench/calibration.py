"""Is the verdict calibrated? A/A experiments, in which nothing helps, and experiments with a known gain.

    python bench/calibration.py [--experiments 400] [--val 0.1]

Each experiment splits scikit-learn's digits anew, draws ten labelled images per class for each replicate, and trains
arms that differ in their seed only: ridge regression on random features, fast enough for thousands of them. The verdict
is the pipeline's own. Three kinds of rows:

* two arms: how often the verdict is `helps` or `harms` although there is no difference (at most 5% is promised);
* many arms, two of which are chosen on validation, as in the pipeline. The best of many is one whose training was
  lucky, which also shows on the test set: the more augmented arms compete with one baseline, the more often the verdict
  is `helps`. Twelve against one is what four arms with three shares each would be if the shares were not tried with
  separate seeds;
* power: some wrong predictions of the second arm are corrected, for a gain of the given number of points.
"""

import argparse
from collections import Counter
from math import sqrt
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from ganaug.experiment.statistics import Estimate, decide, estimate_gain

CLASSES, TRAIN, FEATURES, REPLICATES = 10, 10, 300, 10
CONFIDENCE_LEVEL, SMALLEST_GAIN = 0.95, 0.005
ARMS = 13
CHOICES = {
    "best of 4 against best of 3": (range(3), range(3, 7)),
    "best of 4 against 1": (range(1), range(1, 5)),
    "best of 12 against 1": (range(1), range(1, 13)),
}
"""Baseline and augmented arms."""


class Experiment(NamedTuple):
    """Whether each arm and replicate is right about each image, (A, R, N), and the labels, (N,)."""

    val: np.ndarray
    val_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    overlap: float


def experiment(seed: int, share: float) -> Experiment:
    """Run one experiment with this share of the images as validation set; 0.4 of them are the test set."""
    randomness = np.random.default_rng(seed)
    images, labels = load_digits(return_X_y=True)
    images = images / 16
    places = [randomness.permutation(np.flatnonzero(labels == one)) for one in range(CLASSES)]
    cuts = [(round(0.4 * len(one)), round((0.4 + share) * len(one))) for one in places]
    test = np.concatenate([one[:first] for one, (first, _) in zip(places, cuts, strict=True)])
    val = np.concatenate([one[first:second] for one, (first, second) in zip(places, cuts, strict=True)])
    pools = [one[second:] for one, (_, second) in zip(places, cuts, strict=True)]
    right = np.zeros((ARMS, REPLICATES, len(images)), bool)
    for replicate in range(REPLICATES):
        train = np.concatenate([randomness.permutation(pool)[:TRAIN] for pool in pools])
        targets = np.eye(CLASSES)[labels[train]]
        for arm in range(ARMS):
            projection = randomness.standard_normal((images.shape[1], FEATURES))
            hidden = np.maximum(images @ projection + randomness.standard_normal(FEATURES), 0)
            gram = hidden[train] @ hidden[train].T + 10.0 * np.eye(len(train))
            right[arm, replicate] = (hidden @ hidden[train].T @ np.linalg.solve(gram, targets)).argmax(1) == labels
    overlap = float(np.mean([TRAIN / len(pool) for pool in pools]))
    return Experiment(right[..., val], labels[val], right[..., test], labels[test], overlap)


def gain(one: Experiment, arm: int, reference: int, count: int) -> Estimate:
    ours, others = (one.test[which, :count, None] for which in (arm, reference))
    return estimate_gain(ours, others, one.test_labels, overlap=one.overlap)


def chosen(one: Experiment, arms: range, count: int) -> int:
    """Return the arm with the best mean balanced accuracy on validation."""
    figures = [
        np.mean([one.val[arm, :count][:, one.val_labels == label].mean() for label in range(CLASSES)]) for arm in arms
    ]
    return arms[int(np.argmax(figures))]


def with_gain(one: Experiment, points: float, wrong: float, seed: int) -> Experiment:
    """Correct wrong predictions of arm 1 at random, for a gain of `points`; wrong: its mean error rate."""
    lucky = np.random.default_rng(seed).random(one.test[1].shape) < points / 100 / wrong
    test = one.test.copy()
    test[1] |= lucky
    return one._replace(test=test)


def row(estimates: list[Estimate]) -> str:
    answers = Counter(decide(one, SMALLEST_GAIN, CONFIDENCE_LEVEL).answer for one in estimates)
    share = (answers["helps"] + answers["harms"]) / len(estimates)
    cells = [f"{100 * answers[one] / len(estimates):.1f}" for one in ("helps", "harms", "no effect", "undecided")]
    return " | ".join([*cells, f"{100 * share:.1f} ± {196 * sqrt(share * (1 - share) / len(estimates)):.1f}"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=400)
    parser.add_argument("--val", type=float, default=0.1)
    arguments = parser.parse_args()
    count = arguments.experiments
    experiments = [experiment(seed, arguments.val) for seed in range(count)]
    wrong = 1 - float(np.mean([one.test for one in experiments]))
    first = experiments[0]
    print(
        f"{count} experiments: accuracy {100 * (1 - wrong):.1f} %, {len(first.test_labels)} test images, "
        f"{len(first.val_labels)} validation images, "
        f"{100 * first.overlap:.0f} % of the pool in each training set, smallest gain {100 * SMALLEST_GAIN} points\n"
    )
    print(
        "| arms | true gain, points | replicates | helps % | harms % | no effect % | undecided % | helps or harms % |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for replicates in (3, 5, 10):
        estimates = [gain(one, 1, 0, replicates) for one in experiments]
        print(f"| two arms | 0 | {replicates} | {row(estimates)} |")
    for what, (baseline, augmented) in CHOICES.items():
        for replicates in (3, 5, 10):
            estimates = [
                gain(one, chosen(one, augmented, replicates), chosen(one, baseline, replicates), replicates)
                for one in experiments
            ]
            print(f"| {what} on validation | 0 | {replicates} | {row(estimates)} |")
    for points in (0.5, 1.0, 2.0):
        helped = [with_gain(one, points, wrong, seed) for seed, one in enumerate(experiments)]
        for replicates in (3, 5, 10):
            estimates = [gain(one, 1, 0, replicates) for one in helped]
            print(f"| two arms | {points} | {replicates} | {row(estimates)} |")


if __name__ == "__main__":
    main()
