"""Judges the health of a GAN's training; each finding has evidence and a remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ganaug.core.errors import InputError
from ganaug.core.finding import Finding

FAR = 1.25
"""Largest healthy ratio of the distance of fake images from the validation images to that of training images. After the
default run and four others on digits and MNIST it was 0.9 to 1.18; after half the default run's steps, which cost a
classifier 6 to 8 points, it was 1.35 to 1.57 (docs/results/training-and-health.md)."""

COPIES = 0.3
"""Largest share of near-copies without a finding; of images that copy nothing it is 5% by definition."""


class DivergenceError(InputError):
    """Training cannot continue: a loss term or a gradient is not finite."""

    def __init__(self, name: str, value: float, step: int) -> None:
        self.step = step
        self.finding = Finding(
            "training diverged",
            f"{name} is {value} at step {step}",
            "a lower train_gan.learning_rate and discriminator_learning_rate, or trainer.precision 32-true",
        )
        super().__init__(f"{self.finding.name}: {self.finding.seen}; try {self.finding.remedy}")


def findings(figures: Mapping[str, float], per_class: Mapping[str, float], *, absolute: bool = True) -> list[Finding]:
    """Return the problems at the end of training, except for those of `distance_findings`.

    figures: `accuracy_train`, `accuracy_val` and `accuracy_fake` of the discriminator, and `near_copies`; for a
    generator that translates also `source_class` and, if it has noise, `source_effect`. per_class: diversity of each
    class. absolute: whether realness 0 means undecided; only such objectives suffer from a discriminator that separates
    all images. The thresholds are rules of thumb, wide enough for the noise of a hundred images.
    """
    return [
        *_of_discriminator(figures, absolute=absolute),
        *_of_generator(figures, per_class),
        *_of_translations(figures),
    ]


def _of_discriminator(figures: Mapping[str, float], *, absolute: bool) -> Iterator[Finding]:
    train, val, fake = (figures[f"accuracy_{side}"] for side in ("train", "val", "fake"))
    if absolute and min(train, fake) > 0.95 and val > 0.75:
        yield Finding(
            "discriminator overpowers",
            f"it is right about {train:.0%} of the training and {fake:.0%} of the fake images; about half is healthy",
            "a lower discriminator_learning_rate or fewer discriminator_steps, a penalty (objective.r1), stronger "
            "diffaugment, or more steps for the generator to catch up",
        )
    if train - val > 0.25:
        yield Finding(
            "discriminator memorises",
            f"it calls {train:.0%} of the training images real, but only {val:.0%} of the validation images",
            "diffaugment or ada_target, a penalty (objective.r1, lecam or consistency), fewer channels or steps, "
            "or more images (unlabelled ones help too)",
        )


def _of_generator(figures: Mapping[str, float], per_class: Mapping[str, float]) -> Iterator[Finding]:
    collapsed = {name: ratio for name, ratio in per_class.items() if ratio < 0.4}
    if collapsed:
        listed = ", ".join(f"{name} ({ratio:.0%})" for name, ratio in collapsed.items())
        yield Finding(
            "generator collapsed",
            f"images of these classes are much more alike than real ones (diversity, real = 100%): {listed}",
            "objective relativistic, a larger batch_size, a lower learning_rate; if all classes are affected, "
            "transition_start and transition_end",
        )
    if figures["near_copies"] > COPIES:
        yield Finding(
            "generator copies",
            f"{figures['near_copies']:.0%} of its images are closer to a training image than 95% of the "
            "validation images are",
            "fewer steps, diffaugment, fewer channels, or more images; do not share these images if the training "
            "images are private",
        )


def _of_translations(figures: Mapping[str, float]) -> Iterator[Finding]:
    if figures.get("source_class", 0.0) > 0.3:
        yield Finding(
            "translates nothing",
            f"classifiers take {figures['source_class']:.0%} of the translations for the class of their source",
            "a larger class_weights.generator, a smaller network.cycle and identity, more steps, or fewer blocks; keep "
            "only translations that classifiers take for their class (generate.policy hard_but_right)",
        )
    if figures.get("source_effect", 1.0) < 0.3:
        yield Finding(
            "ignores its source",
            f"another source image changes a translation only {figures['source_effect']:.0%} as much as unrelated "
            "translations differ",
            "a larger network.cycle, or network.z_dim 0",
        )


def distance_findings(distance: float, of_training_images: float, *, improving: bool) -> list[Finding]:
    """Return a finding if the generator's images are too far from the validation images.

    distance: see `mutual_distance`. of_training_images: the distance of the training images, which are real but of
    other groups. The fewer they are, the larger it is, so that a generator is not blamed for a small training set.
    improving: whether the last generator measured was the best; it usually is, because weights are averaged, so this
    alone is no problem.
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


def as_json(
    figures: Mapping[str, float], per_class: Mapping[str, float], problems: Sequence[Finding], step: int
) -> dict[str, object]:
    """Return the content of health.json. figures, per_class: see `findings`. step: the step of the kept generator."""
    return {
        "healthy": not problems,
        "findings": [finding._asdict() for finding in problems],
        "step_used": step,
        "figures": {name: round(value, 6) for name, value in figures.items()},
        "diversity": {name: round(value, 6) for name, value in per_class.items()},
    }
