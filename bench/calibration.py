"""Is the verdict calibrated? A/A experiments, in which nothing helps, and experiments with a known gain.

    python bench/calibration.py [--experiments 400] [--val 0.1]

Each experiment splits scikit-learn's digits anew, draws ten labelled images per class for each replicate, and trains
arms that differ only in their seeds: ridge regression on random features, fast enough for thousands of them. The
verdict is the pipeline's own. Three kinds of rows:

* two arms: how often the verdict is `helps` or `harms` although there is no difference (5% at most, nominally);
* many arms, of which two are chosen on validation, as in the pipeline. The best of many is an arm whose training was
  lucky, which also shows on the test set: the more augmented arms compete with one baseline, the more often the verdict
  is `helps`. Twelve against one corresponds to four arms with three shares each, if the shares were not tried with
  separate seeds;
* looks: the verdict is read at 3, 5 and 10 replicates, at the levels of `evaluate.looks`, until it decides;
* power: some wrong predictions of the second arm are corrected, for a gain of the given number of points.
"""

import argparse
from collections import Counter
from math import sqrt
from typing import NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from ganaug.experiment.statistics.estimate import Estimate, decide, estimate_gain
from ganaug.experiment.statistics.looks import levels
from ganaug.experiment.verdicts import Decision

CLASSES, TRAIN, FEATURES, REPLICATES = 10, 10, 300, 10
CONFIDENCE_LEVEL, SMALLEST_GAIN = 0.95, 0.005
ARMS = 13
LOOKS = (3, 5, 10)
CHOICES = {
    "best of 4 against best of 3": (range(3), range(3, 7)),
    "best of 4 against 1": (range(1), range(1, 5)),
    "best of 12 against 1": (range(1), range(1, 13)),
}
"""Indices of the baseline arms and of the augmented arms."""


class Experiment(NamedTuple):
    """Whether the classifier of each arm and replicate is right about each image, (A, R, N); and the labels, (N,)."""

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
    by_class = [randomness.permutation(np.flatnonzero(labels == label)) for label in range(CLASSES)]
    cuts = [(round(0.4 * len(indices)), round((0.4 + share) * len(indices))) for indices in by_class]
    test = np.concatenate([indices[:first] for indices, (first, _) in zip(by_class, cuts, strict=True)])
    val = np.concatenate([indices[first:second] for indices, (first, second) in zip(by_class, cuts, strict=True)])
    pools = [indices[second:] for indices, (_, second) in zip(by_class, cuts, strict=True)]
    correct = np.zeros((ARMS, REPLICATES, len(images)), bool)
    for replicate in range(REPLICATES):
        train = np.concatenate([randomness.permutation(pool)[:TRAIN] for pool in pools])
        targets = np.eye(CLASSES)[labels[train]]
        for arm in range(ARMS):
            projection = randomness.standard_normal((images.shape[1], FEATURES))
            hidden = np.maximum(images @ projection + randomness.standard_normal(FEATURES), 0)
            gram = hidden[train] @ hidden[train].T + 10.0 * np.eye(len(train))
            correct[arm, replicate] = (hidden @ hidden[train].T @ np.linalg.solve(gram, targets)).argmax(1) == labels
    overlap = float(np.mean([TRAIN / len(pool) for pool in pools]))
    return Experiment(correct[..., val], labels[val], correct[..., test], labels[test], overlap)


def gain(result: Experiment, arm: int, reference: int, replicates: int) -> Estimate:
    """Estimate the gain of one arm over another from the first `replicates` replicates."""
    correct, reference_correct = (result.test[index, :replicates, None] for index in (arm, reference))
    return estimate_gain(correct, reference_correct, result.test_labels, overlap=result.overlap)


def best_on_validation(result: Experiment, arms: range, replicates: int) -> int:
    """Return the arm with the best mean balanced accuracy on validation over the first `replicates` replicates."""
    accuracies = []
    for arm in arms:
        correct = result.val[arm, :replicates]
        accuracies.append(np.mean([correct[:, result.val_labels == label].mean() for label in range(CLASSES)]))
    return arms[int(np.argmax(accuracies))]


def with_gain(result: Experiment, points: float, error_rate: float, seed: int) -> Experiment:
    """Correct wrong predictions of arm 1 at random, for a gain of `points`. error_rate: its mean error rate."""
    corrected = np.random.default_rng(seed).random(result.test[1].shape) < points / 100 / error_rate
    test = result.test.copy()
    test[1] |= corrected
    return result._replace(test=test)


def row(estimates: list[Estimate]) -> str:
    return counted([decide(estimate, SMALLEST_GAIN, CONFIDENCE_LEVEL).answer for estimate in estimates])


def counted(given: list[Decision]) -> str:
    answers = Counter(given)
    share = (answers["helps"] + answers["harms"]) / len(given)
    cells = [f"{100 * answers[answer] / len(given):.1f}" for answer in ("helps", "harms", "no effect", "undecided")]
    return " | ".join([*cells, f"{100 * share:.1f} ± {196 * sqrt(share * (1 - share) / len(given)):.1f}"])


def until_decided(result: Experiment) -> Decision:
    """Return the answer of the first look that decides, or of the last."""
    answer: Decision = "undecided"
    for replicates, level in zip(LOOKS, levels(LOOKS, CONFIDENCE_LEVEL), strict=True):
        if answer == "undecided":
            answer = decide(gain(result, 1, 0, replicates), SMALLEST_GAIN, level).answer
    return answer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=400)
    parser.add_argument("--val", type=float, default=0.1)
    arguments = parser.parse_args()
    count = arguments.experiments
    experiments = [experiment(seed, arguments.val) for seed in range(count)]
    error_rate = 1 - float(np.mean([result.test for result in experiments]))
    first = experiments[0]
    print(
        f"{count} experiments: accuracy {100 * (1 - error_rate):.1f} %, {len(first.test_labels)} test images, "
        f"{len(first.val_labels)} validation images, "
        f"{100 * first.overlap:.0f} % of the pool in each training set, smallest gain {100 * SMALLEST_GAIN} points\n"
    )
    print(
        "| arms | true gain, points | replicates | helps % | harms % | no effect % | undecided % | helps or harms % |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for replicates in (3, 5, 10):
        estimates = [gain(result, 1, 0, replicates) for result in experiments]
        print(f"| two arms | 0 | {replicates} | {row(estimates)} |")
    looks = f"at most {LOOKS[-1]}, in {len(LOOKS)} looks"
    print(f"| two arms | 0 | {looks} | {counted([until_decided(result) for result in experiments])} |")
    for title, (baseline, augmented) in CHOICES.items():
        for replicates in (3, 5, 10):
            estimates = []
            for result in experiments:
                arm, reference = (best_on_validation(result, arms, replicates) for arms in (augmented, baseline))
                estimates.append(gain(result, arm, reference, replicates))
            print(f"| {title} on validation | 0 | {replicates} | {row(estimates)} |")
    for points in (0.5, 1.0, 2.0):
        improved = [with_gain(result, points, error_rate, seed) for seed, result in enumerate(experiments)]
        for replicates in (3, 5, 10):
            estimates = [gain(result, 1, 0, replicates) for result in improved]
            print(f"| two arms | {points} | {replicates} | {row(estimates)} |")
        print(f"| two arms | {points} | {looks} | {counted([until_decided(result) for result in improved])} |")


if __name__ == "__main__":
    main()
