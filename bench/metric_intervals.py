"""Does the interval of each metric have 95% coverage? Simulated predictions with a known mean gain.

    python bench/metric_intervals.py [--experiments 400]

The logits of a replicate's classifier are those of the true class plus normally distributed effects: of the image,
shared by all classifiers, of arm and image, of the training set (a bias of each class, and of its own for each image),
and of chance. The second arm has less skill and more confidence, or in the A/A setting neither. The true gain is the
mean over many replicates and very large test sets with the same shares of classes. Prints for each metric: how often
the interval covers it, and its median half-width relative to an interval from the true standard error (1.96 standard
errors; Student's t alone makes it 1.42 times as wide with 5 replicates, 2.20 times with 3, and 1.15 times with 10).
"""

import argparse
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ganaug.core.config import settings
from ganaug.core.plugins import available, find
from ganaug.experiment.metrics import Metric, Predicted
from ganaug.experiment.metrics.macro_f1 import MacroF1
from ganaug.experiment.statistics.gains import estimate_metric_gain, per_image
from ganaug.experiment.statistics.measured import Measured

IMAGE, ARM, TRAINING, CLASS, CHANCE = 1.0, 0.5, 0.4, 0.3, 0.4
"""Standard deviations of the effects on each logit."""
TRUTH_IMAGES, TRUTH_PAIRS = 20_000, 60


class Setting(NamedTuple):
    """One simulated experiment. skill and confidence: of the two arms."""

    counts: tuple[int, ...]
    """Test images of each class."""
    group: int = 1
    """Images per group; they share nine tenths of the variance of the effects of images."""
    replicates: int = 5
    skill: tuple[float, float] = (2.0, 1.6)
    confidence: tuple[float, float] = (1.0, 1.3)


SETTINGS = {
    "4 classes of 25": Setting((25,) * 4),
    "4 classes of 500": Setting((500,) * 4),
    "4 classes of 100, groups of 5": Setting((100,) * 4, group=5),
    "4 classes of 100, 10 replicates": Setting((100,) * 4, replicates=10),
    "280, 80, 28 and 12 images": Setting((280, 80, 28, 12)),
    "280, 80, 28 and 12 images, 3 replicates": Setting((280, 80, 28, 12), replicates=3),
    "280, 80, 28 and 12 images, 10 replicates": Setting((280, 80, 28, 12), replicates=10),
    "95 and 5 images": Setting((95, 5)),
    "4 classes of 50, nearly perfect": Setting((50,) * 4, skill=(6.0, 5.5)),
    "4 classes of 50, A/A": Setting((50,) * 4, skill=(2.0, 2.0), confidence=(1.0, 1.0)),
}


@settings
class MacroF1ByBlocks(Metric):
    """Macro-F1 as a plug-in that does not say what single images contribute: blocks of images are left out."""

    @property
    def key(self) -> str:
        return "macro_f1, by blocks"

    def __call__(self, predicted: Predicted) -> float:
        return MacroF1()(predicted)


def metrics(classes: tuple[str, ...]) -> Iterator[Metric]:
    """Yield each metric of all classes, each of the last class, and one that is left to blocks of images."""
    for name in available("experiment.metrics"):
        kind: type[Metric] = find("experiment.metrics", name)
        if kind.classes != "one":
            yield kind()
        if kind.classes != "all":
            yield kind(of_class=classes[-1])
    yield MacroF1ByBlocks()


def arms(
    setting: Setting, counts: list[int], replicates: int, randomness: np.random.Generator, *, mirrored: bool = False
) -> list[Measured]:
    """Return the predictions of both arms for `counts` images of each class.

    mirrored: of two replicates, the second has the opposite biases of classes, so that means need fewer replicates.
    """
    labels = np.repeat(np.arange(len(counts)), counts)
    groups = np.concatenate([10**6 * label + np.arange(count) // setting.group for label, count in enumerate(counts)])
    _, numbers = np.unique(groups, return_inverse=True)
    shape = (len(labels), len(counts))

    def of_images() -> np.ndarray:
        own = randomness.standard_normal(shape)
        if setting.group == 1:
            return own
        common = randomness.standard_normal((numbers.max() + 1, len(counts)))[numbers]
        return np.sqrt(0.1) * own + np.sqrt(0.9) * common

    shared, found = IMAGE * of_images(), []
    for skill, confidence in zip(setting.skill, setting.confidence, strict=True):
        of_arm = shared + ARM * of_images() + skill * np.eye(len(counts))[labels]
        biases, predictions = CLASS * randomness.standard_normal((replicates, len(counts))), []
        if mirrored:
            biases[1::2] = -biases[::2]
        for bias in biases:
            logits = of_arm + TRAINING * of_images() + bias
            powers = np.exp(confidence * (logits + CHANCE * randomness.standard_normal(shape)))
            predictions.append([powers / powers.sum(1, keepdims=True)])
        found.append(Measured(np.array(predictions), labels, groups, tuple(map(str, range(len(counts))))))
    return found


def true_gains(setting: Setting, chosen: list[Metric]) -> np.ndarray:
    """Return the mean gain in each metric on test sets that are large enough to stand for all images."""
    if len(set(setting.skill)) == len(set(setting.confidence)) == 1:
        return np.zeros(len(chosen))
    large = [count * (TRUTH_IMAGES // sum(setting.counts)) for count in setting.counts]
    randomness, gains = np.random.default_rng(1), []
    for _ in range(TRUTH_PAIRS):
        sides = arms(setting._replace(group=1), large, 2, randomness, mirrored=True)
        one, other = ([metric.merit(float(np.mean(side.values(metric)))) for metric in chosen] for side in sides)
        gains.append(np.subtract(one, other))
    return np.mean(gains, axis=0)


HEADINGS = "| metric | true gain | bias in standard errors | coverage in % | half-width |\n|---|---|---|---|---|"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--experiments", type=int, default=400)
    parser.add_argument("--only", choices=SETTINGS, help="one of the settings")
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else SETTINGS:
        setting = SETTINGS[name]
        chosen = list(metrics(tuple(map(str, range(len(setting.counts))))))
        truths, randomness = true_gains(setting, chosen), np.random.default_rng(0)
        intervals = []
        for _ in range(arguments.experiments):
            one, other = arms(setting, list(setting.counts), setting.replicates, randomness)
            sides = [[per_image(metric, side) for metric in chosen] for side in (one, other)]
            estimates = [estimate_metric_gain(*each) for each in zip(chosen, *sides, strict=True)]
            intervals.append([estimate.interval(0.95)[:3] for estimate in estimates])
        means, lows, highs = np.moveaxis(np.array(intervals), 2, 0)
        coverage = ((lows <= truths) & (highs >= truths)).mean(0)
        widths = np.median((highs - means) / (1.96 * means.std(0)), axis=0)
        bias = (means.mean(0) - truths) / means.std(0)
        print(f"\n{name}\n{HEADINGS}")
        for metric, *figures in zip(chosen, truths, bias, 100 * coverage, widths, strict=True):
            print(f"| {metric.key} |", "{:+.4f} | {:+.2f} | {:.1f} | {:.2f} |".format(*figures), flush=True)


if __name__ == "__main__":
    main()
