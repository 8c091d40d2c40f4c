"""Does the verdict keep its word? A/A experiments, in which nothing helps, and experiments whose gain is known.

    python bench/calibration.py [--experiments 400] [--val 0.1]

Each experiment splits scikit-learn's digits anew, draws ten labelled images a class for each replicate, and trains
arms that differ by their seed only: ridge regression on random features, so fast that thousands are no matter. The
verdict is the pipeline's own. Three kinds of rows:

* two arms: how often the verdict is `helps` or `harms` although there is nothing to find (at most 5 % is promised);
* many arms, of which reference and headline are chosen on validation, as the pipeline does. The best of many is one
  whose training was lucky, and is so on the test set too: the more augmented arms stand against one baseline, the more
  often it `helps`. Twelve against one is what four arms of three shares each would be, were shares not tried with seeds
  of their own;
* power: the second arm gets some of its wrong answers right, by as many points as is said.
"""

import argparse
from collections import Counter
from math import sqrt
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from ganaug.experiment.statistics import Estimate, gain_in_recall, judge

CLASSES, TRAIN, FEATURES, REPLICATES = 10, 10, 300, 10
CONFIDENCE, SMALLEST = 0.95, 0.005
ARMS = 13
CHOICES = {
    "best of 4 against best of 3": (range(3), range(3, 7)),
    "best of 4 against 1": (range(1), range(1, 5)),
    "best of 12 against 1": (range(1), range(1, 13)),
}
"""Baseline and augmented arms."""


class Experiment(NamedTuple):
    """Right or wrong of every arm and replicate, (A, R, N) each, and the labels (N,)."""

    val: np.ndarray
    val_labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    overlap: float


def experiment(seed: int, share: float) -> Experiment:
    """Return what came out with this share of the images as validation set; 0.4 of them are the test set."""
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
    return gain_in_recall(ours, others, one.test_labels, overlap=one.overlap)


def chosen(one: Experiment, arms: range, count: int) -> int:
    """Return the arm with the best mean balanced accuracy on validation."""
    figures = [
        np.mean([one.val[arm, :count][:, one.val_labels == label].mean() for label in range(CLASSES)]) for arm in arms
    ]
    return arms[int(np.argmax(figures))]


def with_gain(one: Experiment, points: float, wrong: float, seed: int) -> Experiment:
    """Let arm 1 get each wrong answer right with a probability that makes `points` of gain; wrong: its mean error."""
    lucky = np.random.default_rng(seed).random(one.test[1].shape) < points / 100 / wrong
    test = one.test.copy()
    test[1] |= lucky
    return one._replace(test=test)


def row(estimates: list[Estimate]) -> str:
    answers = Counter(judge(one, SMALLEST, CONFIDENCE).answer for one in estimates)
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
        f"{100 * first.overlap:.0f} % of the pool in each training set, smallest gain {100 * SMALLEST} points\n"
    )
    print("| what | true gain | replicates | helps % | harms % | no effect % | undecided % | helps or harms % |")
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
