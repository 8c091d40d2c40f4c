"""Is a GAN's training in good health? Measures, and findings that say what was seen and what to try.

Distances between images are Euclidean ones between their features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ganaug.core.distances import kth_neighbour_distance, nearest, spread
from ganaug.core.errors import InputError

COPY_QUANTILE = 0.05
"""Share of held-out images that count as near-copies: what an honest generator would have too."""


class Finding(NamedTuple):
    """Something that is wrong with a training."""

    name: str
    seen: str
    remedy: str


class DivergenceError(InputError):
    """A training that has to stop: a term or a gradient is no finite number."""

    def __init__(self, name: str, value: float, step: int) -> None:
        self.step = step
        self.finding = Finding(
            "training diverged",
            f"{name} is {value} at step {step}",
            "lower train_gan.learning_rate and discriminator_learning_rate, or precision 32-true",
        )
        super().__init__(f"{self.finding.name}: {self.finding.seen}; try {self.finding.remedy}")


class Verdicts(NamedTuple):
    """How a discriminator's realness stands to one level, above which is real."""

    probability: float
    """Mean of σ(realness − level)."""
    above: float
    """Share above the level."""


def verdicts(realness: np.ndarray, level: float) -> Verdicts:
    """Sum up realness (N,)."""
    return Verdicts(float((0.5 * (1 + np.tanh((realness - level) / 2))).mean()), float((realness > level).mean()))


def mutual_distance(
    features: np.ndarray, labels: np.ndarray, held_out: np.ndarray, held_out_labels: np.ndarray
) -> float:
    """Return how far fake and held-out images are apart, in units of how far the latter are among themselves.

    features (N, F) and labels (N,) are the fake images', held_out (M, F) and held_out_labels (M,) the real ones'. The
    mean of two distances to the nearest image of the same class: from fake to real (fidelity), from real to fake
    (diversity), over the same from real to another real. Somewhat below 1 for images of the same kind, if there are
    more fake ones; a collapsed generator, blurred images and images of the wrong class are all far. Only for comparing
    generators with each other: on the default data it ranks them as the accuracy of a classifier trained on their
    images does, which distances of whole distributions do not (docs/results).
    """
    fakes_and_reals = [
        (features[labels == label], held_out[held_out_labels == label]) for label in np.unique(held_out_labels)
    ]
    compared = [(fakes, reals) for fakes, reals in fakes_and_reals if len(fakes)]
    fidelity = _mean(nearest(fakes, reals)[0] for fakes, reals in compared)
    diverse = _mean(nearest(reals, fakes)[0] for fakes, reals in compared)
    honest = _mean(kth_neighbour_distance(reals, 1) for _, reals in fakes_and_reals if len(reals) > 1)
    return (fidelity + diverse) / (2 * (honest or 1.0))  # no unit where each class has one image, or all are equal


def diversity(features: np.ndarray, labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray) -> dict[int, float]:
    """Return for each class how far its images lie apart, mean over pairs, as a ratio to that of the real images.

    features (N, F) and labels (N,) are the fake images', real (M, F) and real_labels (M,) those of held-out real ones:
    training images lie closer together in the features of a classifier that was trained on them. About 1 is healthy.
    Classes with fewer than two images on either side are left out.
    """
    ratios = {}
    for label in np.unique(labels).tolist():
        fakes, reals = features[labels == label], real[real_labels == label]
        if min(len(fakes), len(reals)) > 1 and (apart := spread(reals)) > 0:
            ratios[label] = spread(fakes) / apart
    return ratios


def near_copies(features: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """Return the share of fake images (N, F) that lie closer to a training image than all but 5 % of held-out ones.

    So an honest generator has about 0.05, and one that copies its training images has 1.
    """
    threshold = np.quantile(nearest(held_out, train)[0], COPY_QUANTILE)
    return float((nearest(features, train)[0] < threshold).mean())


def findings(figures: Mapping[str, float], per_class: Mapping[str, float], *, absolute: bool = True) -> list[Finding]:
    """Return what is wrong at the end of a training.

    figures: `accuracy_train`, `accuracy_val` and `accuracy_fake` of the discriminator, and `near_copies`. per_class:
    diversity of each class. absolute: whether the objective suffers from a discriminator that tells all images apart,
    as those do for which realness 0 means undecided. The limits are rules of thumb, wide enough for noise of a hundred
    images.
    """
    found = []
    train, val, fake = (figures[f"accuracy_{side}"] for side in ("train", "val", "fake"))
    if absolute and min(train, fake) > 0.95 and val > 0.75:
        found.append(
            Finding(
                "discriminator overpowers",
                f"it knows {train:.0%} of the training and {fake:.0%} of the fake images; near one half is healthy",
                "a lower discriminator_learning_rate or fewer discriminator_steps, a penalty (objective.r1), stronger "
                "diffaugment, or more steps for the generator to catch up",
            )
        )
    if train - val > 0.25:
        found.append(
            Finding(
                "discriminator memorises",
                f"it calls {train:.0%} of the training images real, but only {val:.0%} of the validation images",
                "diffaugment or ada_target, a penalty (objective.r1, lecam or consistency), fewer channels or steps, "
                "or more images (unlabelled ones count)",
            )
        )
    collapsed = {name: ratio for name, ratio in per_class.items() if ratio < 0.4}
    if collapsed:
        listed = ", ".join(f"{name} ({ratio:.0%})" for name, ratio in collapsed.items())
        found.append(
            Finding(
                "generator collapsed",
                f"images of these classes are much more alike than real ones (spread as a share of theirs): {listed}",
                "objective relativistic, larger batch_size, a lower learning_rate; if all classes are concerned, "
                "transition_start and transition_end",
            )
        )
    if figures["near_copies"] > 0.3:
        found.append(
            Finding(
                "generator copies",
                f"{figures['near_copies']:.0%} of its images are closer to a training image than 95 % of the "
                "validation images are",
                "fewer steps, diffaugment, fewer channels, or more images; do not share such images where the training "
                "images are private",
            )
        )
    return found


def _mean(parts: Iterable[np.ndarray]) -> float:
    """Mean of all values together; 0 if there are none."""
    values = np.concatenate([np.zeros(0), *parts])
    return float(values.mean()) if len(values) else 0.0


def as_json(
    figures: Mapping[str, float], per_class: Mapping[str, float], found: Sequence[Finding], step: int
) -> dict[str, object]:
    """Return the content of health.json."""
    return {
        "healthy": not found,
        "findings": [finding._asdict() for finding in found],
        "step_used": step,
        "figures": {name: round(value, 6) for name, value in figures.items()},
        "diversity": {name: round(value, 6) for name, value in per_class.items()},
    }
