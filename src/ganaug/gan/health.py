"""Health of a GAN's training: measurements, and findings with evidence and remedy.

Distances between images are Euclidean distances between their features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ganaug.classifier.near_copies import CopyDetector
from ganaug.core.errors import InputError
from ganaug.core.finding import Finding
from ganaug.core.neighbours import kth_neighbour_distance, nearest, spread

FAR = 1.25
"""Largest healthy ratio of the distance of fake images from the validation images to that of training images. With all
steps of the default run and of four others on digits and MNIST it is 0.9 to 1.18, with half of the default run's, which
cost a classifier 6 to 8 points, 1.35 to 1.57 (docs/results/training-and-health.md)."""


class DivergenceError(InputError):
    """Training cannot continue: a loss term or a gradient is not finite."""

    def __init__(self, name: str, value: float, step: int) -> None:
        self.step = step
        self.finding = Finding(
            "training diverged",
            f"{name} is {value} at step {step}",
            "lower train_gan.learning_rate and discriminator_learning_rate, or trainer.precision 32-true",
        )
        super().__init__(f"{self.finding.name}: {self.finding.seen}; try {self.finding.remedy}")


class RealnessSummary(NamedTuple):
    """A discriminator's realness of a set of images, relative to the threshold between fake and real."""

    probability: float
    """Mean of σ(realness − threshold)."""
    share_above: float
    """Share of images above the threshold."""


def summarise_realness(realness: np.ndarray, threshold: float) -> RealnessSummary:
    """Summarise realness, (N,) or (N, P). threshold: the realness between fake and real."""
    probability = float((0.5 * (1 + np.tanh((realness - threshold) / 2))).mean())
    return RealnessSummary(probability, float((realness > threshold).mean()))


def mutual_distance(
    features: np.ndarray, labels: np.ndarray, held_out: np.ndarray, held_out_labels: np.ndarray
) -> float:
    """Return the distance between fake and held-out real images, relative to the distances within the latter.

    features: (N, F) and labels: (N,) of the fake images; held_out: (M, F) and held_out_labels: (M,) of the real ones.
    Averages two distances to the nearest image of the same class, from fake to real (fidelity) and from real to fake
    (coverage), and divides by the distance from a real image to the nearest other one. Slightly below 1 for images of
    the same distribution if there are more fake ones; collapsed generators, blurred images and wrong classes all give
    large values. Use it only to compare generators with each other: on the default data, it ranks them as the accuracy
    of a classifier trained on their images does; distances between whole distributions do not (docs/results).
    """
    fakes_and_reals = [
        (features[labels == label], held_out[held_out_labels == label]) for label in np.unique(held_out_labels)
    ]
    compared = [(fakes, reals) for fakes, reals in fakes_and_reals if len(fakes)]
    fidelity = _mean(nearest(fakes, reals)[0] for fakes, reals in compared)
    coverage = _mean(nearest(reals, fakes)[0] for fakes, reals in compared)
    unit = _mean(kth_neighbour_distance(reals, 1) for _, reals in fakes_and_reals if len(reals) > 1)
    return (fidelity + coverage) / (2 * (unit or 1.0))  # no unit if each class has one image, or all are equal


def diversity(features: np.ndarray, labels: np.ndarray, real: np.ndarray, real_labels: np.ndarray) -> dict[int, float]:
    """Return the mean distance between pairs of fake images of each class, divided by that of real images.

    features: (N, F) and labels: (N,) of the fake images; real: (M, F) and real_labels: (M,) of held-out real ones, as
    training images lie closer together in the features of a classifier trained on them. About 1 is healthy. Classes
    with fewer than two fake or two real images are left out.
    """
    ratios = {}
    for label in np.unique(labels).tolist():
        fakes, reals = features[labels == label], real[real_labels == label]
        if min(len(fakes), len(reals)) > 1 and (real_spread := spread(reals)) > 0:
            ratios[label] = spread(fakes) / real_spread
    return ratios


def near_copies(features: np.ndarray, train: np.ndarray, held_out: np.ndarray) -> float:
    """Return the share, in [0, 1], of near-copies among fake images: the joint comparison of classifier/near_copies.py.

    features: (N, F), of the fake images. train: (M, F). held_out: (L, F). About 0.05 for a generator that does not
    copy, 1 for one that only copies.
    """
    return float(CopyDetector.fit([train], [held_out]).near_copies([features]).mean())


def source_effect(images: np.ndarray, with_other_sources: np.ndarray, labels: np.ndarray) -> float:
    """Return how much of the variety of translations comes from their sources: about 1 if all, 0 if none.

    images: (N, F), translations. with_other_sources: (N, F), the same with other sources, but equal noise and classes.
    labels: (N,), the classes they were made for. The median distance between the two, divided by that between
    translations of the same class that have nothing in common. 1 if these are all equal, or if no class has two.
    """
    distances = np.linalg.norm(images - with_other_sources, axis=1)
    unrelated = [np.roll(images[labels == label], 1, axis=0) - images[labels == label] for label in np.unique(labels)]
    unit = float(np.median(np.linalg.norm(np.concatenate(unrelated), axis=1)))
    return float(np.median(distances)) / unit if unit > 0 else 1.0


def findings(figures: Mapping[str, float], per_class: Mapping[str, float], *, absolute: bool = True) -> list[Finding]:
    """Return the problems at the end of training, except whether it was too short: `distance_findings`.

    figures: `accuracy_train`, `accuracy_val` and `accuracy_fake` of the discriminator, and `near_copies`; for a
    generator that translates also `source_class` and, if it has noise, `source_effect`. per_class: diversity of each
    class. absolute: whether realness 0 means undecided; only such objectives suffer from a discriminator that separates
    all images. The thresholds are rules of thumb, wide enough for the noise of a hundred images.
    """
    problems = []
    train, val, fake = (figures[f"accuracy_{side}"] for side in ("train", "val", "fake"))
    if absolute and min(train, fake) > 0.95 and val > 0.75:
        problems.append(
            Finding(
                "discriminator overpowers",
                f"it is right about {train:.0%} of the training and {fake:.0%} of the fake images; about half is "
                "healthy",
                "a lower discriminator_learning_rate or fewer discriminator_steps, a penalty (objective.r1), stronger "
                "diffaugment, or more steps for the generator to catch up",
            )
        )
    if train - val > 0.25:
        problems.append(
            Finding(
                "discriminator memorises",
                f"it calls {train:.0%} of the training images real, but only {val:.0%} of the validation images",
                "diffaugment or ada_target, a penalty (objective.r1, lecam or consistency), fewer channels or steps, "
                "or more images (unlabelled ones help too)",
            )
        )
    collapsed = {name: ratio for name, ratio in per_class.items() if ratio < 0.4}
    if collapsed:
        listed = ", ".join(f"{name} ({ratio:.0%})" for name, ratio in collapsed.items())
        problems.append(
            Finding(
                "generator collapsed",
                f"images of these classes are much more alike than real ones (diversity, real = 100%): {listed}",
                "objective relativistic, a larger batch_size, a lower learning_rate; if all classes are affected, "
                "transition_start and transition_end",
            )
        )
    if figures["near_copies"] > 0.3:
        problems.append(
            Finding(
                "generator copies",
                f"{figures['near_copies']:.0%} of its images are closer to a training image than 95% of the "
                "validation images are",
                "fewer steps, diffaugment, fewer channels, or more images; do not share these images if the training "
                "images are private",
            )
        )
    return problems + _translation_findings(figures)


def distance_findings(distance: float, of_training_images: float, *, improving: bool) -> list[Finding]:
    """Return what is wrong with a generator whose images are far from the validation images.

    distance: see `mutual_distance`. of_training_images: that of the training images, real ones of other groups. It is
    larger the fewer there are, so a generator is not blamed for having seen few. improving: whether the last generator
    that was measured was the best; it usually is, as the weights are averages, so this alone is no problem.
    """
    if distance <= FAR * of_training_images or of_training_images == 0:
        return []
    seen = (
        f"its images are {distance / of_training_images:.1f} times as far from the validation images as training images"
    )
    if improving:
        return [
            Finding(
                "generator undertrained",
                f"{seen}, and it was still getting better at the last step",
                "more train_gan.steps; or a larger learning_rate, which takes fewer steps",
            )
        ]
    return [
        Finding(
            "generator far from the real images",
            f"{seen}, and it did not get better towards the end",
            "more train_gan.steps if there were only hundreds, a lower learning_rate, objective relativistic, "
            "diffaugment, or balanced: true if classes have different numbers of images",
        )
    ]


def _translation_findings(figures: Mapping[str, float]) -> list[Finding]:
    problems = []
    if figures.get("source_class", 0.0) > 0.3:
        problems.append(
            Finding(
                "translates nothing",
                f"classifiers take {figures['source_class']:.0%} of the translations for the class of their source",
                "a larger class_weights.generator, less network.cycle and identity, more steps, or fewer blocks; keep "
                "only translations that classifiers take for their class (generate.policy hard_but_right)",
            )
        )
    if figures.get("source_effect", 1.0) < 0.3:
        problems.append(
            Finding(
                "ignores its source",
                f"another source image changes a translation only {figures['source_effect']:.0%} as much as two "
                "translations differ",
                "more network.cycle, or network.z_dim 0",
            )
        )
    return problems


def _mean(parts: Iterable[np.ndarray]) -> float:
    """Return the mean over the values of all parts; 0 if there are none."""
    values = np.concatenate([np.zeros(0), *parts])
    return float(values.mean()) if len(values) else 0.0


def as_json(
    figures: Mapping[str, float], per_class: Mapping[str, float], problems: Sequence[Finding], step: int
) -> dict[str, object]:
    """Return the content of health.json. figures, per_class: see `findings`. step: that of the generator kept."""
    return {
        "healthy": not problems,
        "findings": [finding._asdict() for finding in problems],
        "step_used": step,
        "figures": {name: round(value, 6) for name, value in figures.items()},
        "diversity": {name: round(value, 6) for name, value in per_class.items()},
    }
