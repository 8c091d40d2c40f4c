"""Is a GAN's training in good health? Measures, and findings that say what was seen and what to try.

Distances between images are Euclidean ones between their features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

COPY_QUANTILE = 0.05
"""Share of held-out images that count as near-copies: what an honest generator would have too."""


class Finding(NamedTuple):
    """Something that is wrong with a training."""

    name: str
    seen: str
    remedy: str


class Verdicts(NamedTuple):
    """How a discriminator's realness stands to one level, above which is real."""

    probability: float
    """Mean of σ(realness − level)."""
    above: float
    """Share above the level."""


def verdicts(realness: np.ndarray, level: float) -> Verdicts:
    """Sum up realness (N,)."""
    return Verdicts(float((0.5 * (1 + np.tanh((realness - level) / 2))).mean()), float((realness > level).mean()))


def kernel_distance(first: np.ndarray, second: np.ndarray) -> float:
    """Return the unbiased squared maximum mean discrepancy of features (N, F) and (M, F), cubic kernel.

    Bińkowski et al., Demystifying MMD GANs, 2018, eq. 4, with all images in one block. About 0, also below, for sets of
    one distribution. N and M are at least 2.
    """
    size, others, width = len(first), len(second), first.shape[1]
    within = sum((_kernel(one, one, width).sum() - np.trace(_kernel(one, one, width))) / (len(one) * (len(one) - 1))
                 for one in (first, second))  # fmt: skip
    return float(within - 2 * _kernel(first, second, width).sum() / (size * others))


def with_class(features: np.ndarray, labels: np.ndarray, classes: int, reference: np.ndarray) -> np.ndarray:
    """Return features (N, F), scaled by the spread of `reference` (M, F), joined with the class (N, K).

    A distance between such rows is one between joint distributions of image and class (DeVries et al., On the
    Evaluation of Conditional GANs, 2019): a good picture of the wrong class counts as wrong. Both parts weigh the same.
    """
    spread = np.sqrt(((reference - reference.mean(0)) ** 2).sum(1).mean()) + 1e-12
    rows = np.eye(classes, dtype=features.dtype)[labels]
    joined = np.concatenate([(features - reference.mean(0)) / spread, rows], axis=1)
    return joined * np.sqrt(joined.shape[1])  # the kernel divides by the width


def diversity(features: np.ndarray, labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray) -> dict[int, float]:
    """Return for each class how far its images lie apart, mean over pairs, as a ratio to that of the real images.

    features (N, F) and labels (N,) are the fake images', real (M, F) and real_labels (M,) those of held-out real ones:
    training images lie closer together in the features of a classifier that was trained on them. About 1 is healthy.
    Classes with fewer than two images on either side are left out.
    """
    ratios = {}
    for label in np.unique(labels).tolist():
        fakes, reals = features[labels == label], real[real_labels == label]
        if min(len(fakes), len(reals)) > 1 and (apart := _mean_distance(reals)) > 0:
            ratios[label] = _mean_distance(fakes) / apart
    return ratios


def near_copies(features: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """Return the share of fake images (N, F) that lie closer to a training image than all but 5 % of held-out ones.

    So an honest generator has about 0.05, and one that copies its training images has 1.
    """
    threshold = np.quantile(_nearest(held_out, train), COPY_QUANTILE)
    return float((_nearest(features, train) < threshold).mean())


def findings(figures: Mapping[str, float], per_class: Mapping[str, float]) -> list[Finding]:
    """Return what is wrong at the end of a training.

    figures: `accuracy_train`, `accuracy_val` and `accuracy_fake` of the discriminator, and `near_copies`. per_class:
    diversity of each class. The limits are rules of thumb, wide enough for noise of a hundred images.
    """
    found = []
    train, val, fake = (figures[f"accuracy_{side}"] for side in ("train", "val", "fake"))
    if min(train, fake) > 0.95 and val > 0.75:
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


def _kernel(first: np.ndarray, second: np.ndarray, width: int) -> np.ndarray:
    return (first @ second.T / width + 1) ** 3


def _distances(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(N, M): Euclidean distances of rows."""
    squares = (first**2).sum(1)[:, None] + (second**2).sum(1) - 2 * first @ second.T
    return np.sqrt(np.maximum(squares, 0))


def _mean_distance(features: np.ndarray) -> float:
    count = len(features)
    return float(_distances(features, features).sum() / (count * (count - 1)))


def _nearest(features: np.ndarray, others: np.ndarray) -> np.ndarray:
    return _distances(features, others).min(1)


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
